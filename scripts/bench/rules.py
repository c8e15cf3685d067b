"""Rules against a mail: one by one beside compiled, in one run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import re2

from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from workers.rules.condition import All, Compares, Condition, Contains, Is, Matches, Test, tests_in
from workers.rules.facts import Facts, fold_text
from workers.rules.fields import FIELDS, texts_of
from workers.rules.judge import holding
from workers.rules.nodes import Mark
from workers.rules.reading import Reading
from workers.rules.reference import RuleRef
from workers.rules.rule import Rule, RuleTable, table_of
from workers.rules.trigger import CREATED

_NOW = datetime(2026, 3, 2, tzinfo=UTC)
_MARK = Mark("bench.yaml", 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One number of rules: how long a mail takes, in seconds."""

    rules: int
    compile_seconds: float
    one_by_one: float
    compiled: float
    fired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many rules, and how often they are asked."""

    rules: tuple[int, ...]
    rounds: int


def measure(count: int, rounds: int) -> Measured:
    """The same rules and mails both ways; both must find the same."""
    dice = random.Random(count)  # noqa: S311  the same rules in every run
    words = [_word(dice) for _ in range(count)]
    began = time.perf_counter()
    table = table_of(_rule(number, words[number], dice) for number in range(count))
    compile_seconds = time.perf_counter() - began
    mails = [_mail(words, dice) for _ in range(20)]
    plain = _Plain(table)
    fired = 0
    for facts in mails:  # the automata fill themselves on their first texts
        found = _compiled(table, facts)
        if found != plain.holding(facts):
            raise AssertionError("compiled rules do not find what single ones find")
        fired += len(found)
    return Measured(
        rules=count,
        compile_seconds=compile_seconds,
        one_by_one=_seconds(plain.holding, mails, max(1, rounds * 100 // count)),
        compiled=_seconds(lambda facts: _compiled(table, facts), mails, rounds),
        fired=fired // len(mails),
    )


def _seconds(ask: Callable[[Facts], list[int]], mails: list[Facts], rounds: int) -> float:
    """The median of the rounds, for one mail."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        for facts in mails:
            ask(facts)
        times.append((time.perf_counter() - began) / len(mails))
    return sorted(times)[len(times) // 2]


def _compiled(table: RuleTable, facts: Facts) -> list[int]:
    reading = Reading(facts, table.scanners)
    return [rule.ref.line for rule in holding(table, CREATED, reading)]


class _Plain:
    """Each rule asked in its turn, each pattern compiled beforehand."""

    def __init__(self, table: RuleTable) -> None:
        self._rules = table.rules
        options = re2.Options()
        options.case_sensitive = False
        self._patterns = {
            pattern: re2.compile(pattern, options)
            for rule in table.rules
            for test in tests_in(rule.when)
            if isinstance(test, Matches)
            for pattern in test.patterns
        }

    def holding(self, facts: Facts) -> list[int]:
        """The lines of the rules that hold."""
        folded = {name: [fold_text(text) for text in texts_of(facts, name)] for name in _FIELDS}
        return [rule.ref.line for rule in self._rules if self._holds(rule.when, facts, folded)]

    def _holds(self, condition: Condition, facts: Facts, folded: dict[str, list[str]]) -> bool:
        if isinstance(condition, All):
            return all(self._holds(part, facts, folded) for part in condition.parts)
        return self._is_met(condition, facts, folded)  # type: ignore[arg-type]

    def _is_met(self, test: Test, facts: Facts, folded: dict[str, list[str]]) -> bool:
        match test:
            case Contains(field=field, words=words):
                return any(word in text for word in words for text in folded[field])
            case Matches(field=field, patterns=patterns):
                texts = texts_of(facts, field)
                return any(self._patterns[one].search(text) for one in patterns for text in texts)
            case Is(field=field, values=values):
                domains = ["@" + text.rpartition("@")[2] for text in folded[field]]
                return not values.isdisjoint((*folded[field], *domains))
            case Compares(field=field, limit=limit):
                return any(number <= limit for number in FIELDS[field].numbers(facts))  # type: ignore[operator]
            case _:
                raise AssertionError(test)


_FIELDS = ("subject", "body", "from", "to", "priority")


def _rule(number: int, word: str, dice: random.Random) -> Rule:
    """Of ten rules six look at the subject, two at the body, one at the sender, one at more."""
    kinds: list[Callable[[str], Condition]] = [
        *[lambda word: Contains(field="subject", words=frozenset({word}))] * 6,
        lambda word: Contains(field="body", words=frozenset({word, f"{word} down"})),
        lambda word: Matches(field="body", patterns=frozenset({rf"\b{word}\s+\d+"})),
        lambda word: Is(field="from", values=frozenset({f"@{word}.example"})),
        lambda word: All(
            parts=(
                Compares(field="priority", operator="<=", limit=1),
                Contains(field="subject", words=frozenset({word})),
            )
        ),
    ]
    when = kinds[number % 10](word)
    ref = RuleRef(name=word, file="bench.yaml", line=number)
    return Rule(ref=ref, mark=_MARK, when=when, stops=False)


def _word(dice: random.Random) -> str:
    return "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(6, 12)))


def _mail(words: list[str], dice: random.Random) -> Facts:
    """Three kilobytes of words, of which a few are looked for."""
    text = [_word(dice) for _ in range(300)] + dice.choices(words, k=3)
    dice.shuffle(text)
    ticket = Ticket(number=TicketNumber(1), requester=PersonId(1), created_at=_NOW, updated_at=_NOW)
    return Facts(
        sender=f"ann@{dice.choice(words)}.example",
        subject=f"Trouble with {dice.choice(words)} since noon",
        body=" ".join(text),
        recipients=("help@desk.example",),
        ticket=ticket,
        now=_NOW,
    )
