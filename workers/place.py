"""Whose thread a mail is: from the strongest evidence to the weakest (mail.md, principle 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from daemon.desk.ticket import Ticket
from daemon.errors import UnknownTicket
from daemon.mail.address import Purpose, Token
from daemon.mail.thread import Evidence, evidence
from daemon.store import inbox, messages, tickets
from workers import persons
from workers.case import Case

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


def place(case: Case) -> Placement:
    """Find the ticket of a mail, locked until the commit; or that it needs a new one."""
    ctx = case.desk.ctx
    found = evidence(case.message, case.mail.envelope, ctx.settings.addresses, ctx.keys)
    return _by_token(case, found) or _by_reference(case, found) or _by_subject(case, found)


def _by_token(case: Case, found: Evidence) -> Placement | None:
    tokens = [*found.tokens, *(token for _, token in found.own_ids)]
    # A mail to both of a ticket's addresses stays inside: the note's address wins (attack 36).
    tokens.sort(key=lambda token: token.purpose is not Purpose.NOTE)
    for token in tokens:
        if token.purpose is not Purpose.BOUNCE and (ticket := _ticket(case, token.subject)):
            return Placement(ticket=ticket, because=Because.TOKEN, token=token)
    return None


def _by_reference(case: Case, found: Evidence) -> Placement | None:
    """By a Message-ID that we know, for somebody whom the thread knows (attack 37)."""
    numbers = _referred_to(case, found)
    for number in numbers:
        ticket = _ticket(case, number)
        if ticket and persons.takes_part(case, number):
            return Placement(ticket=ticket, because=Because.REFERENCE)
    if numbers:
        return Placement(possibly=numbers[0])
    if not found.foreign_ids:
        return None
    is_young = case.now - case.mail.received_at < _PATIENCE
    if is_young and _is_parent_coming(case, found):
        return Placement(must_wait=True)
    placed = _by_subject(case, found)
    return placed if placed.ticket else Placement(unknown_parents=found.foreign_ids)


def _is_parent_coming(case: Case, found: Evidence) -> bool:
    """Whether to wait: its parent is in the inbox, or became a message since we looked."""
    if inbox.is_on_its_way(case.tx, found.foreign_ids, case.mail.id):
        return True
    # Another worker may have committed it between our two looks.
    return bool(messages.tickets_of(case.tx, found.foreign_ids))


def _referred_to(case: Case, found: Evidence) -> list[int]:
    """Tickets of the mails that it answers, nearest first; else of those that await it or them."""
    case.writes.before(("id", parent) for parent in found.foreign_ids)
    known = messages.tickets_of(case.tx, found.foreign_ids)
    numbers: list[int] = [known[parent] for parent in found.foreign_ids if parent in known]
    if case.message.message_id and not numbers:
        numbers.extend(case.known.awaiting(case.message.message_id))
    for parent in found.foreign_ids if not numbers else ():
        numbers.extend(case.known.awaiting(parent))  # another answer to it came before, too
    return numbers


def _by_subject(case: Case, found: Evidence) -> Placement:
    """By ``[#n]``: only a participant whose sender was checked on the way; else just a hint."""
    for number in found.subject_numbers:
        ticket = _ticket(case, number)
        if ticket is None:
            continue
        if case.checked.is_checked and persons.takes_part(case, number):
            return Placement(ticket=ticket, because=Because.SUBJECT)
        return Placement(possibly=number)
    return Placement()


def _ticket(case: Case, number: int) -> Ticket | None:
    case.writes.before([("ticket", number)])
    try:
        return tickets.get(case.tx, number, lock=True)
    except UnknownTicket:
        return None
