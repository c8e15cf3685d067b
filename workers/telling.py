"""Who is told what a mail's commands did: requesters, colleagues, those above."""

from __future__ import annotations

from typing import Any

from daemon.desk.events import EventKind
from daemon.desk.people import Agent
from daemon.desk.ticket import State
from daemon.desk.update import Change
from daemon.desk.verbs.deed import Deed
from daemon.store import messages
from workers import enclosing, tell
from workers.above import above
from workers.case import Case
from workers.enclosing import Held
from workers.farewell import farewell
from workers.notices.notice import Kind
from workers.rules.notices import REQUESTER


def tell_all(case: Case, deed: Deed, *held: Held) -> None:
    """Each person once, and nobody of what he did himself; ``held`` has more files to go along."""
    words = _words(case, deed)
    goes_out = deed.tells_requester and deed.speaker.agent
    enclosed = enclosing.enclosed(case, *held) if goes_out else {}
    _tell_requester(case, deed.change, words | enclosed, is_public=deed.tells_requester)
    if deed.text and not deed.tells_requester:
        case.teller.to_handlers(deed.ticket, Kind.NOTE, but=deed.speaker.login, **words)
    if deed.wishes.is_handed_over:
        _tell_new_handlers(case, deed, words)
    tell_beside(case, deed)


def tell_beside(case: Case, deed: Deed) -> None:
    """What was done to other tickets, whose help is asked for, and who got a task."""
    words = _words(case, deed)
    for change in deed.others.values():
        if change.events:
            _tell_requester(case, change, words, is_public=False)
    if deed.wishes.escalate is not None:
        _tell_above(case, deed, words, deed.wishes.escalate)
    _tell_of_tasks(case, deed, words)


def keeps_text_back(case: Case, deed: Deed) -> bool:
    """True when the requester hears what was done and not the text beside it, and nobody said so.

    An answer to an internal mail stays internal; its commands do what they do.
    """
    if not deed.text or deed.is_public or deed.wishes.is_internal is not None:
        return False
    return any(case.rules.notices.has(kind, REQUESTER) for kind in _ends(deed.change))


def _words(case: Case, deed: Deed) -> dict[str, Any]:
    agent = deed.speaker.agent
    return {
        "author": agent.full_name if agent else case.sender_name or case.sender,
        "author_address": deed.speaker.address,
        "text": deed.text,
        "unique": f"out{case.mail.id}",
        "handler": tell.handler_name(case.directory, deed.ticket),
    }


def _tell_requester(case: Case, change: Change, words: dict[str, Any], *, is_public: bool) -> None:
    ticket = change.ticket
    shown = words if is_public else {**words, "text": ticket.resolution}
    ends = _ends(change)
    if Kind.RESOLUTION in ends:
        case.teller.to_requester(ticket, Kind.RESOLUTION, **shown)
    elif Kind.MERGED in ends:
        case.teller.to_requester(ticket, Kind.MERGED, **shown, other=ticket.merged_into)
    elif is_public:
        case.teller.to_requester(ticket, Kind.PUBLIC_REPLY, **shown)
    if Kind.CLOSED in ends:
        unique = f"end{case.mail.id}"
        farewell(case.teller, ticket, **{**words, "text": "", "unique": unique})


def _ends(change: Change) -> tuple[Kind, ...]:
    """What the requester hears of whatever was written: the ticket has come to an end."""
    ticket, before = change.ticket, change.before
    ends = {
        Kind.RESOLUTION: ticket.state is State.RESOLVED and before.state is not State.RESOLVED,
        Kind.MERGED: bool(ticket.merged_into and not before.merged_into),
        Kind.CLOSED: ticket.state is State.CLOSED and before.state is not State.CLOSED,
    }
    return tuple(kind for kind, is_so in ends.items() if is_so)


def _tell_new_handlers(case: Case, deed: Deed, words: dict[str, Any]) -> None:
    case.writes.flush()
    thread = messages.of(case.tx, deed.ticket.number)
    first = next((entry for entry in thread if entry.direction == "in"), None)
    story = {**words, "unique": f"own{case.mail.id}", "text": first.text if first else ""}
    case.teller.to_handlers(
        deed.ticket,
        Kind.ASSIGNED,
        but=deed.speaker.login,
        **story,
        due=tell.due_of(case.tx, deed.ticket),
    )


def _tell_above(case: Case, deed: Deed, words: dict[str, Any], reason: str) -> None:
    """Whoever is next on the ladder; where nobody is, the admins."""
    ticket = deed.ticket
    agents = above(case, ticket, but=deed.speaker.login)
    if not agents:
        who = words["author"]
        title = f"#{ticket.number}: {who} asks for help"
        key = f"esc{case.mail.id}"
        case.teller.to_admins(key, title=title, details=reason or ticket.subject)
        return
    asked = {**words, "unique": f"esc{case.mail.id}", "text": reason or deed.text}
    due = tell.due_of(case.tx, ticket)
    case.teller.to_agents(agents, ticket, Kind.ESCALATION, **asked, due=due)


def _tell_of_tasks(case: Case, deed: Deed, words: dict[str, Any]) -> None:
    for event in deed.change.events:
        if event.kind is not EventKind.TASK or event.data["what"] != "added":
            continue
        data = event.data
        told = {
            **words,
            "unique": f"task{case.mail.id}-{data['task']}",
            "text": f"{data['task']}. {data['title']}",
        }
        agents = _doers(case, data["owner"], data["team"], but=deed.speaker.login)
        case.teller.to_agents(agents, deed.ticket, Kind.ASSIGNED, **told)


def _doers(case: Case, owner: str, team: str, *, but: str) -> tuple[Agent, ...]:
    agent = case.directory.agent(owner)
    found = (agent,) if agent else case.directory.members(team) if team else ()
    return tuple(one for one in found if one.name != but)
