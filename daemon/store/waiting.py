"""Rows of the outbox that wait, because they must not follow the last of their kind too soon."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from daemon.store.engine import Tx
from daemon.store.tables import outbox

_OF_KIND = (
    (outbox.c.kind == bindparam("wanted_kind"))
    & (outbox.c.ticket == bindparam("ticket_number"))
    & (outbox.c.recipient == bindparam("wanted"))
)


def last_of(tx: Tx, kind: str, ticket: int, recipient: str, *, now: datetime) -> datetime | None:
    """When somebody was last sent a notice of a kind about a ticket; what waits does not count."""
    query = select(func.max(outbox.c.created_at)).where(
        _OF_KIND, ~((outbox.c.state == "queued") & (outbox.c.due_at > now))
    )
    asked = {"wanted_kind": kind, "ticket_number": ticket, "wanted": recipient}
    found: datetime | None = tx.execute(query, asked).scalar()
    return found


def drop(tx: Tx, kind: str, ticket: int, recipient: str, *, now: datetime) -> None:
    """What waits to be sent later is not sent: something newer says it."""
    waiting = (
        update(outbox)
        .where(_OF_KIND, outbox.c.state == "queued", outbox.c.due_at > now)
        .values(state="dropped", due_at=None)
    )
    tx.execute(waiting, {"wanted_kind": kind, "ticket_number": ticket, "wanted": recipient})
