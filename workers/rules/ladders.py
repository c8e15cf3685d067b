"""escalation.yaml's ladders: who is told when, rung by rung. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

from daemon.desk.people import Directory
from workers.rules import duration, schema
from workers.rules.calendars import Calendars
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node, Scalar
from workers.rules.people import ROLES
from workers.sla.ladder import BREACH, Again, Ladder, Rung, rank_after

#: A ladder that is not only a list of rungs, and what there is to say of a rung.
LADDER = ("calendar", "rungs")
LADDER_NEEDS = ("rungs",)
RUNG = ("at", "every", "to", "ask", "do", "until")
RUNG_NEEDS = ("to",)
DOES = ("pri",)
QUESTIONS = ("why",)
_PERCENT = re.compile(r"(\d{1,3}) ?%", re.ASCII)
_RAISE = re.compile(r"\+([1-3])", re.ASCII)
_ACK = re.compile(r"ack(?: (.+))?", re.ASCII)
#: How admins may write a role, too.
ALSO = {"team.lead": "lead", "team.manager": "manager"}


def read(
    node: Node, directory: Directory, calendars: Calendars, found: Findings
) -> dict[str, Ladder]:
    """The ladders by name; mistakes go into ``found``."""
    return {
        entry.key.text: _ladder(entry, directory, calendars, found)
        for entry in schema.items(node, found)
    }


def _ladder(entry: Entry, directory: Directory, calendars: Calendars, found: Findings) -> Ladder:
    """A list of rungs, or a mapping with the calendar by which the time after a breach counts."""
    node, calendar = entry.value, None
    if isinstance(node, Mapping):
        what = f"ladder {entry.key.text!r}"
        fields = schema.keys(node, found, of=what, known=LADDER, needed=LADDER_NEEDS)
        if "calendar" in fields:
            calendar = calendars.named(fields["calendar"].value, found)
        if "rungs" not in fields:
            return Ladder()
        node = fields["rungs"].value
    rungs: dict[int, Rung] = {}
    again, quiet = None, Ladder().quiet
    for item in schema.elements(node, found):
        fields = schema.keys(item, found, of="a rung", known=RUNG, needed=RUNG_NEEDS)
        to = told(fields["to"].value, directory, found) if "to" in fields else ()
        raises = _raises(fields, found)
        if "every" in fields:
            every = duration.read(fields["every"].value, found)
            again = Again(every=every, to=to, raises=raises)
            quiet = _until(fields, found) or quiet
        elif "at" in fields:
            rank = _rank(fields["at"].value, found)
            if rank in rungs:
                found.add(item.mark, "a second rung at the same time", "name all in one 'to:'")
            rungs[rank] = Rung(rank=rank, to=to, asks=_asks(fields, found), raises=raises)
        else:
            found.add(item.mark, "when is this rung?", "expected 'at: …' or 'every: …'")
    ordered = tuple(rungs[rank] for rank in sorted(rungs))
    return Ladder(rungs=ordered, again=again, quiet=quiet, calendar=calendar)


def _rank(node: Node, found: Findings) -> int:
    """``75%``, ``100%``, ``breach``, ``breach+2h``."""
    text = schema.text(node, found)
    word, plus, rest = (part.strip() for part in text.partition("+"))
    form = _PERCENT.fullmatch(text)
    if form and 1 <= int(form[1]) <= BREACH:
        return int(form[1])
    if word == "breach" and not plus:
        return BREACH
    if word == "breach" and rest:
        return rank_after(duration.read(Scalar(mark=node.mark, text=rest), found))
    if text:
        hint = "expected such as 75%, breach, breach+2h"
        found.add(node.mark, f"{text!r} is no time on a ladder", hint)
    return BREACH


def _asks(fields: dict[str, Entry], found: Findings) -> bool:
    if "ask" not in fields:
        return False
    return bool(schema.choice(fields["ask"].value, found, what="question", known=QUESTIONS))


def _raises(fields: dict[str, Entry], found: Findings) -> int:
    """``do: {pri: +1}``"""
    if "do" not in fields:
        return 0
    parts = schema.keys(fields["do"].value, found, of="'do'", known=DOES, needed=DOES)
    if "pri" not in parts:
        return 0
    node = parts["pri"].value
    form = _RAISE.fullmatch(node.text) if isinstance(node, Scalar) else None
    if form is None:
        found.add(node.mark, "this raises no priority", "expected +1, +2 or +3")
        return 0
    return int(form[1])


def _until(fields: dict[str, Entry], found: Findings) -> timedelta | None:
    """``until: [ack 4h, resolved]``: what ends it, and for how long an ``/ack`` does."""
    quiet = None
    for text, node in schema.texts(fields["until"].value, found) if "until" in fields else ():
        form = _ACK.fullmatch(text)
        if form is not None and form[1]:
            quiet = duration.read(Scalar(mark=node.mark, text=form[1]), found)
        elif form is None and text != "resolved":
            found.unknown(node.mark, "end", text, ("ack", "resolved"))
    return quiet


def told(node: Node, directory: Directory, found: Findings) -> tuple[tuple[str, ...], ...]:
    """Whom ``to:`` names, each with the alternatives that ``owner|team`` gives."""
    names = []
    for text, place in schema.texts(node, found):
        words = (_somebody(word.strip(), place, directory, found) for word in text.split("|"))
        names.append(tuple(dict.fromkeys(filter(None, words))))
    return tuple(dict.fromkeys(filter(None, names)))


def _somebody(word: str, node: Node, directory: Directory, found: Findings) -> str:
    """A role as it is; of ``agent:NAME`` and ``team:NAME`` the name: no two share one."""
    word = ALSO.get(word, word)
    if word in ROLES:
        return word
    agents = {f"agent:{agent.name}": agent.name for agent in directory.agents}
    teams = {f"team:{team.name}": team.name for team in directory.teams}
    known = {**agents, **teams}
    if word not in known:
        found.unknown(node.mark, "recipient", word, (*ROLES, *known))
    return known.get(word, "")
