"""Rows of tickets and of the events that made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from daemon.desk.events import Event, EventKind
from daemon.desk.people import PersonId
from daemon.desk.ticket import DONE, State, Ticket, TicketNumber, Type
from daemon.desk.update import Change
from daemon.errors import StoreBusy, UnknownTicket
from daemon.store import projection, tables
from daemon.store.dialect import clean
from daemon.store.engine import Tx
from daemon.store.tables import events, tickets
from daemon.store.writes import Writes

_ONE = select(tickets).where(tickets.c.number == bindparam("wanted"))
_LOCKED = _ONE.with_for_update()
_SAVE = update(tickets).where(
    tickets.c.number == bindparam("wanted"), tickets.c.last_event == bindparam("expected")
)
#: A monitoring system may have tens of thousands; nobody reads more than that there are many.
_MANY = 1000
_OPEN_OF = select(func.count()).select_from(
    select(tickets.c.number)
    .where(
        tickets.c.requester == bindparam("who"),
        tickets.c.number != bindparam("but"),
        tickets.c.state.not_in([state.value for state in DONE]),
    )
    .limit(_MANY)
    .subquery()
)
_FIELDS = tuple(Ticket.__dataclass_fields__)


def get(tx: Tx, number: int, *, lock: bool = False) -> Ticket:
    """The ticket; locked until the commit where asked. Raises UnknownTicket."""
    row = tx.execute(_LOCKED if lock else _ONE, {"wanted": number}).one_or_none()
    if row is None:
        raise UnknownTicket("there is no ticket #%(number)s", number=number)
    return ticket_of(row)


def survivor(tx: Tx, number: int, *, lock: bool = False) -> Ticket:
    """The ticket in which that one goes on, however often it was merged. Raises UnknownTicket.

    A circle, which no command can make, ends where it would begin again.
    """
    ticket = get(tx, number, lock=lock)
    seen = {ticket.number}
    while ticket.merged_into is not None and ticket.merged_into not in seen:
        ticket = get(tx, ticket.merged_into, lock=lock)
        seen.add(ticket.number)
    return ticket


def exists(tx: Tx, number: int) -> bool:
    """True when there is a ticket of that number."""
    return (
        tx.execute(select(tickets.c.number).where(tickets.c.number == number)).first() is not None
    )


def ticket_of(row: Row[Any]) -> Ticket:
    """The value of a row."""
    values = dict(row._mapping)
    values["number"] = TicketNumber(values["number"])
    values["requester"] = PersonId(values["requester"])
    values["parent"] = TicketNumber(values["parent"]) if values["parent"] else None
    values["type"] = Type(values["type"])
    values["state"] = State(values["state"])
    values["tags"] = tuple(values["tags"])
    return Ticket(**values)


def create(writes: Writes, change: Change, inbox_id: int | None = None) -> None:
    """A new ticket and its first events."""
    key = ("ticket", change.ticket.number)
    writes.add(tables.tickets, [_values(change.ticket)], key)
    writes.add(tables.events, [_event_values(event, inbox_id) for event in change.events], key)
    if any(map(projection.is_projected, change.events)):
        writes.flush()
        _project(writes.tx, change)


def save(tx: Tx, change: Change, inbox_id: int | None = None) -> None:
    """Write what has happened to a ticket: its events, and the row that they add up to.

    Raises StoreBusy when somebody else changed the ticket since it was read.
    """
    if not change.events:
        return
    tx.execute(insert(events), [_event_values(event, inbox_id) for event in change.events])
    values = _values(change.ticket)
    del values["number"]
    changed = tx.execute(
        # Not _SAVE.values(…): a statement with values in it is put together anew each time.
        _SAVE,
        values | {"wanted": change.ticket.number, "expected": change.before.last_event},
    )
    if changed.rowcount != 1:
        raise StoreBusy(f"ticket #{change.ticket.number} was changed meanwhile")
    _project(tx, change)


def _project(tx: Tx, change: Change) -> None:
    for event in filter(projection.is_projected, change.events):
        projection.follow(tx, event)


def to_do(tx: Tx, *, team: str = "", owner: str = "", limit: int = 100) -> tuple[Ticket, ...]:
    """What is to be done, most urgent first: of a team, of an agent, or all."""
    done = [state.value for state in DONE]
    query = select(tickets).where(tickets.c.state.not_in(done))
    if team:
        query = query.where(tickets.c.team == team)
    if owner:
        query = query.where(tickets.c.owner == owner)
    query = query.order_by(tickets.c.priority, tickets.c.number).limit(limit)
    return tuple(ticket_of(row) for row in tx.execute(query))


def of_requester(tx: Tx, person: int, *, limit: int = 50) -> tuple[Ticket, ...]:
    """A requester's tickets that are not done, newest first."""
    done = [state.value for state in DONE]
    query = (
        select(tickets)
        .where(tickets.c.requester == person, tickets.c.state.not_in(done))
        .order_by(tickets.c.number.desc())
        .limit(limit)
    )
    return tuple(ticket_of(row) for row in tx.execute(query))


def history(tx: Tx, number: int) -> tuple[Event, ...]:
    """Every event of a ticket, oldest first."""
    rows = tx.execute(select(events).where(events.c.ticket == number).order_by(events.c.seq))
    return tuple(
        Event(
            ticket=TicketNumber(row.ticket),
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            kind=EventKind(row.kind),
            data=row.data,
            mail_id=row.inbox_id,
        )
        for row in rows
    )


def listing(tx: Tx, *, states: Sequence[str] = (), limit: int = 1000) -> tuple[Ticket, ...]:
    """Tickets, newest first."""
    query = select(tickets).order_by(tickets.c.number.desc()).limit(limit)
    if states:
        query = query.where(tickets.c.state.in_(states))
    return tuple(ticket_of(row) for row in tx.execute(query))


def open_of(tx: Tx, requester: PersonId, *, but: int) -> int:
    """How many other tickets of a person somebody is expected to work on; a thousand at most."""
    values = {"who": requester, "but": but}
    return int(tx.execute(_OPEN_OF, values).scalar_one())


def numbers(tx: Tx) -> Sequence[int]:
    """Every ticket's number."""
    return tx.execute(select(tickets.c.number).order_by(tickets.c.number)).scalars().all()


def count(tx: Tx) -> int:
    """How many tickets there are."""
    return int(tx.execute(select(func.count()).select_from(tickets)).scalar_one())


def _values(ticket: Ticket) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(ticket, name) for name in _FIELDS}
    values |= {"type": ticket.type.value, "state": ticket.state.value, "tags": list(ticket.tags)}
    return {
        name: clean(value) if isinstance(value, str) else value for name, value in values.items()
    }


def _event_values(event: Event, inbox_id: int | None) -> dict[str, Any]:
    return {
        "ticket": event.ticket,
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "kind": event.kind.value,
        "data": dict(event.data),
        "inbox_id": inbox_id,
    }
