"""Conditions: what ``when:`` says, and whether it holds for a mail and its ticket. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workers.rules.reading import Reading
from workers.rules.span import Span

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Is:
    """One of the field's values is one of these."""

    field: str
    #: Folded.
    values: frozenset[str]

    def holds(self, reading: Reading) -> bool:
        return not self.values.isdisjoint(reading.folded(self.field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """One of these words is somewhere in the field."""

    field: str
    #: Folded.
    words: frozenset[str]

    def holds(self, reading: Reading) -> bool:
        return not self.words.isdisjoint(reading.words(self.field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """One of these regular expressions matches somewhere in the field."""

    field: str
    patterns: frozenset[str]

    def holds(self, reading: Reading) -> bool:
        return not self.patterns.isdisjoint(reading.patterns(self.field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compares:
    """One of the field's values is less, or more, than this."""

    field: str
    operator: str
    limit: float | datetime

    def holds(self, reading: Reading) -> bool:
        compare = OPERATORS[self.operator]
        return any(compare(value, self.limit) for value in reading.numbers(self.field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasts:
    """The field's time is shorter, or longer, than this."""

    field: str
    operator: str
    span: Span

    def holds(self, reading: Reading) -> bool:
        between = reading.between(self.field)
        if between is None:
            return False
        start, end = between
        # Not by the length between the two: "2 working days" has none.
        return OPERATORS[self.operator](end, self.span.after(start, reading.facts.calendar))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """The field has a value, or has none."""

    field: str
    is_there: bool

    def holds(self, reading: Reading) -> bool:
        return reading.exists(self.field) is self.is_there


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message of the ticket has these words: only queries ask for it."""

    field: str = "text"
    words: str
    #: The tickets that the full-text index found.
    numbers: frozenset[int]

    def holds(self, reading: Reading) -> bool:
        ticket = reading.facts.ticket
        return ticket is not None and ticket.number in self.numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Every part holds; without parts, always."""

    parts: tuple[Condition, ...]

    def holds(self, reading: Reading) -> bool:
        # A plain loop: with hundreds of rules a generator is most of the cost.
        for part in self.parts:  # noqa: SIM110
            if not part.holds(reading):
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """At least one part holds: ``any:``."""

    parts: tuple[Condition, ...]

    def holds(self, reading: Reading) -> bool:
        for part in self.parts:  # noqa: SIM110
            if part.holds(reading):
                return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part does not hold."""

    part: Condition

    def holds(self, reading: Reading) -> bool:
        return not self.part.holds(reading)


Test = Is | Contains | Matches | Compares | Lasts | Exists | Written
Condition = Test | All | Some | Not

ALWAYS = All(parts=())


def tests_in(condition: Condition) -> Iterator[Test]:
    """Every question of a condition, at whatever depth."""
    match condition:
        case All(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from tests_in(part)
        case Not(part=part):
            yield from tests_in(part)
        case _:
            yield condition


def searched(conditions: Iterable[Condition]) -> tuple[Searched, Searched]:
    """By field: every word, and every pattern, that some condition looks for in it."""
    words: Searched = {}
    patterns: Searched = {}
    for condition in conditions:
        for test in tests_in(condition):
            match test:
                case Contains():
                    words.setdefault(test.field, []).extend(sorted(test.words))
                case Matches():
                    patterns.setdefault(test.field, []).extend(sorted(test.patterns))
                case _:
                    pass
    return words, patterns


Searched = dict[str, list[str]]
