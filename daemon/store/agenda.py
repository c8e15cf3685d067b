"""What is to be done, as digests and the live view count it: read only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from daemon.desk.ticket import DONE, Ticket
from daemon.store.engine import Tx
from daemon.store.tables import clocks, inbox, messages, outbox, people, tickets, timers
from daemon.store.tickets import ticket_of

_MOST = 500
_OPEN = tickets.c.state.notin_([state.value for state in DONE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An open ticket, with what stands in other tables about it."""

    ticket: Ticket
    requester: str
    #: Of the running clock that is due first.
    due_at: datetime | None = None
    started_at: datetime | None = None
    #: True when the last public word is the requester's.
    is_heard: bool = False

    def used(self, now: datetime) -> int:
        """How much of its time is gone, in percent; 100 and more when the target is missed."""
        if self.due_at is None or self.started_at is None:
            return 0
        whole = self.due_at - self.started_at
        return max(0, int(100 * (now - self.started_at) / whole)) if whole else 100


def of_owner(tx: Tx, owner: str) -> list[Item]:
    """An agent's open tickets."""
    return _items(tx, tickets.c.owner == owner)


def of_teams(tx: Tx, teams: Sequence[str], *, with_none: bool = False) -> list[Item]:
    """The open tickets of these teams; with those of no team where asked."""
    wanted = [*teams, ""] if with_none else list(teams)
    return _items(tx, tickets.c.team.in_(wanted))


def _items(tx: Tx, *where: ColumnElement[bool]) -> list[Item]:
    query = select(tickets).where(_OPEN, *where)
    query = query.order_by(tickets.c.priority, tickets.c.number).limit(_MOST)
    found = [ticket_of(row) for row in tx.execute(query)]
    numbers = [ticket.number for ticket in found]
    due, heard, names = _due(tx, numbers), _heard(tx, numbers), _names(tx, found)
    return [
        Item(
            ticket=ticket,
            requester=names[ticket.requester],
            is_heard=ticket.number in heard,
            **due.get(ticket.number, {}),
        )
        for ticket in found
    ]


def _names(tx: Tx, found: Sequence[Ticket]) -> dict[int, str]:
    wanted = {ticket.requester for ticket in found}
    query = select(people.c.id, people.c.name).where(people.c.id.in_(wanted))
    return {row.id: row.name for row in tx.execute(query)}


def _due(tx: Tx, numbers: Sequence[int]) -> dict[int, dict[str, datetime]]:
    query = (
        select(clocks.c.ticket, clocks.c.due_at, clocks.c.started_at)
        .where(
            clocks.c.ticket.in_(numbers), clocks.c.state == "running", clocks.c.due_at.isnot(None)
        )
        .order_by(clocks.c.due_at.desc())
    )
    return {
        row.ticket: {"due_at": row.due_at, "started_at": row.started_at}
        for row in tx.execute(query)
    }


def _heard(tx: Tx, numbers: Sequence[int]) -> set[int]:
    last = (
        select(func.max(messages.c.id))
        .where(messages.c.ticket.in_(numbers), messages.c.visibility == "public")
        .group_by(messages.c.ticket)
    )
    query = select(messages.c.ticket).where(messages.c.id.in_(last), messages.c.direction == "in")
    return set(tx.execute(query).scalars())


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How many tickets came and went, a day each, oldest first."""

    created: tuple[int, ...]
    resolved: tuple[int, ...]


def flow(tx: Tx, teams: Sequence[str], days: Sequence[tuple[datetime, datetime]]) -> Flow:
    """Of some teams, on days that begin and end as given."""

    def counted(column: Any) -> tuple[int, ...]:
        query = select(column).where(tickets.c.team.in_(teams), column >= days[0][0])
        instants = list(tx.execute(query).scalars())
        return tuple(sum(begin <= each < end for each in instants) for begin, end in days)

    return Flow(created=counted(tickets.c.created_at), resolved=counted(tickets.c.resolved_at))


def breached(tx: Tx, teams: Sequence[str], begin: datetime, end: datetime) -> list[Ticket]:
    """Tickets of some teams that missed a target within a time."""
    missed = select(clocks.c.ticket).where(
        clocks.c.breached_at >= begin, clocks.c.breached_at < end
    )
    query = select(tickets).where(tickets.c.number.in_(missed), tickets.c.team.in_(teams))
    return [ticket_of(row) for row in tx.execute(query.order_by(tickets.c.number).limit(_MOST))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How the desk is doing now."""

    waiting_in: int
    held: int
    waiting_out: int
    failed: int
    overdue_timers: int
    open_tickets: int
    unassigned: int
    breached: int
    arrived: int
    sent: int
    errors: tuple[tuple[datetime, str], ...] = ()


def pulse(tx: Tx, now: datetime, within: timedelta) -> Pulse:
    """Depths of the queues, and what was done within a time."""
    since = now - within

    def count(*where: ColumnElement[bool]) -> int:
        return int(tx.execute(select(func.count()).where(*where)).scalar_one())

    recent = (
        select(inbox.c.received_at, inbox.c.error)
        .where(or_(inbox.c.state == "held", inbox.c.error.isnot(None)))
        .order_by(inbox.c.id.desc())
        .limit(5)
    )
    return Pulse(
        waiting_in=count(inbox.c.state == "received"),
        held=count(inbox.c.state == "held"),
        waiting_out=count(outbox.c.state.in_(["queued", "sending"])),
        failed=count(outbox.c.state == "failed"),
        overdue_timers=count(timers.c.due_at < now),
        open_tickets=count(_OPEN),
        unassigned=count(_OPEN, tickets.c.owner == ""),
        breached=count(
            clocks.c.state == "running", clocks.c.due_at < now, clocks.c.due_at.isnot(None)
        ),
        arrived=count(inbox.c.received_at > since),
        sent=count(outbox.c.sent_at > since),
        errors=tuple((row.received_at, row.error or "") for row in tx.execute(recent)),
    )


def due_soon(tx: Tx, most: int) -> list[Item]:
    """The open tickets whose targets come first."""
    found = [item for item in _items(tx) if item.due_at]
    return sorted(found, key=lambda item: (item.due_at, item.ticket.number))[:most]
