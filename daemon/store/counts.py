"""How many rows there are in which state, for whoever watches the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, func, select

from daemon.desk.ticket import State
from daemon.store import inbox, outbox, timers
from daemon.store.engine import Tx
from daemon.store.tables import inbox as inbox_table
from daemon.store.tables import mailboxes
from daemon.store.tables import outbox as outbox_table
from daemon.store.tables import tickets as ticket_table

INBOX_STATES: Final = ("received", "done", "held", "dropped")
OUTBOX_STATES: Final = ("queued", "sending", "sent", "failed", "dropped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The desk in numbers, at one instant."""

    #: Rows by state, every state named.
    inbox: Mapping[str, int]
    outbox: Mapping[str, int]
    tickets: Mapping[str, int]
    #: How long the oldest due row of each table has been waiting, in seconds.
    overdue: Mapping[str, float]
    #: Whether each mailbox is in error, by ``mailbox/folder``.
    mailboxes: Mapping[str, bool]


def count(tx: Tx, now: datetime) -> Counts:
    """Count everything in one view."""
    due = {"inbox": inbox.next_due, "outbox": outbox.next_due, "timers": timers.next_due}
    in_error = tx.execute(select(mailboxes.c.name, mailboxes.c.error).order_by(mailboxes.c.name))
    return Counts(
        inbox=_by_state(tx, inbox_table.c.state, INBOX_STATES),
        outbox=_by_state(tx, outbox_table.c.state, OUTBOX_STATES),
        tickets=_by_state(tx, ticket_table.c.state, tuple(state.value for state in State)),
        overdue={name: _age(next_due(tx), now) for name, next_due in due.items()},
        mailboxes={row.name: row.error is not None for row in in_error},
    )


def _by_state(tx: Tx, state: Column[str], every: tuple[str, ...]) -> dict[str, int]:
    rows = tx.execute(select(state, func.count().label("number")).group_by(state))
    return dict.fromkeys(every, 0) | {row.state: row.number for row in rows}


def _age(due: datetime | None, now: datetime) -> float:
    return max(0.0, (now - due).total_seconds()) if due else 0.0
