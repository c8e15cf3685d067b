"""One mail and ticket under one set of rules: each field is looked at once, when first asked. Pure.

The ticket changes from rule to rule, the mail does not: what is known of the mail is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from daemon.desk.ticket import Ticket
from workers.rules.facts import Facts, fold_text
from workers.rules.field import About, Kind, Number
from workers.rules.fields import FIELDS, HEADER, field_named, texts_of
from workers.rules.scan import Scanner


class Scanners:
    """Every word and pattern of a set of rules, one automaton for each field."""

    def __init__(
        self, words: Mapping[str, Sequence[str]], patterns: Mapping[str, Sequence[str]]
    ) -> None:
        self.words = {name: Scanner(found, is_literal=True) for name, found in words.items()}
        self.patterns = {name: Scanner(found, is_literal=False) for name, found in patterns.items()}


class Reading:
    """The facts, as conditions ask for them."""

    def __init__(self, facts: Facts, scanners: Scanners) -> None:
        self.facts = facts
        self._scanners = scanners
        self._folded: dict[str, frozenset[str]] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._patterns: dict[str, frozenset[str]] = {}

    def see(self, ticket: Ticket) -> None:
        """The ticket is another one now; what was found in the mail stays."""
        self.facts = replace(self.facts, ticket=ticket)
        for found in (self._folded, self._words, self._patterns):
            for name in LIVE & found.keys():
                del found[name]

    def folded(self, field: str) -> frozenset[str]:
        """The field's values, folded; an address also as its domain, ``@example.com``."""
        found = self._folded.get(field)
        if found is None:
            texts = [fold_text(value) for value in texts_of(self.facts, field)]
            if _is_address(field):
                texts += ["@" + text.rpartition("@")[2] for text in texts]
            found = self._folded[field] = frozenset(texts)
        return found

    def words(self, field: str) -> frozenset[str]:
        """Of the words that any rule looks for in this field: those that are in it."""
        found = self._words.get(field)
        if found is None:
            texts = map(fold_text, texts_of(self.facts, field))
            found = self._words[field] = self._scanners.words[field].hits(texts)
        return found

    def patterns(self, field: str) -> frozenset[str]:
        """Likewise, of the patterns."""
        found = self._patterns.get(field)
        if found is None:
            found = self._scanners.patterns[field].hits(texts_of(self.facts, field))
            self._patterns[field] = found
        return found

    def numbers(self, field: str) -> Sequence[Number]:
        """The field's values as something that has an order."""
        return FIELDS[field].numbers(self.facts)

    def between(self, field: str) -> tuple[datetime, datetime] | None:
        """From when to when the field's span lasts, if it does."""
        return FIELDS[field].between(self.facts)

    def exists(self, field: str) -> bool:
        """Whether there is any value."""
        kind = None if field.startswith(HEADER) else FIELDS[field].kind
        if kind is Kind.SPAN:
            return self.between(field) is not None
        if kind in {Kind.COUNT, Kind.PERCENT, Kind.INSTANT}:
            return bool(self.numbers(field))
        return bool(texts_of(self.facts, field))


@cache
def _is_address(name: str) -> bool:
    field = field_named(name)
    return field is not None and field.kind is Kind.ADDRESS


#: What a ticket may change under a rule's eyes.
LIVE = {name for name, field in FIELDS.items() if field.about is About.TICKET} | {
    "subject",
    "language",
    "site",
}
