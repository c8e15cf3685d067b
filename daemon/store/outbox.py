"""Rows of the outbox: every mail that the desk decided to send, and how far it got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, NewType

from sqlalchemy import Row, bindparam, case, func, select, update

from daemon.store.dialect import clean, unclaimed
from daemon.store.engine import Tx
from daemon.store.tables import outbox
from daemon.store.writes import Writes

OutboxId = NewType("OutboxId", int)

#: More than that is read when its turn has come: many are leased at once.
_SMALL = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A mail to send: a notice that is worded when it is sent, or final bytes."""

    created_at: datetime
    kind: str
    message_id: str
    recipient: str
    sender: str
    is_automatic: bool
    notice: str | None = None
    raw: bytes | None = None
    ticket: int | None = None
    #: Until when it waits for more to tell in the same mail.
    gathers_until: datetime | None = None
    #: A second mail with the same key is not decided again.
    unique_key: str | None = None
    #: Not before then; at once where it is None.
    send_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A mail that this worker may send until its lease ends."""

    id: OutboxId
    created_at: datetime
    kind: str
    ticket: int | None
    message_id: str
    recipient: str
    sender: str
    is_automatic: bool
    attempts: int
    #: True when a worker died while sending it: it may have gone out already.
    is_unsure: bool
    #: How often it was leased to be worded and not given back.
    leases: int = 0
    #: Empty until it is worded, or read where it is large.
    raw: bytes
    #: What is to be worded; empty where that is done, or read where it is large.
    notice: str = ""
    #: False when these bytes are not in the row yet.
    is_on_record: bool = True


class Expired(NamedTuple):
    """A mail that waited too long."""

    id: OutboxId
    ticket: int | None
    recipient: str
    kind: str


def add(writes: Writes, mails: Sequence[Decided]) -> None:
    """Decide to send these; one whose key is known was decided before."""
    rows = [_values(mail) for mail in mails]
    writes.add(outbox, rows, *(("to", row["recipient"]) for row in rows))


def _values(mail: Decided) -> dict[str, Any]:
    return {
        "created_at": mail.created_at,
        "kind": mail.kind,
        "unique_key": mail.unique_key,
        "ticket": mail.ticket,
        "message_id": mail.message_id,
        "recipient": clean(mail.recipient),
        "sender": clean(mail.sender),
        "is_automatic": mail.is_automatic,
        "state": "queued",
        "due_at": mail.gathers_until or mail.send_at or mail.created_at,
        "send_at": mail.send_at,
        "gathers_until": mail.gathers_until,
        "attempts": 0,
        "leases": 0,
        "notice": mail.notice,
        "raw": mail.raw,
    }


_DUE = unclaimed(
    select(outbox.c.id)
    .where(outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
)
_LEASE = (
    update(outbox)
    .where(outbox.c.id.in_(_DUE.scalar_subquery()))
    # What kills whoever words it is found out by counting before: the attempt comes after.
    .values(due_at=bindparam("lease_until"), leases=outbox.c.leases + 1)
    .returning(
        *(each for each in outbox.c if each.name not in {"raw", "notice"}),
        case((func.length(outbox.c.raw) <= _SMALL, outbox.c.raw)).label("raw"),
        case((func.length(outbox.c.notice) <= _SMALL, outbox.c.notice)).label("notice"),
    )
)
_CONTENT = select(outbox.c.raw, outbox.c.notice).where(outbox.c.id == bindparam("row_id"))
#: One row, to be changed.
BY_ID = update(outbox).where(outbox.c.id == bindparam("row_id"))
_GIVE_BACK = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .where(outbox.c.state.in_(["queued", "sending"]))
    .values(state="queued", due_at=bindparam("now"), leases=0)
)


def lease(tx: Tx, *, now: datetime, lease_until: datetime, most: int) -> list[Leased]:
    """Take up to ``most`` due mails, oldest first."""
    rows = tx.execute(_LEASE, {"now": now, "lease_until": lease_until, "most": most}).all()
    return sorted((_leased(row) for row in rows), key=lambda mail: mail.id)


def _leased(row: Row[Any]) -> Leased:
    return Leased(
        id=OutboxId(row.id),
        created_at=row.created_at,
        kind=row.kind,
        ticket=row.ticket,
        message_id=row.message_id,
        recipient=row.recipient,
        sender=row.sender,
        is_automatic=row.is_automatic,
        attempts=row.attempts,
        is_unsure=row.state == "sending",
        leases=row.leases,
        raw=row.raw or b"",
        notice=row.notice or "",
    )


def content(tx: Tx, row_id: int) -> tuple[bytes, str]:
    """The final bytes of a mail; or its notice, where it is not worded yet."""
    row = tx.execute(_CONTENT, {"row_id": row_id}).one()
    return bytes(row.raw or b""), row.notice or ""


def give_back(tx: Tx, ids: Sequence[OutboxId], *, now: datetime) -> None:
    """Leased mails that were not sent, as far as we know, are due again at once."""
    if ids:
        tx.execute(_GIVE_BACK, {"ids": list(ids), "now": now})


#: When a mail that was never tried is due by itself, whoever has leased it.
_OWN_DUE = func.coalesce(outbox.c.gathers_until, outbox.c.send_at, outbox.c.created_at)


def take_back(tx: Tx, *, now: datetime) -> int:
    """End the leases of workers that are gone; only for a process that delivers alone."""
    sending = update(outbox).where(outbox.c.state == "sending").values(due_at=now)
    leased = (
        update(outbox)
        .where(outbox.c.state == "queued", outbox.c.due_at > now, outbox.c.attempts == 0)
        # What gathers, or is to be sent later, is nobody's yet.
        .where(outbox.c.due_at != _OWN_DUE)
        .values(due_at=_OWN_DUE)
    )
    return tx.execute(sending).rowcount + tx.execute(leased).rowcount


def postpone(tx: Tx, *, now: datetime, until: datetime, reply: str) -> int:
    """Nobody takes mail now: everything that is due waits until then; returns how many do."""
    waiting = (
        update(outbox)
        .where(outbox.c.due_at <= now)
        .values(due_at=until, last_reply=clean(reply[:500]), leases=0)
    )
    return tx.execute(waiting).rowcount


def expire(tx: Tx, *, before: datetime) -> list[Expired]:
    """Give up what was decided before then and is still waiting."""
    old = (
        update(outbox)
        .where(outbox.c.state == "queued", outbox.c.created_at < before)
        .values(state="failed", due_at=None)
        .returning(outbox.c.id, outbox.c.ticket, outbox.c.recipient, outbox.c.kind)
    )
    return [
        Expired(OutboxId(row.id), row.ticket, row.recipient, row.kind) for row in tx.execute(old)
    ]


def next_due(tx: Tx) -> datetime | None:
    """When the next mail is due, if any."""
    due: datetime | None = tx.execute(select(func.min(outbox.c.due_at))).scalar()
    return due


_THREAD = (
    select(outbox.c.message_id)
    .where(
        outbox.c.ticket == bindparam("ticket_number"),
        outbox.c.recipient == bindparam("wanted"),
        outbox.c.state != "dropped",
    )
    .order_by(outbox.c.id)
)


def thread(tx: Tx, ticket: int, recipient: str) -> tuple[str, ...]:
    """The Message-IDs of what one person was sent about a ticket, oldest first."""
    found = tx.execute(_THREAD, {"ticket_number": ticket, "wanted": recipient})
    return tuple(found.scalars())


def retry(tx: Tx, row_id: int, *, now: datetime) -> bool:
    """Send a failed or dropped mail after all, or a queued one now; False for any other."""
    changed = tx.execute(
        BY_ID.where(outbox.c.state.in_(["failed", "dropped", "queued"])).values(
            state="queued", due_at=now, send_at=None, gathers_until=None, leases=0
        ),
        {"row_id": row_id},
    )
    return changed.rowcount == 1


def drop(tx: Tx, row_id: int) -> bool:
    """Do not send a mail that is still waiting; False when it is sent or being sent."""
    changed = tx.execute(
        BY_ID.where(outbox.c.state.in_(["failed", "queued"])).values(state="dropped", due_at=None),
        {"row_id": row_id},
    )
    return changed.rowcount == 1
