"""Many tickets at once: the rows that the desk itself has written for one mail, again and again.

Cloned rows follow the schema as it grows; only what must be unique is made so here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daemon.store import tables
from daemon.store.engine import Store, Tx

_CHUNK = 1000

_Row = dict[str, Any]
_Change = Callable[[Any, int], Any]


def _suffixed(value: Any, n: int) -> Any:
    return None if value is None else f"{n}-{value}"


def _digested(value: Any, n: int) -> Any:
    return None if value is None else hashlib.sha256(f"{n} {value}".encode()).hexdigest()


def _earlier(value: Any, n: int) -> Any:
    return value - timedelta(seconds=30 * n) if isinstance(value, datetime) else value


#: Every table that a ticket leaves rows in, in the order of their foreign keys: how the rows differ
#: from one ticket to the next. ``#`` is the ticket's number or its person, ``id`` a row of its own.
_TABLES: tuple[tuple[str, Mapping[str, _Change | str]], ...] = (
    ("people", {"id": "#"}),
    ("addresses", {"person": "#", "address": _suffixed}),
    ("tickets", {"number": "#", "requester": "#", "created_at": _earlier}),
    (
        "inbox",
        {
            "id": "#", "ticket": "#", "source_key": _suffixed, "message_id": _suffixed,
            "from_address": _suffixed, "received_at": _earlier,
        },
    ),
    ("inbox_raw", {"inbox_id": "#"}),
    (
        "messages",
        {
            "id": "id", "ticket": "#", "inbox_id": "#", "person": "#", "content_key": _digested,
            "message_id": _suffixed, "from_address": _suffixed,
        },
    ),
    ("events", {"ticket": "#", "inbox_id": "#"}),
    ("clocks", {"id": "id", "ticket": "#"}),
    ("timers", {"id": "id", "ticket": "#", "key": _suffixed}),
    (
        "outbox",
        {
            "id": "id", "ticket": "#", "unique_key": _suffixed, "message_id": _suffixed,
            "recipient": _suffixed, "created_at": _earlier,
        },
    ),
)  # fmt: skip


def seed(store: Store, count: int) -> None:
    """Add so many tickets like the first one that the desk has written."""
    with store.begin() as tx:
        number = _value(tx, "ticket")
        first = max(number, _most(tx, "people", "id"), _most(tx, "inbox", "id")) + 1
        for name, changes in _TABLES:
            _clone(tx, name, changes, first, count)
        _finish(tx, first, count)


def _value(tx: Tx, counter: str) -> int:
    rows = tx.execute(tables.counters.select().where(tables.counters.c.name == counter))
    return int(rows.one().value)


def _most(tx: Tx, table: str, column: str) -> int:
    ids = tables.metadata.tables[table]
    rows = tx.execute(ids.select().with_only_columns(ids.c[column]))
    return max((row[0] for row in rows), default=0)


def _clone(tx: Tx, name: str, changes: Mapping[str, _Change | str], first: int, count: int) -> None:
    table = tables.metadata.tables[name]
    models = _models(tx, name)
    next_id = _most(tx, name, "id") + 1 if changes.get("id") == "id" else 0
    rows: Iterable[_Row] = (
        _copy(row, changes, first, n, next_id + n * len(models) + place)
        for n in range(count)
        for place, row in enumerate(models)
    )
    for chunk in _chunks(rows):
        tx.execute(table.insert(), chunk)


def _models(tx: Tx, name: str) -> list[_Row]:
    """The rows of this table that belong to ticket 1."""
    table = tables.metadata.tables[name]
    (mail,) = tx.execute(tables.inbox.select().where(tables.inbox.c.ticket == 1)).all()
    (ticket,) = tx.execute(tables.tickets.select().where(tables.tickets.c.number == 1)).all()
    keys = {
        "people": ("id", ticket.requester),
        "addresses": ("person", ticket.requester),
        "tickets": ("number", 1),
        "inbox_raw": ("inbox_id", mail.id),
    }
    column, value = keys.get(name, ("ticket", 1))
    return [
        dict(row._mapping) for row in tx.execute(table.select().where(table.c[column] == value))
    ]


def _copy(row: _Row, changes: Mapping[str, _Change | str], first: int, n: int, own_id: int) -> _Row:
    copy = dict(row)
    for column, change in changes.items():
        if change == "#":
            copy[column] = None if row[column] is None else first + n
        elif change == "id":
            copy[column] = own_id
        elif not isinstance(change, str):
            copy[column] = change(row[column], first + n)
    return copy


def _chunks(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    chunk: list[_Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _finish(tx: Tx, first: int, count: int) -> None:
    """Numbers go on after the last ticket, ids after the last row."""
    counters = tables.counters
    tx.execute(counters.update().where(counters.c.name == "ticket").values(value=first + count - 1))
    if tx.dialect.name == "postgresql":
        for name in ("people", "inbox", "messages", "clocks", "timers", "outbox"):
            tx.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608  our own names
            )
