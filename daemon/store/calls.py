"""Rows of calls: what web servers are told, each until it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

from sqlalchemy import bindparam, func, select, update

from daemon.store.dialect import clean, unclaimed
from daemon.store.engine import Tx
from daemon.store.tables import calls
from daemon.store.writes import Writes

CallId = NewType("CallId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One message to a web server, finished."""

    created_at: datetime
    #: A second call with the same key is not decided again.
    unique_key: str
    ticket: int | None
    url: str
    secret_file: str
    body: bytes
    id: CallId = CallId(0)
    #: Tries before this one.
    attempts: int = 0


_DUE = unclaimed(
    select(calls.c.id)
    .where(calls.c.due_at <= bindparam("now"))
    .order_by(calls.c.due_at, calls.c.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(calls)
    .where(calls.c.id.in_(_DUE.scalar_subquery()))
    .values(due_at=bindparam("lease_until"), attempts=calls.c.attempts + 1)
    .returning(calls)
)
_BY_ID = update(calls).where(calls.c.id == bindparam("row_id"))


def add(writes: Writes, wanted: Sequence[Call]) -> None:
    """Decide to make these; one whose key is known was decided before."""
    writes.add(calls, [_values(call) for call in wanted])


def _values(call: Call) -> dict[str, Any]:
    return {
        "created_at": call.created_at,
        "unique_key": call.unique_key,
        "ticket": call.ticket,
        "url": call.url,
        "secret_file": call.secret_file,
        "body": call.body,
        "state": "queued",
        "due_at": call.created_at,
        "attempts": 0,
    }


def claim(tx: Tx, *, now: datetime, lease_until: datetime, most: int) -> list[Call]:
    """Take up to ``most`` due calls, oldest first; the try is on record before it is made."""
    rows = tx.execute(_CLAIM, {"now": now, "lease_until": lease_until, "most": most}).all()
    claimed = [
        Call(
            created_at=row.created_at,
            unique_key=row.unique_key,
            ticket=row.ticket,
            url=row.url,
            secret_file=row.secret_file,
            body=bytes(row.body),
            id=CallId(row.id),
            attempts=row.attempts - 1,
        )
        for row in rows
    ]
    return sorted(claimed, key=lambda call: call.id)


def end(tx: Tx, row_id: CallId, *, state: str, reply: str) -> None:
    """It was taken (``done``), or never will be (``failed``)."""
    values = {"state": state, "due_at": None, "last_reply": clean(reply[:500])}
    tx.execute(_BY_ID.values(values), {"row_id": row_id})


def defer(tx: Tx, row_id: CallId, *, until: datetime, reply: str) -> None:
    """Try again at ``until``."""
    tx.execute(_BY_ID.values(due_at=until, last_reply=clean(reply[:500])), {"row_id": row_id})


def next_due(tx: Tx) -> datetime | None:
    """When the next call is due, if any."""
    due: datetime | None = tx.execute(select(func.min(calls.c.due_at))).scalar()
    return due
