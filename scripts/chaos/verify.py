"""The count afterwards: the givers' books, the ledger, the mailbox and the sink must agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from daemon.desk.events import evolve
from daemon.desk.ticket import Ticket
from daemon.store import tables, tickets
from daemon.store.engine import Store
from scripts.bench.sink import Taken
from scripts.chaos.given import Books, Given

_OPENED = "ticket"
_DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The desk's own rows, read at once."""

    inbox: tuple[Any, ...]
    messages: tuple[Any, ...]
    outbox: tuple[Any, ...]
    tickets: tuple[Ticket, ...]
    #: Tickets as their events tell.
    told: tuple[Ticket, ...]
    last_number: int

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits any more."""
        return all(row.state != "received" for row in self.inbox) and all(
            row.state not in {"queued", "sending"} for row in self.outbox
        )


def read(store: Store) -> Ledger:
    """All rows in one view. Raises StoreError."""
    inbox, messages, outbox = tables.inbox, tables.messages, tables.outbox
    small = [column for column in outbox.c if column.name != "raw"]
    named = [messages.c[name] for name in ("message_id", "ticket", "direction")]
    with store.read() as tx:
        rows = tx.execute(tables.tickets.select().order_by(tables.tickets.c.number)).all()
        found = tuple(tickets.ticket_of(row) for row in rows)
        counter = tx.execute(
            tables.counters.select().where(tables.counters.c.name == "ticket")
        ).one()
        return Ledger(
            inbox=tuple(tx.execute(inbox.select())),
            messages=tuple(tx.execute(messages.select().with_only_columns(*named))),
            outbox=tuple(tx.execute(outbox.select().with_only_columns(*small))),
            tickets=found,
            told=tuple(_told(tx, ticket) for ticket in found),
            last_number=int(counter.value),
        )


def _told(tx: Any, ticket: Ticket) -> Ticket:
    """The ticket from nothing, by its events alone."""
    value = Ticket(
        number=ticket.number,
        requester=ticket.requester,
        created_at=ticket.created_at,
        updated_at=ticket.created_at,
    )
    for event in tickets.history(tx, ticket.number):
        value = evolve(value, event)
    return value


def findings(books: Books, ledger: Ledger, sink: list[Taken]) -> Iterator[str]:
    """Every promise that was broken, in words."""
    yield from books.wrongs
    yield from _arrivals(books, ledger)
    yield from _threads(books, ledger)
    yield from _acknowledgements(ledger, sink)
    yield from _folds(ledger)


def _arrivals(books: Books, ledger: Ledger) -> Iterator[str]:
    """Each mail is in the ledger: once as itself, else as a duplicate that is explained."""
    rows = defaultdict[str, list[Any]](list)
    for row in ledger.inbox:
        rows[row.message_id].append(row)
        if row.state != "done":
            yield f"inbox {row.id} is {row.state}: {row.error}"
    for given in books.given:
        found = rows.pop(given.mail.message_id, [])
        if given.is_promised and not found:
            yield f"lost: {given.mail.message_id}"
        firsts = [row for row in found if row.fate != _DUPLICATE]
        if found and len(firsts) != 1:
            yield f"doubled: {given.mail.message_id} is {[row.fate for row in found]}"
        if len(found) > given.offers + given.by_imap:
            yield f"{given.mail.message_id}: {len(found)} rows from {given.offers} offers"
        yield from _once_from_mailbox(given, found)
    for unknown in rows:
        yield f"nobody gave {unknown}"


def _once_from_mailbox(given: Given, found: list[Any]) -> Iterator[str]:
    taken = sum(row.source == "imap" for row in found)
    if taken != given.is_in_mailbox:
        yield f"{given.mail.message_id}: taken {taken} times from the mailbox"


def _threads(books: Books, ledger: Ledger) -> Iterator[str]:
    """Each mail is one message, each thread one ticket."""
    of_mail = defaultdict[str, list[int]](list)
    for row in ledger.messages:
        if row.direction == "in":
            of_mail[row.message_id].append(row.ticket)
    of_thread = defaultdict[str, set[int]](set)
    for given in books.given:
        found = of_mail[given.mail.message_id]
        of_thread[given.opener].update(found)
        if len(found) != 1:
            yield f"{given.mail.message_id} is {len(found)} messages"
    for thread, numbers in of_thread.items():
        if len(numbers) != 1:
            mails = [
                (one.mail.message_id, one.thread) for one in books.given if one.opener == thread
            ]
            yield f"thread {thread} is {len(numbers)} tickets {sorted(numbers)}: {mails}"
    count = len(ledger.tickets)
    if not count == ledger.last_number == len(books.threads):
        yield f"{len(books.threads)} threads, {count} tickets, last number {ledger.last_number}"


def _acknowledgements(ledger: Ledger, sink: list[Taken]) -> Iterator[str]:
    """Decided once for each ticket, taken at least once, and byte for byte the same each time."""
    taken = defaultdict[str, list[Taken]](list)
    for mail in sink:
        taken[mail.message_id].append(mail)
    decided = Counter(row.ticket for row in ledger.outbox if row.kind == "acknowledgement")
    for ticket in ledger.tickets:
        if decided[ticket.number] != 1:
            yield f"ticket {ticket.number} has {decided[ticket.number]} acknowledgements"
    for row in ledger.outbox:
        mails = taken.pop(row.message_id, [])
        if row.state != "sent":
            yield f"outbox {row.id} is {row.state}: {row.last_reply}"
        yield from _at_the_sink(f"outbox {row.id} ({row.kind}, {row.state})", mails)
    for unknown in taken:
        yield f"the sink took {unknown}, which nobody decided"


def _at_the_sink(what: str, mails: list[Taken]) -> Iterator[str]:
    if not mails:
        yield f"{what} never reached the sink"
    if len({mail.digest for mail in mails}) > 1:
        yield f"{what} was repeated with other bytes"


def _folds(ledger: Ledger) -> Iterator[str]:
    """A ticket is the sum of its events."""
    for row, told in zip(ledger.tickets, ledger.told, strict=True):
        if row != told:
            yield f"ticket {row.number} is not what its events tell: {row} / {told}"
