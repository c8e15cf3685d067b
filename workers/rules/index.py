"""Which of many conditions can hold at all: found from what the facts hold, not by asking. Pure.

Each condition is filed under values, words or patterns of which it needs at least one. Of ten
thousand rules a mail meets a handful; the rest are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workers.rules.condition import All, Condition, Contains, Is, Matches, Some
from workers.rules.field import Kind
from workers.rules.fields import HEADER, field_named
from workers.rules.reading import Reading


@dataclass(frozen=True, slots=True)
class Key:
    """A value, word or pattern that a field must hold."""

    #: ``folded``, ``words`` or ``patterns``: how it is looked for.
    by: str
    field: str
    text: str


Cover = frozenset[Key]


class Index:
    """Conditions by number, filed by what they need."""

    def __init__(self, conditions: Iterable[tuple[int, Condition]]) -> None:
        self._anyway: list[int] = []
        self._filed: dict[tuple[str, str], dict[str, list[int]]] = {}
        for number, condition in conditions:
            self._file(number, cover_of(condition))

    def _file(self, number: int, cover: Cover | None) -> None:
        if cover is None:
            self._anyway.append(number)
            return
        for key in cover:
            self._filed.setdefault((key.by, key.field), {}).setdefault(key.text, []).append(number)

    def candidates(self, reading: Reading, after: int = -1) -> list[int]:
        """The numbers above ``after`` of those that may hold, in order."""
        found = set(self._anyway)
        for (by, field), numbers in self._filed.items():
            there: frozenset[str] = getattr(reading, by)(field)
            # Whichever is the smaller: a text holds few of many words.
            for text in there & numbers.keys():
                found.update(numbers[text])
        return sorted(number for number in found if number > after)


def cover_of(condition: Condition) -> Cover | None:
    """Keys of which at least one is there whenever the condition holds; None: there are none."""
    match condition:
        case Is(field=field, values=values):
            return frozenset(Key("folded", field, value) for value in values)
        case Contains(field=field, words=words):
            return frozenset(Key("words", field, word) for word in words)
        case Matches(field=field, patterns=patterns):
            return frozenset(Key("patterns", field, pattern) for pattern in patterns)
        case All(parts=parts):
            covers = [cover for part in parts if (cover := cover_of(part)) is not None]
            return min(covers, key=_cost, default=None)
        case Some(parts=parts):
            each = [cover_of(part) for part in parts]
            return None if None in each else frozenset().union(*filter(None, each))
        case _:
            return None


def _cost(cover: Cover) -> tuple[int, int]:
    """How often a key of it is there: everybody's mail is from no VIP; few hold a given word."""
    return max((_commonness(key) for key in cover), default=0), len(cover)


def _commonness(key: Key) -> int:
    field = None if key.field.startswith(HEADER) else field_named(key.field)
    if field is None or field.kind is Kind.TEXT:
        return 0
    if field.kind is Kind.ADDRESS:
        return 1
    return 3 if field.kind in {Kind.FLAG, Kind.RANK} or field.words else 2
