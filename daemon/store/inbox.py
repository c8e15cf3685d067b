"""Rows of the inbox: the ledger of every arrival, and who may take which one now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from daemon.arrival import Arrival, Envelope, InboxId, Source
from daemon.mail.head import peek
from daemon.store.dialect import clean, insert_returning, unclaimed
from daemon.store.engine import Tx
from daemon.store.tables import inbox, inbox_raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An arrival that this worker may take in until its lease ends."""

    id: InboxId
    source: Source
    received_at: datetime
    envelope: Envelope
    message_id: str
    #: This try included.
    attempts: int
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of an arrival."""

    #: ticket, reply, note, command, unverified, automatic, bounce, duplicate, asked, confirmation
    fate: str
    ticket: int | None = None
    duplicate_of: int | None = None
    authority: str = "none"
    from_address: str = ""
    subject: str = ""
    #: What it waits for, when it was not taken in after all; empty when it is done.
    held: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What could be read of an arrival that is held."""

    from_address: str = ""
    subject: str = ""


def insert(tx: Tx, arrivals: Sequence[Arrival]) -> list[InboxId]:
    """Write the arrivals; one whose source key is there already keeps its row."""
    keyed = {clean(arrival.source_key): arrival for arrival in arrivals}
    values = [_values(key, arrival) for key, arrival in keyed.items()]
    new = insert_returning(tx, inbox, values, inbox.c.id, inbox.c.source_key)
    ids = {key: InboxId(row_id) for row_id, key in new}
    if ids:
        raws = [{"inbox_id": row_id, "raw": keyed[key].raw} for key, row_id in ids.items()]
        tx.execute(inbox_raw.insert(), raws)
    missing = keyed.keys() - ids.keys()
    if missing:
        known = select(inbox.c.source_key, inbox.c.id).where(inbox.c.source_key.in_(missing))
        ids.update({key: InboxId(row_id) for key, row_id in tx.execute(known)})
    return [ids[clean(arrival.source_key)] for arrival in arrivals]


def _values(key: str, arrival: Arrival) -> dict[str, Any]:
    envelope = arrival.envelope
    return {
        "source": arrival.source.value,
        "source_key": key,
        "received_at": arrival.received_at,
        "sender": clean(envelope.sender),
        "recipients": [clean(recipient) for recipient in envelope.recipients],
        "peer": clean(envelope.peer),
        "trusted": envelope.trusted,
        "login": clean(envelope.login),
        "size": len(arrival.raw),
        "sha256": hashlib.sha256(arrival.raw).hexdigest(),
        "message_id": clean(peek(arrival.raw).message_id),
        "state": "received",
        "due_at": arrival.received_at,
        "attempts": 0,
    }


_RAW = select(inbox_raw.c.raw).where(inbox_raw.c.inbox_id == inbox.c.id)
_DUE = unclaimed(
    select(inbox.c.id)
    .where(inbox.c.due_at <= bindparam("now"))
    .order_by(inbox.c.due_at, inbox.c.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(inbox)
    .where(inbox.c.id.in_(_DUE.scalar_subquery()))
    .values(due_at=bindparam("lease_until"), attempts=inbox.c.attempts + 1)
    .returning(inbox, _RAW.scalar_subquery().label("raw"))
)


def claim(tx: Tx, *, now: datetime, lease_until: datetime, most: int) -> list[Claimed]:
    """Take up to ``most`` due arrivals, oldest first; the attempt is counted before the work."""
    rows = tx.execute(_CLAIM, {"now": now, "lease_until": lease_until, "most": most})
    return sorted(map(_claimed, rows), key=lambda claimed: claimed.id)


def _claimed(row: Row[Any]) -> Claimed:
    return Claimed(
        id=InboxId(row.id),
        source=Source(row.source),
        received_at=row.received_at,
        envelope=Envelope(
            sender=row.sender,
            recipients=tuple(row.recipients),
            peer=row.peer,
            trusted=row.trusted,
            login=row.login,
        ),
        message_id=row.message_id,
        attempts=row.attempts,
        raw=row.raw,
    )


_MINE = (
    select(inbox.c.id, inbox.c.attempts)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)), inbox.c.state == "received")
    .order_by(inbox.c.id)
    .with_for_update()
)


def still_claimed(tx: Tx, claims: Sequence[Claimed]) -> set[InboxId]:
    """Which claims still hold, locked until the commit.

    A worker that was away for longer than its lease may find another at its arrivals, or done.
    """
    attempts = {row.id: row.attempts for row in tx.execute(_MINE, {"ids": [c.id for c in claims]})}
    return {claim.id for claim in claims if attempts.get(claim.id) == claim.attempts}


