"""Conditions: what ``when:`` says, and whether it holds for a mail. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from workers.rules.facts import fold_text
from workers.rules.scan import Scanner

#: What a field holds, by its name.
Values = Callable[[str], tuple[str, ...]]


class Scanners:
    """Every ``contains`` and ``matches`` of a set of rules, one automaton for each field."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        words: dict[str, list[str]] = {}
        patterns: dict[str, list[str]] = {}
        for test in _tests(conditions):
            match test:
                case Contains():
                    words.setdefault(test.field, []).extend(sorted(test.words))
                case Matches():
                    patterns.setdefault(test.field, []).extend(sorted(test.patterns))
                case _:
                    pass
        self.words = _scanners(words, is_literal=True)
        self.patterns = _scanners(patterns, is_literal=False)


def _scanners(wanted: Mapping[str, list[str]], *, is_literal: bool) -> dict[str, Scanner]:
    return {name: Scanner(found, is_literal=is_literal) for name, found in wanted.items()}


class Reading:
    """One mail under one set of rules: each field is folded and scanned once, when first asked."""

    def __init__(self, values: Values, scanners: Scanners) -> None:
        self.values = values
        self._scanners = scanners
        self._folded: dict[str, frozenset[str]] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._patterns: dict[str, frozenset[str]] = {}

    def folded(self, field: str) -> frozenset[str]:
        """The field's values, folded; an address also as its domain, ``@example.com``."""
        found = self._folded.get(field)
        if found is None:
            texts = [fold_text(value) for value in self.values(field)]
            if field in ADDRESS_FIELDS:
                texts += ["@" + text.rpartition("@")[2] for text in texts]
            found = self._folded[field] = frozenset(texts)
        return found

    def words(self, field: str) -> frozenset[str]:
        """Of the words that any rule looks for in this field: those that are in it."""
        found = self._words.get(field)
        if found is None:
            texts = map(fold_text, self.values(field))
            found = self._words[field] = self._scanners.words[field].hits(texts)
        return found

    def patterns(self, field: str) -> frozenset[str]:
        """Likewise, of the patterns."""
        found = self._patterns.get(field)
        if found is None:
            found = self._scanners.patterns[field].hits(self.values(field))
            self._patterns[field] = found
        return found


ADDRESS_FIELDS = frozenset({"from", "to"})


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
class Exists:
    """The field has a value, or has none."""

    field: str
    is_there: bool

    def holds(self, reading: Reading) -> bool:
        return bool(reading.values(self.field)) is self.is_there


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


Test = Is | Contains | Matches | Exists
Condition = Test | All | Some | Not

ALWAYS = All(parts=())


def _tests(conditions: Iterable[Condition]) -> Iterator[Test]:
    for condition in conditions:
        match condition:
            case All(parts=parts) | Some(parts=parts):
                yield from _tests(parts)
            case Not(part=part):
                yield from _tests((part,))
            case _:
                yield condition
