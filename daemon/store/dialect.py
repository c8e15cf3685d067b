"""The few places where SQLite and PostgreSQL are spoken to differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Row, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from daemon.store.engine import Tx
from daemon.store.records import RECORDS, insertion, records

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


def insert_rows(
    tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], *, is_new: bool = False
) -> None:
    """Insert rows with the same columns; ``is_new`` leaves alone what is there already."""
    if tx.dialect.name == "sqlite" or len(rows) == 1:
        tx.execute(insert_new(tx, table) if is_new else table.insert(), rows)
    else:
        statement = insertion(table, tuple(rows[0]), is_new=is_new)
        tx.execute(statement, {RECORDS: records(table, rows)})


def insert_returning(
    tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], *returned: Column[Any]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Insert those rows that are not there already; ``returned`` of each that was."""
    if tx.dialect.name == "sqlite":
        return tx.execute(insert_new(tx, table).returning(*returned), rows).all()
    statement = insertion(table, tuple(rows[0]), returned, is_new=True)
    return tx.execute(statement, {RECORDS: records(table, rows)}).all()


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
