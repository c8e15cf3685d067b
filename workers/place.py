"""Whose thread a mail is: from the strongest evidence to the weakest (mail.md, principle 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
#: Tickets that one kind of evidence may name before it says nothing.
_TRIED = 5


class Because(StrEnum):
    """What placed a mail."""

    TOKEN = "token"  # noqa: S105  a word, no secret
    REFERENCE = "reference"
    CONVERSATION = "conversation"
    SUBJECT = "subject"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a mail belongs."""

    #: Where the thread goes on: of merged tickets the one that is left.
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
    #: Weaker evidence that named another ticket: what it was, and which.
    conflicts: tuple[tuple[str, int], ...] = ()


def place(case: Case) -> Placement:
    """Find the ticket of a mail, locked until the commit; or that it needs a new one."""
    ctx = case.desk.ctx
    found = evidence(case.message, case.mail.envelope, ctx.settings.addresses, ctx.keys)
    placed = _by_token(case, found) or _by_hearsay(case, found)
    conflicts = tuple(_conflicts(case, found, placed))
    return replace(placed, conflicts=conflicts) if conflicts else placed


def _by_token(case: Case, found: Evidence) -> Placement | None:
    tokens = [*found.tokens, *(token for _, token in found.own_ids)]
    # A mail to both of a ticket's addresses stays inside: the note's address wins (attack 36).
    tokens.sort(key=lambda token: token.purpose is not Purpose.NOTE)
    for token in tokens:
        if token.purpose in {Purpose.REPLY, Purpose.NOTE} and (
            ticket := _ticket(case, token.subject)
        ):
            return Placement(ticket=ticket, because=Because.TOKEN, token=token)
    return None


def _by_hearsay(case: Case, found: Evidence) -> Placement:
    """By what anybody can write: only for somebody whom the thread knows (attack 37)."""
    referred = _referred_to(case, found)
    if placed := _of_participant(case, referred, Because.REFERENCE):
        return placed
    if not referred and _must_wait(case, found):
        return Placement(must_wait=True)
    conversation = _in_conversation(case, found)
    if placed := _of_participant(case, conversation, Because.CONVERSATION):
        return placed
    named = [each for each in found.subject_numbers if _ticket(case, each, lock=False)]
    # A number is the weakest hint: who it comes from must have been checked on the way.
    known = named[:1] if case.checked.is_checked else []
    if placed := _of_participant(case, known, Because.SUBJECT):
        return placed
    return Placement(
        possibly=next(iter((*referred, *conversation, *named)), None),
        unknown_parents=() if referred else found.foreign_ids,
    )


def _of_participant(case: Case, numbers: Sequence[int], because: Because) -> Placement | None:
    """The first of the tickets in whose mails the author takes part."""
    for number in numbers[:_TRIED]:
        if persons.takes_part(case, number) and (ticket := _ticket(case, number)):
            return Placement(ticket=ticket, because=because)
    return None


def _must_wait(case: Case, found: Evidence) -> bool:
    """True while its parent is in the inbox, or became a message since we looked."""
    is_young = case.now - case.mail.received_at < _PATIENCE
    if not found.foreign_ids or not is_young:
        return False
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
    return list(dict.fromkeys(numbers))


def _in_conversation(case: Case, found: Evidence) -> list[int]:
    """Tickets of the same Outlook conversation, the newest first."""
    if not found.conversation:
        return []
    case.writes.before([("conversation", found.conversation)])
    return messages.in_conversation(case.tx, found.conversation)


def _conflicts(case: Case, found: Evidence, placed: Placement) -> Iterator[tuple[str, int]]:
    """What names another ticket than the one that was chosen, and is not the same by a merge."""
    if placed.ticket is None:
        return
    for what, number in _named(case, found, placed.because):
        other = _ticket(case, number, lock=False)
        if other and other.number != placed.ticket.number:
            yield what, number


def _named(case: Case, found: Evidence, because: Because) -> Iterator[tuple[str, int]]:
    """Each kind of evidence, but for what decided, with the ticket that it names first."""
    for token in found.tokens:
        if token.purpose is not Purpose.BOUNCE:
            yield "address", token.subject
    for _, token in found.own_ids[:1]:
        yield "message-id", token.subject
    if found.foreign_ids and because is not Because.REFERENCE:
        yield from (("reference", number) for number in _referred_to(case, found)[:1])
    for number in found.subject_numbers[:3]:
        yield "subject", number


def _ticket(case: Case, number: int, *, lock: bool = True) -> Ticket | None:
    """The ticket in which that one goes on; None where there is none."""
    case.writes.before([("ticket", number)])
    try:
        return tickets.survivor(case.tx, number, lock=lock)
    except UnknownTicket:
        return None
