"""Whose thread a mail is: from the strongest evidence to the weakest (mail.md, principle 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from daemon.desk.people import fold
from daemon.desk.ticket import Ticket
from daemon.errors import UnknownTicket
from daemon.mail.address import Purpose, Token
from daemon.mail.message import Message
from daemon.mail.thread import Evidence, evidence
from daemon.store import inbox as inbox_rows
from daemon.store import messages, tickets
from daemon.store.engine import Tx
from daemon.store.inbox import Claimed
from workers.desk import Desk

#: How long a reply waits for a parent that has arrived but was not taken in.
_PATIENCE = timedelta(minutes=10)


class Because(StrEnum):
    """What placed a mail."""

    TOKEN = "token"  # noqa: S105  a word, no secret
    REFERENCE = "reference"
    SUBJECT = "subject"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a mail belongs."""

    ticket: Ticket | None = None
    because: Because = Because.NOTHING
    #: The signed token that placed it, if one did.
    token: Token | None = None
    #: A ticket that it may be about, without proof: gives a link, no rights.
    possibly: int | None = None
    #: Its parent has arrived but was not taken in yet.
    must_wait: bool = False
    #: Message-IDs that it answers and that nobody has seen.
    unknown_parents: tuple[str, ...] = ()


def place(tx: Tx, desk: Desk, mail: Claimed, message: Message, now: datetime) -> Placement:
    """Find the ticket of a mail, locked until the commit; or that it needs a new one."""
    ctx = desk.ctx
    found = evidence(message, mail.envelope, ctx.settings.addresses, ctx.key)
    return (
        _by_token(tx, found)
        or _by_reference(tx, mail, message, found, now)
        or _by_subject(tx, mail, message, found)
    )


def _by_token(tx: Tx, found: Evidence) -> Placement | None:
    tokens = (*found.tokens, *(token for _, token in found.own_ids))
    for token in tokens:
        if token.purpose is not Purpose.BOUNCE and (ticket := _ticket(tx, token.subject)):
            return Placement(ticket=ticket, because=Because.TOKEN, token=token)
    return None


def _by_reference(
    tx: Tx, mail: Claimed, message: Message, found: Evidence, now: datetime
) -> Placement | None:
    """By a Message-ID that we know, for somebody whom the thread knows (attack 37)."""
    sender = fold(message.from_.address) if message.from_ else ""
    known = messages.tickets_of(tx, found.foreign_ids)
    numbers = [known[parent] for parent in found.foreign_ids if parent in known]
    if message.message_id and not numbers:
        numbers = list(messages.awaiting(tx, message.message_id))
    for number in numbers:
        if sender in messages.participants(tx, number) and (ticket := _ticket(tx, number)):
            return Placement(ticket=ticket, because=Because.REFERENCE)
    if numbers:
        return Placement(possibly=numbers[0])
    if not found.foreign_ids:
        return None
    is_young = now - mail.received_at < _PATIENCE
    if is_young and inbox_rows.is_on_its_way(tx, found.foreign_ids, mail.id):
        return Placement(must_wait=True)
    placed = _by_subject(tx, mail, message, found)
    return placed if placed.ticket else Placement(unknown_parents=found.foreign_ids)


def _by_subject(tx: Tx, mail: Claimed, message: Message, found: Evidence) -> Placement:
    """By ``[#n]``: only a participant whose sender was checked on the way; else just a hint."""
    sender = fold(message.from_.address) if message.from_ else ""
    for number in found.subject_numbers:
        ticket = _ticket(tx, number)
        if ticket is None:
            continue
        is_checked = mail.envelope.trusted and message.from_is_strict
        if is_checked and sender in messages.participants(tx, number):
            return Placement(ticket=ticket, because=Because.SUBJECT)
        return Placement(possibly=number)
    return Placement()


def _ticket(tx: Tx, number: int) -> Ticket | None:
    try:
        return tickets.get(tx, number, lock=True)
    except UnknownTicket:
        return None
