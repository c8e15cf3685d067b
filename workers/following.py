"""A mail on a ticket that is there, from somebody who does not work it: kept, and told on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from daemon.desk.events import EventKind
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change, may_reopen
from daemon.mail.away import away_until
from daemon.mail.message import Automatic
from daemon.mail.proof import Proof
from daemon.store import messages, tickets
from daemon.store.inbox import Settled
from daemon.store.messages import Entry
from workers import asking, inviting, opening, persons, speaking, tell
from workers.asking import Asked
from workers.case import Case
from workers.notices.notice import Act, Kind
from workers.place import Placement
from workers.rules.trigger import Trigger


def wrote_again(case: Case, ticket: Ticket, proof: Proof) -> Settled:
    """A participant's words: public, they reopen what was resolved, and its handlers are told."""
    change = Change(ticket)
    person = persons.author(case)
    asked = asking.asked(case, change, person)
    authority = "participant" if proof.level else "sender-checked"
    if asked.is_silent or asking.only_thanks(case, ticket, asked):
        return _said_nothing_new(case, asked, proof, authority)
    window = timedelta(days=case.desk.ctx.settings.reopen_days)
    if not may_reopen(ticket, case.now, window):
        return opening.opened(case, Placement(), follow_up_of=ticket.number)
    asking.hear(case, asked)
    is_proven = bool(proof.level) or case.checked.is_checked
    inviting.invite(case, change, person.id, is_proven=is_proven)
    case.record(change, f"person:{person.id}", proof, direction="in", visibility="public")
    speaking.keep(case, asked.deed, Trigger.REQUESTER_REPLIED)
    shown = {"person": person.id, "authority": authority, "reply": asked.text}
    messages.add(case.writes, _entry(case, ticket, proof, **shown))
    asking.inform(case, asked)
    acts = inviting.offers(change)
    _tell_handlers(case, change.ticket, Kind.REQUESTER_REPLIED, text=asked.text, acts=acts)
    return case.settled("reply", ticket.number, authority=authority)


def _said_nothing_new(case: Case, asked: Asked, proof: Proof, authority: str) -> Settled:
    """Commands alone, or thanks for what is resolved: kept; told only what changed a state."""
    deed, number = asked.deed, asked.deed.ticket.number
    if asked.text:
        facts = {"direction": "in", "visibility": "public", "thanks": True}
        case.record(deed.change, deed.speaker.actor, proof, **facts)
    was = deed.change.before.state
    speaking.keep(case, deed)
    kept = {"person": deed.speaker.person, "authority": authority}
    visibility = "public" if asked.text else "internal"
    messages.add(case.writes, _entry(case, deed.ticket, proof, visibility=visibility, **kept))
    asking.inform(case, asked)
    if deed.ticket.state is not was:
        text = "\n".join(asked.lines)
        _tell_handlers(case, deed.ticket, Kind.REQUESTER_REPLIED, text=text)
    return case.settled("reply" if asked.text else "command", number, authority=authority)


def noted_automatic(case: Case, ticket: Ticket, proof: Proof) -> Settled:
    """A machine's words: kept where agents see them; nothing is answered, reopened or stopped."""
    change = Change(ticket)
    case.record(change, "desk", proof, direction="in", visibility="internal")
    if case.message.automatic is Automatic.AUTO_REPLY:
        _note_absence(case, change)
    tickets.save(case.tx, change, case.mail.id)
    messages.add(case.writes, _entry(case, ticket, proof, visibility="internal"))
    return case.settled("automatic", ticket.number, authority=proof.level.name.lower())


def _note_absence(case: Case, change: Change) -> None:
    """Somebody is away, and his answer may tell until when: for agents to read, no more."""
    until = away_until(f"{case.message.subject}\n{case.message.reply}", case.now.date())
    change.record(
        case.now,
        "desk",
        EventKind.AWAY,
        address=case.sender_key,
        until=until.isoformat() if until else "",
    )


def kept_unverified(case: Case, ticket: Ticket, proof: Proof) -> Settled:
    """Words whose author is not proven: internal, flagged, and without any effect."""
    change = Change(ticket)
    case.record(change, "desk", proof, direction="in", visibility="internal")
    tickets.save(case.tx, change, case.mail.id)
    entry = _entry(case, ticket, proof, visibility="internal", unverified=True)
    messages.add(case.writes, entry)
    _tell_handlers(case, ticket, Kind.UNVERIFIED, details=(proof.because,))
    return case.settled("unverified", ticket.number, authority="none")


def _entry(case: Case, ticket: Ticket, proof: Proof, **fields: Any) -> Entry:
    """The mail as a message, with the better of the grounds that its author has."""
    because = proof.because if proof.level or not case.checked.is_checked else case.checked.because
    return case.entry(ticket.number, proof=because, **fields)


def _tell_handlers(
    case: Case,
    ticket: Ticket,
    kind: Kind,
    *,
    details: tuple[str, ...] = (),
    text: str | None = None,
    acts: tuple[Act, ...] = (),
) -> None:
    author = case.directory.agent_at(case.sender)
    but = author.name if author and kind is not Kind.UNVERIFIED else ""
    case.teller.to_handlers(
        ticket,
        kind,
        but=but,
        unique=f"in{case.mail.id}",
        author=case.sender_name or case.sender,
        author_address=case.sender,
        text=case.message.reply if text is None else text,
        details=details,
        acts=acts,
        due=tell.due_of(case.tx, ticket),
        handler=tell.handler_name(case.directory, ticket),
    )
