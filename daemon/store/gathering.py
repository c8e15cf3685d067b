"""Rows of the outbox that wait a little, so that what comes next is told in the same mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from daemon.store.engine import Tx
from daemon.store.outbox import OutboxId
from daemon.store.tables import outbox
from daemon.store.writes import Writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """A decided mail that nobody has begun to send."""

    id: OutboxId
    until: datetime
    #: What it tells.
    notice: str


#: A row that is leased has another due time: nobody takes it from its worker.
_UNTOUCHED = (
    (outbox.c.state == "queued")
    & outbox.c.notice.is_not(None)
    & (outbox.c.gathers_until > bindparam("now"))
    & (outbox.c.due_at == outbox.c.gathers_until)
)
_OPEN = (
    select(outbox.c.id, outbox.c.gathers_until, outbox.c.notice)
    .where(
        outbox.c.recipient == bindparam("wanted"),
        outbox.c.ticket.is_not_distinct_from(bindparam("about")),
        _UNTOUCHED,
    )
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_TAKE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), _UNTOUCHED)
    .values(state="dropped", due_at=None, last_reply=bindparam("reply"))
)
_DECIDED = select(outbox.c.id).where(outbox.c.unique_key == bindparam("key"))
_BETWEEN = (
    select(func.count())
    .select_from(outbox)
    .where(
        outbox.c.recipient == bindparam("wanted"),
        outbox.c.kind == bindparam("which"),
        outbox.c.created_at > bindparam("since"),
        outbox.c.created_at <= bindparam("until"),
    )
)


def is_decided(writes: Writes, key: str, recipient: str) -> bool:
    """True when this very notice was decided before."""
    writes.before([("to", recipient)])
    return writes.tx.execute(_DECIDED, {"key": key}).first() is not None


def open_for(tx: Tx, *, recipient: str, ticket: int | None, now: datetime) -> Gathering | None:
    """The mail that still waits for more about a ticket."""
    row = tx.execute(_OPEN, {"wanted": recipient, "about": ticket, "now": now}).first()
    if row is None:
        return None
    return Gathering(id=OutboxId(row.id), until=row.gathers_until, notice=row.notice)


def take(tx: Tx, gathering: Gathering, *, into: str, now: datetime) -> bool:
    """Another mail tells what this one would have told; False when it is being sent after all."""
    values = {"row_id": gathering.id, "now": now, "reply": f"told together with <{into}>"}
    return tx.execute(_TAKE, values).rowcount == 1


def count_between(
    writes: Writes, kind: str, recipient: str, since: datetime, until: datetime
) -> int:
    """How many mails of this kind were decided for somebody in that time."""
    writes.before([("to", recipient)])
    wanted = {"wanted": recipient, "which": kind, "since": since, "until": until}
    return int(writes.tx.execute(_BETWEEN, wanted).scalar_one())
