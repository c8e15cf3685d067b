"""Many rows as one value, as PostgreSQL gets them.

A statement with a place for every value of every row would be another one for each number of rows,
taken apart, parsed and planned anew; the same statement for row after row costs driver and server
four times as much.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import JSON, Column, LargeBinary, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import Insert, ReturningInsert
from sqlalchemy.types import TypeEngine

from daemon.store.tables import Utc, micros

#: The parameter of the statement.
RECORDS: Final = "records"

#: Values that JSON has not. What is JSON itself goes as text: taken as a part of the whole, its
#: strings would be read, and PostgreSQL reads no ``\\u0000`` and no half of a surrogate pair.
_WRITTEN: Final[Mapping[type[TypeEngine[Any]], Callable[[Any], Any]]] = {
    Utc: micros,
    JSON: json.dumps,
    LargeBinary: lambda value: f"\\x{value.hex()}",
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


def records(table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows, which all have the same columns, as the value of that parameter."""
    special = _special(table, tuple(rows[0]))
    return json.dumps([{**row, **_as_written(row, special)} for row in rows])


_Special = tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _special(table: Table, names: tuple[str, ...]) -> _Special:
    """The columns whose values JSON has not, and how these are written."""
    kinds = ((name, _WRITTEN.get(type(table.c[name].type))) for name in names)
    return tuple((name, write) for name, write in kinds if write)


def _as_written(row: Mapping[str, Any], special: _Special) -> dict[str, Any]:
    return {name: write(row[name]) for name, write in special if row[name] is not None}
