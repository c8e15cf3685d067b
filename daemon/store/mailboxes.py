"""Rows of mailboxes: where each IMAP folder was left; and what the ledger has of its mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from daemon.arrival import InboxId, Source
from daemon.store.dialect import clean, insert_new
from daemon.store.engine import Tx
from daemon.store.tables import inbox, mailboxes


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A folder as the last complete round left it."""

    #: ``mailbox/folder``
    name: str
    uidvalidity: int
    #: Every UID below it is settled: in the ledger, and tidied away.
    next_uid: int
    server_uidnext: int
    server_messages: int
    seen_at: datetime
    error: str | None = None
    error_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger knows of a message that was fetched before."""

    size: int
    received_at: datetime
    sha256: str
    message_id: str


_COLUMNS = tuple(View.__dataclass_fields__)
_VIEW = select(mailboxes).where(mailboxes.c.name == bindparam("wanted"))
_KNOWN = select(
    inbox.c.source_key, inbox.c.size, inbox.c.received_at, inbox.c.sha256, inbox.c.message_id
).where(inbox.c.source_key.in_(bindparam("keys", expanding=True)))
_COPY = (
    select(inbox.c.id)
    .where(
        inbox.c.message_id == bindparam("wanted"),
        inbox.c.sha256 == bindparam("digest"),
        inbox.c.source == Source.IMAP.value,
        inbox.c.peer == bindparam("mailbox"),
    )
    .order_by(inbox.c.id)
    .limit(1)
)


def load(tx: Tx, name: str) -> View | None:
    """The folder's row; None when no round was ever complete and no error was told."""
    row = tx.execute(_VIEW, {"wanted": name}).one_or_none()
    return None if row is None else View(**{column: row._mapping[column] for column in _COLUMNS})


def save(tx: Tx, view: View) -> None:
    """Write the folder's row; an error that lasts keeps the instant at which it began."""
    before = load(tx, view.name)
    values = {name: getattr(view, name) for name in _COLUMNS}
    if view.error is not None:
        began = view.seen_at if before is None else before.error_since or view.seen_at
        values |= {"error": clean(view.error), "error_since": began}
    if before is None:
        tx.execute(insert_new(tx, mailboxes), values)
    else:
        tx.execute(update(mailboxes).where(mailboxes.c.name == view.name).values(values))


def report(tx: Tx, name: str, error: str, at: datetime) -> None:
    """Write down why the folder cannot be read, and leave everything else as it was."""
    before = load(tx, name) or View(
        name=name, uidvalidity=0, next_uid=0, server_uidnext=0, server_messages=0, seen_at=at
    )
    since = before.error_since or at
    save(tx, replace(before, error=error, error_since=since))


def known(tx: Tx, keys: Sequence[str]) -> dict[str, Known]:
    """The ledger's rows of these source keys."""
    return {
        row.source_key: Known(
            size=row.size,
            received_at=row.received_at,
            sha256=row.sha256,
            message_id=row.message_id,
        )
        for row in tx.execute(_KNOWN, {"keys": [clean(key) for key in keys]})
    }


def known_copy(tx: Tx, mailbox: str, sha256: str, message_id: str) -> InboxId | None:
    """The arrival by which this mailbox brought the same bytes before, under whatever UID."""
    wanted = {"wanted": clean(message_id), "digest": sha256, "mailbox": clean(mailbox)}
    row_id = tx.execute(_COPY, wanted).scalar_one_or_none()
    return None if row_id is None else InboxId(row_id)


def arrivals(tx: Tx, folder: str) -> int:
    """How many rows of the ledger came from a folder, whatever its UIDVALIDITY was."""
    prefix = clean(f"imap:{folder}:")
    # Not LIKE: it ignores case on SQLite, and a folder's name may hold its wildcards.
    of_the_folder = func.substr(inbox.c.source_key, 1, len(prefix)) == prefix
    rows = select(func.count()).where(inbox.c.source == Source.IMAP.value, of_the_folder)
    return int(tx.execute(rows).scalar_one())
