"""Rows of clocks: a ticket's targets and whether they were met; and the calendars they count by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from daemon.store.dialect import insert_new
from daemon.store.engine import Tx
from daemon.store.tables import calendars, clocks, tickets
from daemon.store.writes import Writes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One clock of one ticket; ``workers/sla/clock.py`` says what the fields mean."""

    ticket: int
    metric: str
    serial: int = 1
    subject: str = ""
    #: What was agreed, as JSON.
    terms: Mapping[str, Any]
    #: running, paused, stopped, cancelled
    state: str = "running"
    started_at: datetime
    since: datetime
    #: Microseconds.
    consumed: int = 0
    due_at: datetime | None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    is_retargeted: bool = False
    is_reopened: bool = False
    generation: int = 1
    told: int = 0
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCalendar:
    """A calendar as it was when a clock was first started with it."""

    version: str
    name: str
    week: Mapping[str, Any]


_OF = select(clocks).where(clocks.c.ticket == bindparam("wanted")).order_by(clocks.c.id)
_SAVE = update(clocks).where(
    clocks.c.ticket == bindparam("of_ticket"),
    clocks.c.metric == bindparam("of_metric"),
    clocks.c.serial == bindparam("of_serial"),
)
_MEASURED = (
    select(tickets.c.number)
    .where(tickets.c.number > bindparam("after"))
    .order_by(tickets.c.number)
    .limit(bindparam("most"))
)
_OPEN = _MEASURED.where(
    tickets.c.number.in_(select(clocks.c.ticket).where(clocks.c.state.in_(("running", "paused"))))
)
_FIELDS = tuple(ClockRow.__dataclass_fields__)


def add(writes: Writes, rows: Sequence[ClockRow]) -> None:
    """Start clocks."""
    keys = {("clocks", row.ticket) for row in rows}
    writes.add(clocks, [_values(row) for row in rows], *keys)


def of(tx: Tx, ticket: int) -> tuple[ClockRow, ...]:
    """The clocks of a ticket, in the order in which they were started."""
    rows = tx.execute(_OF, {"wanted": ticket})
    return tuple(ClockRow(**{name: getattr(row, name) for name in _FIELDS}) for row in rows)


def save(tx: Tx, row: ClockRow) -> None:
    """The clock is now like this."""
    which = {"of_ticket": row.ticket, "of_metric": row.metric, "of_serial": row.serial}
    # Not _SAVE.values(…): a statement with values in it is put together anew each time.
    tx.execute(_SAVE, _values(row) | which)


def _values(row: ClockRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FIELDS} | {"terms": dict(row.terms)}


def tickets_after(tx: Tx, number: int, *, most: int, only_open: bool) -> tuple[int, ...]:
    """The next tickets' numbers; where asked only those with a clock that runs or is paused."""
    query = _OPEN if only_open else _MEASURED
    return tuple(tx.execute(query, {"after": number, "most": most}).scalars())


def keep_calendars(tx: Tx, kept: Sequence[KeptCalendar]) -> None:
    """Keep calendars; a version that is kept already stays as it is."""
    rows = [{"version": each.version, "name": each.name, "week": dict(each.week)} for each in kept]
    if rows:
        tx.execute(insert_new(tx, calendars), rows)


def kept_calendars(tx: Tx) -> Iterator[KeptCalendar]:
    """Every calendar that was ever kept."""
    for row in tx.execute(select(calendars)):
        yield KeptCalendar(version=row.version, name=row.name, week=row.week)
