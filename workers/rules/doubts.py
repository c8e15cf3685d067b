"""Rules that are well written and yet cannot be meant: never reached, never true. Pure.

``rules check`` tells them as mistakes; a running desk goes on with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from workers.rules.condition import All, Condition, Not, Some, Test, tests_in
from workers.rules.effect import Hold
from workers.rules.field import About
from workers.rules.fields import field_named
from workers.rules.findings import Findings
from workers.rules.implied import contradicts, implies
from workers.rules.rule import Rule, RuleTable
from workers.rules.ruleset import RuleSet
from workers.rules.trigger import On, Trigger

#: Every rule is compared with every one before it: beyond this many it would take minutes.
MOST = 2000


def doubts(rules: RuleSet) -> Findings:
    """What cannot be meant in rules that have no other mistakes."""
    found = Findings()
    for table in (rules.routing, rules.automation):
        for rule in table.rules:
            _check_alone(rule, found, is_new=table is rules.routing)
        _check_order(table, found)
    return found


def _check_alone(rule: Rule, found: Findings, *, is_new: bool) -> None:
    if reason := _never(rule.when):
        found.add(rule.mark, f"rule {rule.ref.name!r} can never hold", reason)
    elif is_new and (name := _of_clocks(rule.when)):
        hint = f"{name!r} holds nothing yet: a new mail's ticket has no clocks"
        found.add(rule.mark, f"rule {rule.ref.name!r} can never hold", hint)
    if not is_new and any(isinstance(effect, Hold) for effect in rule.effects):
        hint = "only routing.yaml can keep a mail from becoming a ticket"
        found.add(rule.mark, f"rule {rule.ref.name!r} holds a mail that is a ticket already", hint)


def _never(condition: Condition) -> str:
    """Why a condition holds for nothing; empty where it may hold."""
    match condition:
        case Not(part=All(parts=())):
            return "'not: always' holds for nothing"
        case Some(parts=parts):
            reasons = [_never(part) for part in parts]
            return reasons[0] if reasons and all(reasons) else ""
        case All(parts=parts):
            return next((why for part in parts if (why := _never(part))), "") or _apart(parts)
        case _:
            return ""


def _apart(parts: tuple[Condition, ...]) -> str:
    """Two parts that cannot both hold, or one that the other excludes."""
    tests = [part for part in _flat(parts) if not isinstance(part, All | Some | Not)]
    for one, other in combinations(tests, 2):
        if contradicts(one, other):
            return f"what it asks of {one.field!r} contradicts itself"
    for part in parts:
        if isinstance(part, Not) and any(implies(test, part.part) for test in tests):
            return "its 'not' excludes what it asks for"
    return ""


def _flat(parts: tuple[Condition, ...]) -> Iterator[Condition]:
    for part in parts:
        if isinstance(part, All):
            yield from _flat(part.parts)
        else:
            yield part


def _of_clocks(condition: Condition) -> str:
    """A field about clocks without which the condition cannot hold."""
    parts = _flat(condition.parts) if isinstance(condition, All) else (condition,)
    for part in parts:
        if not isinstance(part, All | Some | Not):
            field = field_named(part.field)
            if field and field.about is About.CLOCK and part != _absent(part):
                return part.field
    return ""


def _absent(test: Test) -> Test | None:
    return test if getattr(test, "is_there", True) is False else None


def _check_order(table: RuleTable, found: Findings) -> None:
    """A rule that ends the search takes everything that those below it could get."""
    ends: list[Rule] = []
    for rule in table.rules[:MOST]:
        before = next((one for one in ends if _takes_all(one, rule)), None)
        if before is not None:
            what = "can never be reached" if before.when == _ALWAYS else "is shadowed"
            hint = f"rule {before.ref.name!r} in line {before.ref.line} takes what it looks for"
            found.add(rule.mark, f"rule {rule.ref.name!r} {what}", hint)
        if rule.stops or rule.group:
            ends.append(rule)


_ALWAYS = All(parts=())


def _takes_all(before: Rule, rule: Rule) -> bool:
    if not before.stops and before.group != rule.group:
        return False
    if not all(any(_covers(wide, on) for wide in before.ons) for on in rule.ons):
        return False
    # What rules between them do to the ticket may make the difference.
    if any(_is_live(test) for test in (*tests_in(before.when), *tests_in(rule.when))):
        return before.when == _ALWAYS
    return implies(rule.when, before.when)


def _covers(wide: On, on: On) -> bool:
    if wide.trigger is not on.trigger or wide.trigger is Trigger.AFTER:
        return False
    return not wide.names or (bool(on.names) and on.names <= wide.names)


def _is_live(test: Test) -> bool:
    field = field_named(test.field)
    return field is not None and field.about in {About.TICKET, About.CLOCK}
