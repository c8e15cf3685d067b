"""Rows of clocks: a ticket's targets and whether they were met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from daemon.store.engine import Tx
from daemon.store.tables import clocks
from daemon.store.writes import Writes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One clock of one ticket."""

    ticket: int
    #: respond, resolve
    metric: str
    target_seconds: int
    #: running, stopped, cancelled
    state: str = "running"
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None
    breached_at: datetime | None = None


_OF = select(clocks).where(clocks.c.ticket == bindparam("wanted")).order_by(clocks.c.due_at)
_ONE = update(clocks).where(
    clocks.c.ticket == bindparam("wanted"), clocks.c.metric == bindparam("which")
)
_FIELDS = tuple(ClockRow.__dataclass_fields__)


def add(writes: Writes, rows: Sequence[ClockRow]) -> None:
    """Start clocks."""
    writes.add(clocks, [{name: getattr(row, name) for name in _FIELDS} for row in rows])


def of(tx: Tx, ticket: int) -> tuple[ClockRow, ...]:
    """The clocks of a ticket, the earliest due first."""
    rows = tx.execute(_OF, {"wanted": ticket})
    return tuple(ClockRow(**{name: getattr(row, name) for name in _FIELDS}) for row in rows)


def change(tx: Tx, ticket: int, metric: str, **values: Any) -> None:
    """Set fields of one clock."""
    tx.execute(_ONE.values(values), {"wanted": ticket, "which": metric})
