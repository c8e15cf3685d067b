"""Conditions in words, and the first part of one that does not hold. Pure."""

from __future__ import annotations

from datetime import datetime

from workers.rules.condition import (
    All,
    Compares,
    Condition,
    Contains,
    Exists,
    Is,
    Lasts,
    Matches,
    Not,
    Some,
    Test,
    Written,
)
from workers.rules.field import Kind
from workers.rules.fields import FIELDS, field_named, texts_of
from workers.rules.reading import Reading

_SHOWN = 60
_WORDS = 4


def describe(condition: Condition) -> str:
    """A condition as one would say it."""
    match condition:
        case All(parts=()):
            return "always"
        case All(parts=parts):
            return " and ".join(_bracketed(part) for part in parts)
        case Some(parts=parts):
            return " or ".join(_bracketed(part) for part in parts)
        case Not(part=part):
            return f"not {_bracketed(part)}"
        case _:
            return _test(condition)


def _bracketed(condition: Condition) -> str:
    words = describe(condition)
    return f"({words})" if isinstance(condition, All | Some) else words


def _test(test: Test) -> str:
    match test:
        case Is(field=field, values=values):
            return f"{field} is {_any_of(values)}"
        case Contains(field=field, words=words):
            return f"{field} contains {_any_of(words)}"
        case Matches(field=field, patterns=patterns):
            return f"{field} matches {_any_of(patterns)}"
        case Compares(field=field, operator=operator, limit=limit):
            return f"{field} {operator} {_limit(field, limit)}"
        case Lasts(field=field, operator=operator, span=span):
            return f"{field} {operator} {span.text}"
        case Exists(field=field, is_there=is_there):
            return f"{field} exists" if is_there else f"{field} does not exist"
        case Written(words=written):
            return f"a message says {written!r}"


def _any_of(words: frozenset[str]) -> str:
    shown = [repr(word) for word in sorted(words)]
    more = f" or {len(shown) - _WORDS} more" if len(shown) > _WORDS else ""
    return " or ".join(shown[:_WORDS]) + more


def _limit(name: str, limit: float | datetime) -> str:
    field = field_named(name)
    if isinstance(limit, datetime):
        return limit.isoformat(sep=" ", timespec="minutes")
    if field and field.kind is Kind.RANK:
        return field.words[int(limit)]
    return f"{limit:g}%" if field and field.kind is Kind.PERCENT else f"{limit:g}"


def failure(condition: Condition, reading: Reading) -> str:
    """The first part that does not hold, and what was found instead; empty when all hold."""
    if condition.holds(reading):
        return ""
    if isinstance(condition, All):
        return next(found for part in condition.parts if (found := failure(part, reading)))
    if isinstance(condition, Some | Not | Written):
        return describe(condition)
    return f"{describe(condition)}; found {_found(condition.field, reading)}"


def _found(name: str, reading: Reading) -> str:
    between = reading.between(name) if _is_span(name) else None
    if between:
        return f"{between[1] - between[0]}".partition(".")[0]
    numbers = reading.numbers(name) if name in FIELDS else ()
    texts = texts_of(reading.facts, name) or tuple(_limit(name, number) for number in numbers)
    if not texts:
        return "nothing"
    shown = ", ".join(" ".join(text.split()) for text in texts)
    return repr(shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…")


def _is_span(name: str) -> bool:
    field = field_named(name)
    return field is not None and field.kind is Kind.SPAN
