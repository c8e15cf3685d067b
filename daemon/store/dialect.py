"""The few places where SQLite and PostgreSQL are spoken to differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, CursorResult, Row, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert, ReturningInsert

from daemon.store.engine import Tx
from daemon.store.records import RECORDS, columns_of, insertion, portions, records


def insert_new(tx: Tx, table: Table) -> Insert:
    """An INSERT that leaves rows alone that are there already."""
    return _insert_new(tx.dialect.name, table)


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


@cache
def _one_by_one(
    dialect: str, table: Table, returned: tuple[Column[Any], ...], *, is_new: bool
) -> Insert | ReturningInsert[Any]:
    insert = _insert_new(dialect, table) if is_new else table.insert()
    return insert.returning(*returned) if returned else insert


def insert_rows(
    tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], *, is_new: bool = False
) -> None:
    """Insert rows; ``is_new`` leaves alone what is there already.

    Raises ValueError when the rows have not all the same columns.
    """
    _insert(tx, table, rows, is_new=is_new)


def insert_returning(
    tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]], *returned: Column[Any]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Insert those rows that are not there already; ``returned`` of each that was.

    Raises ValueError as ``insert_rows`` does.
    """
    return [row for result in _insert(tx, table, rows, returned, is_new=True) for row in result]


def _insert(
    tx: Tx,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    returned: tuple[Column[Any], ...] = (),
    *,
    is_new: bool,
) -> list[CursorResult[*tuple[Any, ...]]]:
    names = columns_of(rows)
    one_by_one = _one_by_one(tx.dialect.name, table, returned, is_new=is_new)
    if tx.dialect.name == "sqlite":
        return [tx.execute(one_by_one, rows)]
    together = insertion(table, names, returned, is_new=is_new)
    return [
        tx.execute(one_by_one, portion)
        if len(portion) == 1
        else tx.execute(together, {RECORDS: records(table, portion)})
        for portion in portions(rows)
    ]


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
