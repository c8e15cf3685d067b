"""What stands behind a field: each predicate's reading, by the kind of the field. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from workers.rules import schema, span
from workers.rules.condition import Compares, Contains, Exists, Is, Lasts, Matches, Test
from workers.rules.facts import fold_text
from workers.rules.field import Field, Kind
from workers.rules.nodes import Node, Scalar, kind_of
from workers.rules.scan import mistake_in
from workers.rules.scope import CLOSED, NAMED, Scope
from workers.rules.span import Span

MAX_PATTERN = 1000

_SIZE = re.compile(r"(\d{1,9}) ?(B|KB|MB|GB)?", re.ASCII | re.IGNORECASE)
_SIZES = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_PERCENT = re.compile(r"(\d{1,4})%?", re.ASCII)

Read = Callable[[str, Field, Node, Scope], Test]


def _is(name: str, field: Field, node: Node, scope: Scope) -> Test:
    if not isinstance(node, Scalar):
        hint = "expected one text; several stand in a list with 'in: […]'"
        scope.found.add(node.mark, f"'is' found {kind_of(node)}", hint)
        return Is(field=name, values=frozenset())
    return Is(field=name, values=_values(name, field, node, scope))


def _in(name: str, field: Field, node: Node, scope: Scope) -> Test:
    if isinstance(node, Scalar):
        hint = "expected a list; a single text stands with 'is: …'"
        scope.found.add(node.mark, f"'in' found {kind_of(node)}", hint)
        return Is(field=name, values=frozenset())
    return Is(field=name, values=_values(name, field, node, scope))


def _values(name: str, field: Field, node: Node, scope: Scope) -> frozenset[str]:
    nodes = [item for _, item in schema.texts(node, scope.found)]
    return frozenset(
        fold_text(value) for item in nodes if (value := _value(name, field, item, scope))
    )


def _value(name: str, field: Field, node: Node, scope: Scope) -> str:
    if field.kind is Kind.ADDRESS:
        return _address_or_domain(node, scope)
    if field.kind is Kind.FLAG:
        return "true" if schema.flag(node, scope.found) else "false"
    if field.kind is Kind.COUNT:
        return str(schema.whole(node, scope.found, least=0, most=10**9))
    if field.words:
        return _one_of(name, field, node, scope)
    return _named(name, node, scope)


def _one_of(name: str, field: Field, node: Node, scope: Scope) -> str:
    what = "kind of automatic mail" if name == "automatic" else name
    return schema.choice(node, scope.found, what=what, known=field.words)


def _named(name: str, node: Node, scope: Scope) -> str:
    """A name of people.yaml or services.yaml, where the field is about one; else any text."""
    word = schema.text(node, scope.found)
    known = NAMED[name](scope) if name in NAMED else ()
    is_known = word.casefold() in {each.casefold() for each in known}
    if word and not is_known and (known or name in CLOSED):
        scope.found.unknown(node.mark, name.rpartition(".")[2], word, known)
    return word


def _address_or_domain(node: Node, scope: Scope) -> str:
    value = schema.text(node, scope.found)
    local, at, domain = value.rpartition("@")
    if at and domain and not (set(value) & set(" <>,")):
        return value
    hint = "expected such as ann@example.com, or @example.com for everybody there"
    scope.found.add(node.mark, f"{value!r} is not a mail address", hint)
    return local


def _contains(name: str, field: Field, node: Node, scope: Scope) -> Test:
    words = schema.texts(node, scope.found)
    return Contains(field=name, words=frozenset(fold_text(word) for word, _ in words))


def _matches(name: str, field: Field, node: Node, scope: Scope) -> Test:
    patterns = schema.texts(node, scope.found)
    for pattern, place in patterns:
        _check_pattern(pattern, place, scope)
    return Matches(field=name, patterns=frozenset(pattern for pattern, _ in patterns))


def _check_pattern(pattern: str, node: Node, scope: Scope) -> None:
    if len(pattern) > MAX_PATTERN:
        hint = f"at most {MAX_PATTERN} characters"
        scope.found.add(node.mark, "this regular expression is too long", hint)
    elif mistake := mistake_in(pattern):
        hint = "expected RE2 syntax: no look-around, no back-references"
        scope.found.add(node.mark, f"this regular expression is wrong: {mistake}", hint)


def _exists(name: str, field: Field, node: Node, scope: Scope) -> Test:
    return Exists(field=name, is_there=schema.flag(node, scope.found))


def _ordered(operator: str) -> Read:
    def read(name: str, field: Field, node: Node, scope: Scope) -> Test:
        word = schema.text(node, scope.found)
        if field.kind is Kind.SPAN:
            length = span.parse(word) if word else Span()
            if length is None:
                scope.found.add(node.mark, f"{word!r} is not a length of time", span.EXPECTED)
            return Lasts(field=name, operator=operator, span=length or Span())
        if field.kind is Kind.RANK:
            known = _one_of(name, field, node, scope)
            limit: float | datetime | None = field.words.index(known) if known else 0
        else:
            limit = _LIMITS[field.kind](word, scope) if word else 0
            if limit is None:
                scope.found.add(node.mark, *_EXPECTED[field.kind](word))
        return Compares(field=name, operator=operator, limit=0 if limit is None else limit)

    return read


def _count(word: str, _: Scope) -> float | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else None


def _size(word: str, _: Scope) -> float | None:
    form = _SIZE.fullmatch(word)
    return int(form[1]) * _SIZES[(form[2] or "").upper()] if form else None


def _percent(word: str, _: Scope) -> float | None:
    form = _PERCENT.fullmatch(word)
    return int(form[1]) if form else None


def instant(word: str, scope: Scope) -> datetime | None:
    """A date, with or without a time; without an offset it is the desk's."""
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=scope.zone)


_LIMITS: dict[Kind, Callable[[str, Scope], float | datetime | None]] = {
    Kind.COUNT: _count,
    Kind.SIZE: _size,
    Kind.PERCENT: _percent,
    Kind.INSTANT: instant,
}
_EXPECTED: dict[Kind, Callable[[str], tuple[str, str]]] = {
    Kind.COUNT: lambda word: (f"{word!r} is not a number", "expected such as 3"),
    Kind.SIZE: lambda word: (f"{word!r} is not a size", "expected such as 500, 20KB, 5MB"),
    Kind.PERCENT: lambda word: (f"{word!r} is not a percentage", "expected such as 75%"),
    Kind.INSTANT: lambda word: (
        f"{word!r} is not a date",
        "expected such as 2026-03-01 or '2026-03-01 09:00'",
    ),
}

READ: dict[str, Read] = {
    "is": _is,
    "in": _in,
    "contains": _contains,
    "matches": _matches,
    "exists": _exists,
    **{operator: _ordered(operator) for operator in ("<", "<=", ">", ">=")},
}
