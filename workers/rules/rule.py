"""A rule: when what happens and what holds, these fields are set and these things done. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workers.rules.condition import ALWAYS, Condition, searched
from workers.rules.effect import Effect, Hold
from workers.rules.index import Index
from workers.rules.nodes import Mark
from workers.rules.reading import Scanners
from workers.rules.reference import RuleRef
from workers.rules.trigger import On, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """An owner by a strategy instead of by name."""

    strategy: str
    #: Only agents who have it; empty: any.
    skill: str = ""


#: A text; tags to add; or how an owner is found.
Value = str | tuple[str, ...] | Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of routing.yaml or automation.yaml."""

    ref: RuleRef
    #: Where its condition stands, for what is said of it.
    mark: Mark
    ons: tuple[On, ...] = (On(trigger=Trigger.CREATED),)
    when: Condition = ALWAYS
    #: (field, value) in the order written; tags are a tuple.
    sets: tuple[tuple[str, Value], ...] = ()
    effects: tuple[Effect, ...] = ()
    #: False: the rules below are tried, too.
    stops: bool = True
    #: Of the rules of one group the first that holds is the only one.
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTable:
    """The rules of a file in their order, what finds their words, and which to try for what."""

    rules: tuple[Rule, ...]
    scanners: Scanners
    index: Mapping[Trigger, Index]

    #: Whether any rule sets a mail aside for a person.
    may_hold: bool


def table_of(rules: Iterable[Rule]) -> RuleTable:
    """Compile rules that have no mistakes."""
    rules = tuple(rules)
    words, patterns = searched(rule.when for rule in rules)
    return RuleTable(
        rules=rules,
        scanners=Scanners(words, patterns),
        index={
            trigger: Index(
                (number, rule.when)
                for number, rule in enumerate(rules)
                if any(on.trigger is trigger for on in rule.ons)
            )
            for trigger in Trigger
        },
        may_hold=any(isinstance(effect, Hold) for rule in rules for effect in rule.effects),
    )
