"""Tickets that a query finds: its terms as conditions of SQL, its words in the subject."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from daemon.desk.ticket import Ticket
from daemon.desk.verbs.query import Query, Term
from daemon.store.engine import Tx
from daemon.store.tables import tickets
from daemon.store.tickets import ticket_of

_SIGNS: Final[dict[str, Callable[[Any, Any], ColumnElement[bool]]]] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def find(tx: Tx, query: Query, *, limit: int = 100) -> tuple[Ticket, ...]:
    """The newest tickets of which all of the query holds."""
    where = [_holds(term) for term in query.terms]
    where += [tickets.c.subject.icontains(word, autoescape=True) for word in query.words]
    found = select(tickets).where(*where).order_by(tickets.c.number.desc())
    return tuple(ticket_of(row) for row in tx.execute(found.limit(limit)))


def _holds(term: Term) -> ColumnElement[bool]:
    column = tickets.c[term.column]
    if isinstance(term.value, str) and term.column != "priority":
        return func.lower(column) == term.value.lower()
    return _SIGNS[term.sign](column, term.value)
