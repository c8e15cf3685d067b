"""Tickets that a condition asks for: narrowed down by the database, then asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from daemon.desk.ticket import Ticket
from daemon.store import narrowing
from daemon.store.engine import Store, Tx
from daemon.store.listing import Listed
from daemon.store.narrowing import Either, Every, Numbered, OneOf, Ordered, Where, candidates
from workers.rules import query
from workers.rules.condition import (
    OPERATORS,
    All,
    Compares,
    Condition,
    Exists,
    Is,
    Lasts,
    Not,
    Some,
    Test,
    Written,
    searched,
)
from workers.rules.facts import Facts, with_requester
from workers.rules.field import Kind
from workers.rules.fields import FIELDS
from workers.rules.findings import Findings
from workers.rules.query import Asker
from workers.rules.reading import Reading, Scanners
from workers.rules.ruleset import RuleSet, RulesInvalid
from workers.rules.scope import Scope

#: Which fields are columns of the same meaning, and what they are called there.
_COLUMNS = {
    **{name: name for name in ("type", "state", "priority", "impact", "urgency", "major")},
    **{name: name for name in ("team", "owner", "service", "category", "via")},
    "wait": "wait_reason",
    "reopened": "reopen_count",
    "reassigned": "reassign_count",
    "spent": "spent_minutes",
    "csat": "csat",
    "created": "created_at",
    "updated": "updated_at",
    "responded": "first_response_at",
    "resolved": "resolved_at",
    "closed": "closed_at",
    "age": "created_at",
    "idle": "updated_at",
}
#: Those of them that hold a name or nothing.
_NAMES = frozenset({"team", "owner", "service", "category", "via", "wait"})
#: An age that is longer means an instant that is earlier.
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


#: An agent's query looks through so many tickets that may be meant: other mails wait for it.
_REACH = 2_000


def condition_of(
    text: str, rules: RuleSet, index: Callable[[str], frozenset[int]], login: str = ""
) -> Condition:
    """What a query asks for. Raises RulesInvalid with its mistakes."""
    scope = Scope(found=Findings(), directory=rules.directory, services=rules.services)
    condition = query.read(text, Asker(scope=scope, index=index, login=login))
    if errors := scope.found.errors:
        raise RulesInvalid(errors, texts={})
    return condition


def newest(
    tx: Tx, rules: RuleSet, condition: Condition, now: datetime, *, most: int = 100
) -> tuple[Ticket, ...]:
    """The newest tickets for which the condition holds, of those that are not too old."""
    scanners = Scanners(*searched([condition]))
    found = (
        listed.ticket
        for listed in narrowing.newest(tx, where(condition, now), _REACH)
        if condition.holds(Reading(_facts(listed, rules, now), scanners))
    )
    return tuple(islice(found, most))


def find(store: Store, rules: RuleSet, condition: Condition, now: datetime) -> Iterator[Listed]:
    """Every ticket for which the condition holds, by its number."""
    scanners = Scanners(*searched([condition]))
    for listed in candidates(store, where(condition, now)):
        if condition.holds(Reading(_facts(listed, rules, now), scanners)):
            yield listed


def _facts(listed: Listed, rules: RuleSet, now: datetime) -> Facts:
    facts = Facts(
        ticket=listed.ticket,
        due_at=None if listed.ticket.is_done else min(listed.due.values(), default=None),
        now=now,
        calendar=rules.working_time,
    )
    return with_requester(facts, listed.requester, rules.directory)


def where(condition: Condition, now: datetime) -> Where | None:
    """What the database can say of it: never less than the condition; None: nothing."""
    match condition:
        case All(parts=parts):
            known = tuple(found for part in parts if (found := where(part, now)))
            return Every(known) if known else None
        case Some(parts=parts):
            each = [where(part, now) for part in parts]
            return None if None in each else Either(tuple(filter(None, each)))
        case Not():
            return None
        case _:
            return _of_test(condition, now)


def _of_test(test: Test, now: datetime) -> Where | None:
    match test:
        case Exists(field=field, is_there=False) if field in _NAMES:
            return OneOf(_COLUMNS[field], ("",))
        case Is(field=field, values=values) if field in _COLUMNS and _is_plain(values):
            return None if FIELDS[field].kind is Kind.COUNT else _one_of(field, values)
        case Compares(field=field, operator=operator, limit=limit) if field in _COLUMNS:
            return _ordered(field, operator, limit)
        case Lasts(field=field, operator=operator, span=span) if field in _COLUMNS:
            if span.is_working:
                return None
            return Ordered(_COLUMNS[field], _TURNED[operator], now - span.length)
        case Written(numbers=numbers):
            return Numbered(numbers)
        case _:
            return None


def _is_plain(values: frozenset[str]) -> bool:
    """SQLite knows the case of ASCII letters only."""
    return all(value.isascii() for value in values)


def _one_of(field: str, values: frozenset[str]) -> OneOf:
    return OneOf(_COLUMNS[field], tuple(sorted(values)))


def _ordered(field: str, operator: str, limit: float | datetime) -> Where | None:
    if FIELDS[field].kind is Kind.RANK and not isinstance(limit, datetime):
        words = FIELDS[field].words
        compare = Compares(field=field, operator=operator, limit=limit)
        return OneOf(_COLUMNS[field], tuple(word.lower() for word in _within(compare, words)))
    return Ordered(_COLUMNS[field], operator, limit if isinstance(limit, datetime) else int(limit))


def _within(compare: Compares, words: tuple[str, ...]) -> Iterator[str]:
    for rank, word in enumerate(words):
        if OPERATORS[compare.operator](rank, compare.limit):
            yield word
