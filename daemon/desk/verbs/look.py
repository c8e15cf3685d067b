"""What the desk tells to an agent who asks: ``/show``, ``/history``, ``/queue``. Pure."""

from __future__ import annotations

from typing import Any, Final

from daemon.desk.events import Event, EventKind
from daemon.desk.people import Team
from daemon.desk.verbs.catalogue import value_of
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.personal import table
from daemon.desk.verbs.phrases import phrase
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words

_LETTERS, _EVENTS, _TEXT = 20, 100, 2_000
_SHOWN: Final = (
    "type", "state", "priority", "priority_reason", "impact", "urgency", "team", "owner",
    "service", "category", "tags", "wait_reason", "wait_until", "due_at", "resolution_code",
    "parent", "merged_into", "spent_minutes", "csat", "breach_reason",
)  # fmt: skip


def _nothing(words: Words) -> None:
    words.nothing()


def _show(_: None, deed: Deed) -> None:
    ticket, language = deed.ticket, deed.speaker.language
    values = {name: getattr(ticket, name) for name in _SHOWN}
    lines = [f"{name.replace('_', ' ')}: {_said(value)}" for name, value in values.items() if value]
    deed.tell(Report(title=ticket.subject, lines=tuple(lines)))
    links = [link.seen_from(ticket.number) for link in deed.around.links(ticket.number)]
    links += [("parent of", child) for child in deed.around.children(ticket.number)]
    if links:
        told = tuple(f"{relation} #{other}" for relation, other in links)
        deed.tell(Report(title=phrase("links", language), lines=told))
    tasks = deed.tasks()
    if tasks:
        told = tuple(f"{one.number}. {one.title} · {one.state}" for one in tasks)
        deed.tell(Report(title=phrase("tasks", language), lines=told))
    for letter in list(deed.around.letters(ticket.number))[-_LETTERS:]:
        kind = phrase("internal" if letter.is_internal else "public", language)
        title = f"{letter.at:%Y-%m-%d %H:%M} · {letter.author} · {kind}"
        deed.tell(Report(title=title, lines=tuple(letter.text[:_TEXT].splitlines())))


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "strftime") else str(value)


def _history(_: None, deed: Deed) -> None:
    language = deed.speaker.language
    events = deed.history()[-_EVENTS:]
    rows = tuple((f"{one.at:%Y-%m-%d %H:%M}", one.actor, told(one)) for one in events)
    headings = tuple(phrase(name, language) for name in ("when", "who", "what"))
    deed.tell(Report(title=phrase("history", language), headings=headings, rows=rows))


def told(event: Event) -> str:
    """One event in a line, with its reason."""
    data = event.data
    reason = data.get("why") or data.get("because") or ""
    if event.kind in {EventKind.CHANGED, EventKind.CREATED}:
        text = ", ".join(_change(name, data) for name in data.get("set", {})) or event.kind.value
    else:
        parts = (f"{name} {value}" for name, value in data.items() if _is_told(name, value))
        text = " · ".join((event.kind.value, *parts))
    return f"{text} ({reason})" if reason else text


def _is_told(name: str, value: Any) -> bool:
    return name not in {"why", "because", "text"} and value not in ("", None, [])


def _change(name: str, data: Any) -> str:
    new, was = data["set"][name], data.get("was", {}).get(name)
    words = name.replace("_", " ")
    return f"{words} {was} → {new}" if was not in (None, "", []) else f"{words} {new}"


def _read_queue(words: Words) -> tuple[str, str]:
    if not words.text:
        return "", ""
    if value_of(words.text) == "all":
        return "*", ""
    found = words.holder()
    return (found.name, "") if isinstance(found, Team) else ("", found.name)


def _queue(whose: tuple[str, str], deed: Deed) -> None:
    team, owner = whose
    speaker = deed.speaker
    if not team and not owner:
        team = next((one.name for one in speaker.directory.teams_of(speaker.login)), "*")
    found = deed.around.queue("" if team == "*" else team, owner)
    owners = {one.owner for one in found if one.owner}
    away = frozenset(owner for owner in owners if deed.around.away_until(owner))
    deed.tell(table("queue", found, speaker, away))


def _read_find(words: Words) -> str:
    line = words.line("what, like state:open team:network printer")
    # Quotes around the last words are the query's own.
    return words.text or line


def _find(query: str, deed: Deed) -> None:
    found = deed.around.find(query, deed.speaker.login)
    deed.tell(table("found", found, deed.speaker))


def _read_switch(words: Words) -> bool:
    return words.choice(("on", "off")) == "on"


def _digest(is_wanted: bool, deed: Deed) -> None:
    deed.wishes.own["digest"] = is_wanted


VERBS: Final = (
    Verb(name="show", area=Area.LOOK, usage="/show", meaning="the whole ticket by return",
         read=_nothing, effect=_show),
    Verb(name="history", area=Area.LOOK, usage="/history",
         meaning="everything that happened to it, and why", read=_nothing, effect=_history),
    Verb(name="queue", area=Area.LOOK, usage="/queue [NAME|all]", is_free=True,
         meaning="what is to be done: of your team, of another, of an agent",
         read=_read_queue, effect=_queue),
    Verb(name="find", area=Area.LOOK, usage="/find QUERY", is_free=True,
         meaning='tickets, like state:open team:network owner:me pri<=P2 age>2d "printer"',
         read=_read_find, effect=_find),
    Verb(name="digest", area=Area.LOOK, usage="/digest on|off", is_free=True,
         meaning="your daily mail with what is to be done", read=_read_switch, effect=_digest),
)  # fmt: skip
