"""Many rows as one value, as PostgreSQL gets them.

A statement with a place for every value of every row would be another one for each number of rows,
taken apart, parsed and planned anew; the same statement for row after row costs driver and server
four times as much. Only so much goes into one value, for it is held several times over on its way,
here and in the server; and a large row is not copied into one at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import JSON, Column, LargeBinary, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import Insert, ReturningInsert
from sqlalchemy.types import TypeEngine

from daemon.store.tables import Utc, micros

#: The parameter of the statement.
RECORDS: Final = "records"

#: Characters, about, of one value; and of a row that goes alone, as an ordinary statement.
_MOST: Final = 1024 * 1024
_LARGE: Final = 64 * 1024

#: Values that JSON has not. What is JSON itself goes as text: taken as a part of the whole, its
#: strings would be read, and PostgreSQL reads no ``\\u0000`` and no half of a surrogate pair. None
#: is JSON's null there, as SQLAlchemy has it, and NULL everywhere else.
_WRITTEN: Final[Mapping[type[TypeEngine[Any]], Callable[[Any], Any]]] = {
    Utc: lambda value: None if value is None else micros(value),
    JSON: json.dumps,
    LargeBinary: lambda value: None if value is None else f"\\x{value.hex()}",
}


@cache
def insertion(
    table: Table, names: tuple[str, ...], returned: tuple[Column[Any], ...] = (), *, is_new: bool
) -> Insert | ReturningInsert[Any]:
    """The INSERT of records with these columns; ``is_new`` leaves alone what is there already."""
    types = {name: table.c[name].type for name in names}
    columns = [
        column(name, Text if isinstance(types[name], JSON) else types[name]) for name in names
    ]
    records = (
        func.json_to_recordset(bindparam(RECORDS, type_=Text).cast(postgresql.JSON))
        .table_valued(*columns)
        .render_derived(name="records", with_types=True)
    )
    values = [
        cast(records.c[name], JSON) if isinstance(types[name], JSON) else records.c[name]
        for name in names
    ]
    insert = postgresql.insert(table).from_select(names, select(*values))
    if is_new:
        insert = insert.on_conflict_do_nothing()
    return insert.returning(*returned) if returned else insert


def columns_of(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The columns that every row has; raises ValueError for one with others.

    What is missing would be NULL in one way of writing and fail in the other.
    """
    names = rows[0].keys()
    for row in rows:
        if row.keys() != names:
            raise ValueError(f"a row with other columns: {sorted(row.keys() ^ names)}")
    return tuple(names)


def portions(rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The rows in their order: as many together as one value may hold, a large one alone."""
    portion: list[Mapping[str, Any]] = []
    total = 0
    for row in rows:
        size = _size(row.values())
        weight = size if size <= _LARGE else _MOST
        if portion and total + weight > _MOST:
            yield portion
            portion, total = [], 0
        portion.append(row)
        total += weight
    yield portion


def _size(values: Iterable[Any]) -> int:
    """The characters of all texts, those within JSON too; anything else counts for one."""
    size = 0
    for value in values:
        kind = type(value)  # every value of every row comes by here
        if kind is str or kind is bytes:
            size += len(value)
        elif kind is dict:
            size += _size(value.values())
        elif kind is list or kind is tuple:
            size += _size(value)
        else:
            size += 1
    return size


def records(table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows, which have the same columns, as the value of that parameter."""
    special = _special(table, tuple(rows[0]))
    return json.dumps([{**row, **_as_written(row, special)} for row in rows])


_Special = tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _special(table: Table, names: tuple[str, ...]) -> _Special:
    """The columns whose values JSON has not, and how these are written."""
    kinds = ((name, _WRITTEN.get(type(table.c[name].type))) for name in names)
    return tuple((name, write) for name, write in kinds if write)


def _as_written(row: Mapping[str, Any], special: _Special) -> dict[str, Any]:
    return {name: write(row[name]) for name, write in special}
