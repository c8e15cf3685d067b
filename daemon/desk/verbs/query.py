"""The query of ``/find``: ``state:open team:network pri<=P2 age>2d "words"``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daemon.desk.ticket import State, Type
from daemon.desk.verbs.catalogue import value_of
from daemon.desk.verbs.dates import duration
from daemon.errors import TicketError

_TERM: Final = re.compile(
    r"(?P<field>[^\W\d_]+)(?P<sign>:|<=|>=|<|>)(?P<value>\"[^\"]*\"|\S+)"
    r"|\"(?P<quoted>[^\"]*)\"|(?P<word>\S+)"
)
#: Fields by what people call them.
_FIELDS: Final = {
    "type": "type", "state": "state", "team": "team", "owner": "owner", "pri": "priority",
    "priority": "priority", "impact": "impact", "urgency": "urgency", "service": "service",
    "category": "category", "org": "organisation", "via": "via", "site": "site", "lang": "language",
}  # fmt: skip
#: Instants, asked for by how long ago they were.
_AGES: Final = {"age": "created_at", "quiet": "updated_at"}
_MOST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One condition: a column of the ticket, how it compares, and with what."""

    column: str
    #: ``=``, ``<=``, ``>=``, ``<`` or ``>``.
    sign: str
    value: str | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """All of its terms hold, and all of its words are in the subject."""

    terms: tuple[Term, ...] = ()
    words: tuple[str, ...] = ()


def parse(text: str, now: datetime, login: str = "") -> Query:
    """Read a query; ``me`` is the one who asks. Raises TicketError, naming what is known."""
    terms: list[Term] = []
    words: list[str] = []
    for found in list(_TERM.finditer(text))[:_MOST]:
        if found["field"]:
            value = found["value"].strip('"')
            terms.append(_term(found["field"].casefold(), found["sign"], value, now, login))
        else:
            words.append(found["quoted"] or found["word"] or "")
    return Query(terms=tuple(terms), words=tuple(filter(None, words)))


def _term(field: str, sign: str, value: str, now: datetime, login: str) -> Term:
    if field in _AGES:
        return _age(field, sign, value, now)
    if field not in _FIELDS:
        known = ", ".join((*_FIELDS, *_AGES))
        raise TicketError(
            'no field "%(field)s" to look for; there are: %(known)s', field=field, known=known
        )
    column = _FIELDS[field]
    if column == "priority":
        # P1 is the highest: pri<=P2 means P1 and P2, as people say it.
        return Term(column=column, sign="=" if sign == ":" else sign, value=value.upper())
    if sign != ":":
        raise TicketError(
            "%(field)s is compared by ':' only, like %(field2)s:%(value)s",
            field=field,
            field2=field,
            value=value,
        )
    return Term(column=column, sign="=", value=_value(column, value, login))


def _value(column: str, value: str, login: str) -> str:
    if column == "owner":
        return {"me": login, "none": ""}.get(value.casefold(), value.casefold())
    if column in {"state", "type"}:
        known = [one.value for one in (State if column == "state" else Type)]
        if value_of(value) not in known:
            raise TicketError(
                'no %(column)s "%(value)s"; there are: %(known)s',
                column=column,
                value=value,
                known=", ".join(known),
            )
    return value_of(value) if column in {"state", "type", "impact", "urgency"} else value


def _age(field: str, sign: str, value: str, now: datetime) -> Term:
    """Older than two days is before the day before yesterday: the signs turn round."""
    turned = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
    if sign not in turned:
        raise TicketError(
            "%(field)s is compared by < or >, like %(field2)s>2d", field=field, field2=field
        )
    span: timedelta = duration(value)
    return Term(column=_AGES[field], sign=turned[sign], value=now - span)
