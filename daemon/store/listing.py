"""Rows as the commands show them: read only, page by page, so that a long ledger fits in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, LargeBinary, Row, Select, func, select

from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket
from daemon.mail.limits import PEEK_BYTES
from daemon.store.engine import Store, Tx
from daemon.store.tables import clocks, inbox, inbox_raw, outbox, people, tickets, watchers
from daemon.store.tickets import ticket_of
from daemon.store.watchers import IS_STILL

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """An arrival as the ledger has it, without its bytes."""

    id: int
    source: str
    received_at: datetime
    #: Reverse-path of the envelope.
    sender: str
    recipients: tuple[str, ...]
    peer: str
    trusted: bool
    size: int
    sha256: str
    message_id: str
    state: str
    due_at: datetime | None
    attempts: int
    error: str | None
    fate: str | None
    ticket: int | None
    duplicate_of: int | None
    authority: str | None
    from_address: str | None
    subject: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail that the desk decided to send, without its bytes."""

    id: int
    created_at: datetime
    kind: str
    ticket: int | None
    message_id: str
    recipient: str
    state: str
    due_at: datetime | None
    attempts: int
    last_reply: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A ticket with what stands in other tables about it."""

    ticket: Ticket
    #: The requester's address.
    requester: str
    watchers: tuple[str, ...] = ()
    #: Who would watch, if an agent agreed.
    proposed: tuple[str, ...] = ()
    #: When each clock that was not cancelled is due, by its metric.
    due: dict[str, datetime] = field(default_factory=dict)


_ARRIVED = tuple(Arrived.__dataclass_fields__)
_SENT = tuple(Sent.__dataclass_fields__)
_INBOX = select(*(inbox.c[name] for name in _ARRIVED)).order_by(inbox.c.id)
_OUTBOX = select(*(outbox.c[name] for name in _SENT)).order_by(outbox.c.id)


def arrivals(store: Store, states: Sequence[str] = ()) -> Iterator[Arrived]:
    """Every arrival in these states, or in any, oldest first."""
    wanted = [inbox.c.state.in_(states)] if states else []
    return _pages(
        store, lambda tx, after: _arrived(tx, *wanted, inbox.c.id > after), lambda row: row.id
    )


def arrival(tx: Tx, row_id: int) -> Arrived | None:
    """One arrival, if there is one of this id."""
    return next(iter(_arrived(tx, inbox.c.id == row_id)), None)


def arrivals_of(tx: Tx, message_id: str) -> list[Arrived]:
    """The arrivals of a Message-ID, oldest first."""
    return _arrived(tx, inbox.c.message_id == message_id)


def arrival_raw(tx: Tx, row_id: int) -> bytes:
    """The bytes of an arrival as they came."""
    return bytes(
        tx.execute(select(inbox_raw.c.raw).where(inbox_raw.c.inbox_id == row_id)).scalar_one()
    )


def newest_heads(tx: Tx, most: int) -> list[bytes]:
    """The beginnings of the newest mails that came by a mail server, as far as fields reach."""
    head = func.substr(inbox_raw.c.raw, 1, PEEK_BYTES, type_=LargeBinary)
    query = (
        select(head)
        .join(inbox, inbox.c.id == inbox_raw.c.inbox_id)
        .where(inbox.c.source != "intake", inbox.c.login == "")
        .order_by(inbox.c.id.desc())
        .limit(most)
    )
    return [bytes(each) for each in tx.execute(query).scalars()]


def mails(store: Store, states: Sequence[str] = ()) -> Iterator[Sent]:
    """Every mail that was decided, in these states or in any, oldest first."""
    wanted = [outbox.c.state.in_(states)] if states else []
    return _pages(
        store, lambda tx, after: _sent(tx, *wanted, outbox.c.id > after), lambda row: row.id
    )


def mail(tx: Tx, row_id: int) -> Sent | None:
    """One mail of ours, if there is one of this id."""
    return next(iter(_sent(tx, outbox.c.id == row_id)), None)


def mails_of(tx: Tx, message_id: str) -> list[Sent]:
    """Our mails of a Message-ID, oldest first."""
    return _sent(tx, outbox.c.message_id == message_id)


def mails_about(tx: Tx, number: int) -> list[Sent]:
    """Our mails about a ticket, oldest first."""
    return [Sent(**row._mapping) for row in tx.execute(_OUTBOX.where(outbox.c.ticket == number))]


def ticket_list(store: Store, states: Sequence[str] = ()) -> Iterator[Listed]:
    """Every ticket in these states, or in any, by its number."""
    return tickets_where(store, *([tickets.c.state.in_(states)] if states else []))


def tickets_where(store: Store, *wanted: ColumnElement[bool]) -> Iterator[Listed]:
    """Every ticket for which all of these hold, by its number."""
    return _pages(
        store,
        lambda tx, after: _listed(tx, *wanted, tickets.c.number > after),
        lambda listed: listed.ticket.number,
    )


def newest_tickets(tx: Tx, most: int, *wanted: ColumnElement[bool]) -> list[Listed]:
    """So many tickets for which all of these hold, the newest first."""
    query = select(tickets).where(*wanted).order_by(tickets.c.number.desc()).limit(most)
    return _told(tx, query)


def ticket(tx: Tx, number: int) -> Listed | None:
    """One ticket, if there is one of this number."""
    return next(iter(_listed(tx, tickets.c.number == number)), None)


_Value = TypeVar("_Value")


def _pages(
    store: Store, page: Callable[[Tx, int], list[_Value]], key: Callable[[_Value], int]
) -> Iterator[_Value]:
    """Each page in a transaction of its own: a slow reader would keep the log from shrinking."""
    after = -1
    while True:
        with store.read() as tx:
            rows = page(tx, after)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = key(rows[-1])


def _arrived(tx: Tx, *where: ColumnElement[bool]) -> list[Arrived]:
    rows = tx.execute(_INBOX.where(*where).limit(_PAGE))
    return [_arrival(row) for row in rows]


def _arrival(row: Row[Any]) -> Arrived:
    values = dict(row._mapping)
    values["recipients"] = tuple(values["recipients"])
    return Arrived(**values)


def _sent(tx: Tx, *where: ColumnElement[bool]) -> list[Sent]:
    return [Sent(**row._mapping) for row in tx.execute(_OUTBOX.where(*where).limit(_PAGE))]


def _listed(tx: Tx, *where: ColumnElement[bool]) -> list[Listed]:
    return _told(tx, select(tickets).where(*where).order_by(tickets.c.number).limit(_PAGE))


def _told(tx: Tx, query: Select[Any]) -> list[Listed]:
    """Tickets, with what stands in other tables about them."""
    found = [ticket_of(row) for row in tx.execute(query)]
    if not found:
        return []
    numbers = [ticket.number for ticket in found]
    watching, proposed = _watchers(tx, numbers, "watching"), _watchers(tx, numbers, "proposed")
    due = _due(tx, numbers)
    known = _addresses(
        tx, {ticket.requester for ticket in found}.union(*watching.values(), *proposed.values())
    )
    return [
        Listed(
            ticket=ticket,
            requester=known.get(ticket.requester, ""),
            watchers=tuple(known.get(one, "") for one in watching.get(ticket.number, ())),
            proposed=tuple(known.get(one, "") for one in proposed.get(ticket.number, ())),
            due=due.get(ticket.number, {}),
        )
        for ticket in found
    ]


def _watchers(tx: Tx, numbers: Sequence[int], state: str) -> dict[int, list[PersonId]]:
    query = (
        select(watchers.c.ticket, watchers.c.person)
        .where(watchers.c.ticket.in_(numbers), watchers.c.state == state, IS_STILL)
        .order_by(watchers.c.ticket, watchers.c.person)
    )
    found: dict[int, list[PersonId]] = {}
    for row in tx.execute(query):
        found.setdefault(row.ticket, []).append(PersonId(row.person))
    return found


def _due(tx: Tx, numbers: Sequence[int]) -> dict[int, dict[str, datetime]]:
    query = (
        select(clocks.c.ticket, clocks.c.metric, clocks.c.due_at)
        .where(
            clocks.c.ticket.in_(numbers),
            clocks.c.state != "cancelled",
            clocks.c.due_at.isnot(None),
        )
        .order_by(clocks.c.id)
    )
    found: dict[int, dict[str, datetime]] = {}
    for row in tx.execute(query):
        found.setdefault(row.ticket, {})[row.metric] = row.due_at
    return found


def _addresses(tx: Tx, wanted: set[PersonId]) -> dict[int, str]:
    same = people.alias()
    query = (
        select(people.c.id, func.coalesce(same.c.address, people.c.address).label("address"))
        .select_from(people.outerjoin(same, same.c.id == people.c.same_as))
        .where(people.c.id.in_(wanted))
    )
    return {row.id: row.address for row in tx.execute(query)}
