"""A field: one thing that a condition may ask about, and what can be asked of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workers.rules.facts import Facts


class Kind(StrEnum):
    """What a field holds, and hence what can be asked of it."""

    TEXT = "text"
    ADDRESS = "address"
    #: One of some words.
    NAME = "name"
    FLAG = "flag"
    #: One of some words that have an order.
    RANK = "rank"
    COUNT = "count"
    SIZE = "size"
    PERCENT = "percent"
    INSTANT = "instant"
    SPAN = "span"


class About(StrEnum):
    """What a field is about: not every rule has all of it before it."""

    MAIL = "mail"
    REQUESTER = "requester"
    TICKET = "ticket"
    CLOCK = "clock"


_ORDERED = ("<", "<=", ">", ">=")
_FULL = ("is", "in", "contains", "matches", "exists")
_IN_NAME = ("is", "in", "exists")
#: Which predicates each kind takes.
PREDICATES: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: _FULL,
    Kind.ADDRESS: _FULL,
    Kind.NAME: _IN_NAME,
    Kind.FLAG: ("is",),
    Kind.RANK: ("is", "in", *_ORDERED),
    Kind.COUNT: ("is", "in", *_ORDERED, "exists"),
    Kind.SIZE: _ORDERED,
    Kind.PERCENT: (*_ORDERED, "exists"),
    Kind.INSTANT: (*_ORDERED, "exists"),
    Kind.SPAN: (*_ORDERED, "exists"),
}

Number = float | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a condition may ask about."""

    about: About
    kind: Kind
    #: For the documentation and for editors.
    says: str
    #: Its values as texts; empty when there is nothing.
    texts: Callable[[Facts], tuple[str, ...]] = lambda _: ()
    #: Its values as something that has an order.
    numbers: Callable[[Facts], Sequence[Number]] = lambda _: ()
    #: From when to when, of a span.
    between: Callable[[Facts], tuple[datetime, datetime] | None] = lambda _: None
    #: All the words there are, lowest first; none: any. Names of the rule files: see ``NAMED``.
    words: tuple[str, ...] = ()
    #: True where it holds at most one value.
    is_single: bool = True
