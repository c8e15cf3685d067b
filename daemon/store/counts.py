"""Counts over the tables, for health and metrics."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal, select

from daemon.store import inbox, outbox, tables, timers
from daemon.store.engine import Tx


def ping(tx: Tx) -> None:
    """Ask the database something. Raises when it does not answer."""
    tx.execute(select(literal(1)))


def by_state(tx: Tx, table: str) -> dict[str, int]:
    """How many rows of a table are in each state."""
    state = tables.metadata.tables[table].c.state
    rows = tx.execute(select(state, func.count()).group_by(state).order_by(state))
    return {row[0]: row[1] for row in rows}


def oldest_due(tx: Tx) -> dict[str, datetime | None]:
    """What is due first in each table of work."""
    return {
        "inbox": inbox.next_due(tx),
        "outbox": outbox.next_due(tx),
        "timers": timers.next_due(tx),
    }


def mailboxes_in_error(tx: Tx) -> dict[str, bool]:
    """Every mailbox, and whether it is in trouble."""
    rows = tx.execute(select(tables.mailboxes.c.name, tables.mailboxes.c.error))
    return {row.name: row.error is not None for row in rows}
