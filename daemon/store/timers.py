"""Rows of timers: every deadline, due at an instant, fired once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NewType

from sqlalchemy import Row, bindparam, func, select, update

from daemon.store.dialect import clean, unclaimed
from daemon.store.engine import Tx
from daemon.store.tables import timers
from daemon.store.writes import Writes

TimerId = NewType("TimerId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something that must happen at an instant."""

    #: A second timer with the same key is the same timer.
    key: str
    kind: str
    at: datetime
    ticket: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    id: TimerId = TimerId(0)
    attempts: int = 0


_DUE = unclaimed(
    select(timers.c.id)
    .where(timers.c.due_at <= bindparam("now"))
    .order_by(timers.c.due_at, timers.c.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(timers)
    .where(timers.c.id.in_(_DUE.scalar_subquery()))
    .values(due_at=bindparam("lease_until"), attempts=timers.c.attempts + 1)
    .returning(timers)
)
_CANCEL = (
    update(timers)
    .where(
        timers.c.ticket == bindparam("of_ticket"),
        timers.c.state == "waiting",
        timers.c.key.startswith(bindparam("prefix")),
    )
    .values(state="cancelled", due_at=None)
)
_OF = (
    select(timers)
    .where(
        timers.c.ticket == bindparam("of_ticket"),
        timers.c.key.startswith(bindparam("prefix")),
        timers.c.state != "cancelled",
    )
    .order_by(timers.c.at)
)
_BY_ID = update(timers).where(timers.c.id == bindparam("row_id"))
_DONE = _BY_ID.values(state="done", due_at=None, error=None)


def add(writes: Writes, wanted: Sequence[Timer]) -> None:
    """Set timers; those whose key is known stay as they are."""
    writes.add(
        timers,
        [_values(timer) for timer in wanted],
        *{("timers", timer.ticket) for timer in wanted},
    )


def _values(timer: Timer) -> dict[str, Any]:
    return {
        "key": timer.key,
        "kind": timer.kind,
        "ticket": timer.ticket,
        "at": timer.at,
        "data": dict(timer.data),
        "state": "waiting",
        "due_at": timer.at,
        "attempts": 0,
    }


def claim(tx: Tx, *, now: datetime, lease_until: datetime, most: int) -> list[Timer]:
    """Take up to ``most`` due timers, earliest first."""
    rows = tx.execute(_CLAIM, {"now": now, "lease_until": lease_until, "most": most}).all()
    claimed = [_timer(row) for row in rows]
    return sorted(claimed, key=lambda timer: (timer.at, timer.id))


def _timer(row: Row[Any]) -> Timer:
    return Timer(
        key=row.key,
        kind=row.kind,
        at=row.at,
        ticket=row.ticket,
        data=row.data,
        id=TimerId(row.id),
        attempts=row.attempts,
    )


def done(tx: Tx, row_id: TimerId) -> None:
    """The timer has fired."""
    tx.execute(_DONE, {"row_id": row_id})


def defer(tx: Tx, row_id: TimerId, *, until: datetime, error: str) -> None:
    """Try again at ``until``."""
    tx.execute(_BY_ID.values(due_at=until, error=clean(error)), {"row_id": row_id})


def hold(tx: Tx, row_id: TimerId, *, error: str) -> None:
    """Set the timer aside for a person."""
    tx.execute(_BY_ID.values(state="held", due_at=None, error=clean(error)), {"row_id": row_id})


def cancel(writes: Writes, ticket: int, prefix: str, *, after: datetime | None = None) -> None:
    """A ticket's timers whose keys begin so will not fire; those due after an instant, or all."""
    writes.before([("timers", ticket)])
    query = _CANCEL if after is None else _CANCEL.where(timers.c.at > after)
    writes.tx.execute(query, {"of_ticket": ticket, "prefix": prefix})


def with_prefix(writes: Writes, ticket: int, prefix: str) -> list[Timer]:
    """A ticket's timers whose keys begin so, whatever became of them, but the cancelled ones."""
    writes.before([("timers", ticket)])
    rows = writes.tx.execute(_OF, {"of_ticket": ticket, "prefix": prefix})
    return [_timer(row) for row in rows]


def next_due(tx: Tx) -> datetime | None:
    """When the next timer is due, if any."""
    due: datetime | None = tx.execute(select(func.min(timers.c.due_at))).scalar()
    return due


def take_back(tx: Tx, *, now: datetime) -> int:
    """End the leases of workers that are gone; only for a process that works alone."""
    leased = (
        update(timers)
        .where(timers.c.state == "waiting", timers.c.due_at > now, timers.c.due_at != timers.c.at)
        .values(due_at=now)
    )
    return tx.execute(leased).rowcount
