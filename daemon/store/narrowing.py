"""Which tickets may be meant: a question in SQL that lets through no fewer than are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, ColumnElement, and_, func, or_

from daemon.store import listing
from daemon.store.engine import Store, Tx
from daemon.store.listing import Listed
from daemon.store.tables import tickets

_OPERATORS: Final = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column has one of these values, whatever their case."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """The column is less, or more, than this."""

    column: str
    operator: str
    limit: int | datetime


@dataclass(frozen=True, slots=True)
class Numbered:
    """It is one of these tickets."""

    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    parts: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of these."""

    parts: tuple[Where, ...]


Where = OneOf | Ordered | Numbered | Every | Either


def candidates(store: Store, where: Where | None) -> Iterator[Listed]:
    """Every ticket that may be meant, by its number, page by page."""
    return listing.tickets_where(store, *_clauses(where))


def newest(tx: Tx, where: Where | None, most: int) -> list[Listed]:
    """So many of the tickets that may be meant, the newest first."""
    return listing.newest_tickets(tx, most, *_clauses(where))


def _clauses(where: Where | None) -> tuple[ColumnElement[bool], ...]:
    return () if where is None else (_clause(where),)


def _clause(where: Where) -> ColumnElement[bool]:
    match where:
        case OneOf(column, values):
            found = tickets.c[column]
            if isinstance(found.type, Boolean):
                return found.is_("true" in values)
            return func.lower(found).in_(values)
        case Ordered(column, operator, limit):
            compared: ColumnElement[bool] = getattr(tickets.c[column], _OPERATORS[operator])(limit)
            return compared
        case Numbered(numbers):
            return tickets.c.number.in_(sorted(numbers))
        case Every(parts):
            return and_(*map(_clause, parts))
        case Either(parts):
            return or_(*map(_clause, parts))
