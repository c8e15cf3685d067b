"""The few places where SQLite and PostgreSQL are spoken to differently."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Row, Select, Table, bindparam, column, func, select
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert, ReturningInsert

from daemon.store.engine import Tx
from daemon.store.tables import Utc

_SQLITE: dict[Table, sqlite.Insert] = {}
_POSTGRESQL: dict[Table, postgresql.Insert] = {}


def insert_new(tx: Tx, table: Table) -> Insert:
    """An INSERT that leaves rows alone that are there already."""
    if tx.dialect.name == "sqlite":
        if table not in _SQLITE:
            _SQLITE[table] = sqlite.insert(table).on_conflict_do_nothing()
        return _SQLITE[table]
    if table not in _POSTGRESQL:
        _POSTGRESQL[table] = postgresql.insert(table).on_conflict_do_nothing()
    return _POSTGRESQL[table]


def insert_returning(
    tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], *returned: Column[Any]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Insert those rows that are not there already; ``returned`` of each that was.

    PostgreSQL gets them as one value: a statement with a place for every value of every row would
    be another one for each number of rows, taken apart, parsed and planned anew.
    """
    if tx.dialect.name == "sqlite":
        return tx.execute(insert_new(tx, table).returning(*returned), rows).all()
    statement = _insert_records(table, tuple(rows[0]), returned)
    records = [
        {name: _plain(table.c[name], value, tx) for name, value in row.items()} for row in rows
    ]
    return tx.execute(statement, {"records": json.dumps(records)}).all()


@cache
def _insert_records(
    table: Table, names: tuple[str, ...], returned: tuple[Column[Any], ...]
) -> ReturningInsert[Any]:
    columns = [column(name, table.c[name].type) for name in names]
    records = (
        func.json_to_recordset(bindparam("records", type_=SqlText).cast(postgresql.JSON))
        .table_valued(*columns)
        .render_derived(name="records", with_types=True)
    )
    insert = postgresql.insert(table).from_select(names, select(*records.c))
    return insert.on_conflict_do_nothing().returning(*returned)


def _plain(into: Column[Any], value: Any, tx: Tx) -> Any:
    return into.type.process_bind_param(value, tx.dialect) if isinstance(into.type, Utc) else value


def take_ids(tx: Tx, table: Table, most: int) -> Sequence[int]:
    """Ids for rows that are written later; on SQLite by this transaction, the only one to write."""
    if tx.dialect.name == "sqlite":
        last = tx.execute(select(func.max(table.c.id))).scalar() or 0
        return range(last + 1, last + 1 + most)
    sequence = func.pg_get_serial_sequence(table.name, "id")
    taken = select(func.nextval(sequence)).select_from(func.generate_series(1, most))
    return tx.execute(taken).scalars().all()


def unclaimed(query: Select[Any]) -> Select[Any]:
    """Rows that no other worker is claiming just now; SQLite has one writer and ignores it."""
    return query.with_for_update(skip_locked=True)


def clean(text: str) -> str:
    """Text that both databases take: without NUL and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "�")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
