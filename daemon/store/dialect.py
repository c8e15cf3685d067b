"""The few places where SQLite and PostgreSQL are spoken to differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from daemon.store.engine import Tx

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