_BY_ID = update(inbox).where(inbox.c.id == bindparam("row_id"))
_SETTLE = _BY_ID.values(
    state=bindparam("new_state"),
    due_at=None,
    error=bindparam("new_error"),
    fate=bindparam("new_fate"),
    ticket=bindparam("new_ticket"),
    duplicate_of=bindparam("new_duplicate_of"),
    authority=bindparam("new_authority"),
    from_address=bindparam("new_from_address"),
    subject=bindparam("new_subject"),
)


def settle(tx: Tx, done: Sequence[tuple[InboxId, Settled]]) -> None:
    """These arrivals are done; their fates are on record."""
    if done:
        tx.execute(_SETTLE, [_settled_values(row_id, settled) for row_id, settled in done])


def _settled_values(row_id: InboxId, settled: Settled) -> dict[str, Any]:
    return {
        "row_id": row_id,
        "new_state": "held" if settled.held else "done",
        "new_error": settled.held or None,
        "new_fate": settled.fate,
        "new_ticket": settled.ticket,
        "new_duplicate_of": settled.duplicate_of,
        "new_authority": settled.authority,
        "new_from_address": clean(settled.from_address),
        "new_subject": clean(settled.subject),
    }


def defer(tx: Tx, row_id: InboxId, *, until: datetime, error: str | None) -> None:
    """Try again at ``until``."""
    kept = clean(error) if error else None
    tx.execute(_BY_ID.values(due_at=until, error=kept), {"row_id": row_id})


def wait(tx: Tx, row_id: InboxId, *, until: datetime) -> None:
    """Look again at ``until``; that it could not be placed yet is no failed attempt."""
    tx.execute(_BY_ID.values(due_at=until, attempts=inbox.c.attempts - 1), {"row_id": row_id})


def hold(tx: Tx, row_id: InboxId, *, error: str, head: Head) -> None:
    """Set the arrival aside for a person; it is kept and can be released."""
    values = {"state": "held", "due_at": None, "error": clean(error)}
    values |= {"from_address": clean(head.from_address), "subject": clean(head.subject)}
    tx.execute(_BY_ID.values(values), {"row_id": row_id})


def release(tx: Tx, row_id: int, *, now: datetime) -> bool:
    """Give a held or dropped arrival to the workers again; False when it was neither."""
    changed = tx.execute(
        _BY_ID.where(inbox.c.state.in_(["held", "dropped"])).values(
            state="received", due_at=now, attempts=0, error=None
        ),
        {"row_id": row_id},
    )
    return changed.rowcount == 1


def drop(tx: Tx, row_id: int, *, reason: str) -> bool:
    """Leave an arrival without a ticket; its bytes stay. False when it is done already."""
    changed = tx.execute(
        _BY_ID.where(inbox.c.state.in_(["held", "received"])).values(
            state="dropped", due_at=None, fate="dropped", error=clean(reason)
        ),
        {"row_id": row_id},
    )
    return changed.rowcount == 1


_WAITS = (
    select(func.count())
    .select_from(inbox)
    .where(
        inbox.c.message_id.in_(bindparam("ids", expanding=True)),
        inbox.c.state == "received",
        inbox.c.id != bindparam("row_id"),
    )
)


def is_on_its_way(tx: Tx, message_ids: Sequence[str], but: InboxId) -> bool:
    """True when one of these mails has arrived but was not taken in yet."""
    return bool(message_ids) and bool(
        tx.execute(_WAITS, {"ids": list(message_ids), "row_id": but}).scalar()
    )


def next_due(tx: Tx) -> datetime | None:
    """When the next arrival is due, if any."""
    due: datetime | None = tx.execute(select(func.min(inbox.c.due_at))).scalar()
    return due


def take_back(tx: Tx, *, now: datetime) -> int:
    """End the leases of workers that are gone; only for a process that works alone.

    A row that was being worked on at several crashes in a row waits longer each time.
    """
    taken = 0
    query = select(inbox.c.id, inbox.c.attempts).where(
        inbox.c.state == "received", inbox.c.due_at > now, inbox.c.attempts > 0
    )
    for row in tx.execute(query).all():
        wait = 0 if row.attempts <= 2 else min(60, 2 ** (row.attempts - 2))
        tx.execute(_BY_ID.values(due_at=now + timedelta(seconds=wait)), {"row_id": row.id})
        taken += 1
    return taken
