"""Does one condition hold whenever another does? Said only where it is certain. Pure."""

from __future__ import annotations

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
from workers.rules.fields import field_named


def implies(one: Condition, other: Condition) -> bool:
    """True when ``other`` holds for everything for which ``one`` does."""
    match one, other:
        case _, All(parts=parts):
            return all(implies(one, part) for part in parts)
        case Some(parts=parts), _:
            return bool(parts) and all(implies(part, other) for part in parts)
        case _, Some(parts=parts) if any(implies(one, part) for part in parts):
            return True
        case All(parts=parts), _:
            return any(implies(part, other) for part in parts)
        case Not(part=excluded), Not(part=wider):
            return implies(wider, excluded)
        case Not() | Some(), _:
            return False
        case _, Not() | Some():
            return False
        case _:
            return _test_implies(one, other)


def _test_implies(one: Test, other: Test) -> bool:
    if one.field != other.field:
        return False
    match one, other:
        case Exists(is_there=first), Exists(is_there=second):
            return first is second
        case Written(), _:
            return one == other
        case _, Exists(is_there=is_there):
            return is_there
        case Compares(), Compares():
            return _is_within(one, other)
        case Lasts(), Lasts():
            return one == other
        case _:
            return _words_imply(one, other)


def _words_imply(one: Test, other: Test) -> bool:
    """Of tests that ask for words."""
    match one, other:
        case Is(values=some), Is(values=more):
            return some <= more
        case Is(values=values), Contains(words=words):
            return all(any(word in value for word in words) for value in values)
        case Contains(words=longer), Contains(words=words):
            return all(any(word in text for word in words) for text in longer)
        case Matches(patterns=some), Matches(patterns=more):
            return some <= more
        case _:
            return False


def _is_within(one: Compares, other: Compares) -> bool:
    """``< 3`` is within ``< 5`` and ``<= 3``."""
    if one.operator[0] != other.operator[0] or type(one.limit) is not type(other.limit):
        return one == other
    if one.limit == other.limit:
        return one.operator == other.operator or "=" in other.operator
    return (one.limit < other.limit) is (one.operator[0] == "<")  # type: ignore[operator]


def contradicts(one: Test, other: Test) -> bool:
    """True when both cannot hold at once."""
    if one.field != other.field:
        return False
    match one, other:
        case Exists(is_there=False), Exists(is_there=False):
            return False
        case Exists(is_there=False), _:
            return True
        case _, Exists(is_there=False):
            return True
        case Is(values=some), Is(values=more):
            field = field_named(one.field)
            is_address = any(value.startswith("@") for value in some | more)
            return bool(field and field.is_single) and not is_address and some.isdisjoint(more)
        case Compares(), Compares():
            field = field_named(one.field)
            return bool(field and field.is_single) and _are_apart(one, other)
        case _:
            return False


def _are_apart(one: Compares, other: Compares) -> bool:
    """``< 3`` and ``> 5``."""
    if one.operator[0] == other.operator[0] or type(one.limit) is not type(other.limit):
        return False
    low, high = (one, other) if one.operator[0] == ">" else (other, one)
    if low.limit == high.limit:
        return low.operator + high.operator != ">=<="
    return low.limit > high.limit  # type: ignore[operator]
