"""Why the rules did what they did: each rule in its order, and why it fired or did not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from daemon.desk.update import Change
from workers.rules.describe import failure
from workers.rules.facts import Facts
from workers.rules.judge import Judge, Picker, is_awaited, nobody
from workers.rules.reference import RuleRef
from workers.rules.rule import Rule, RuleTable
from workers.rules.ruleset import RuleSet
from workers.rules.trigger import Happening


class Outcome(StrEnum):
    """What became of a rule."""

    FIRED = "fired"
    DID_NOT_HOLD = "no"
    NOT_ASKED = "not asked"
    #: A default, the matrix: not a rule, but a line that decided.
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule, in its turn."""

    rule: RuleRef
    on: Happening | None
    outcome: Outcome
    #: What it set, or why it did not.
    why: str


class Explainer(Judge):
    """A judge who asks every rule in its turn and keeps a record."""

    def __init__(
        self,
        rules: RuleSet,
        facts: Facts,
        change: Change,
        at: datetime,
        picker: Picker = nobody,
    ) -> None:
        super().__init__(rules, facts, change, at, picker)
        self.steps: list[Step] = []

    def _ask(self, table: RuleTable, happening: Happening) -> None:
        reading = self._reading(table)
        ended, groups = "", dict[str, str]()
        for rule in table.rules:
            if not is_awaited(rule, happening):
                continue
            reason = _passed_over(rule, ended, groups)
            if reason:
                self._note(rule.ref, happening, Outcome.NOT_ASKED, reason)
            elif reason := failure(rule.when, reading):
                self._note(rule.ref, happening, Outcome.DID_NOT_HOLD, reason)
            else:
                self._fire(rule, happening, reading)
                ended = rule.ref.name if rule.stops else ""
                groups |= {rule.group: rule.ref.name} if rule.group else {}

    def _set(self, ref: RuleRef, fields: Mapping[str, Any]) -> None:
        before = len(self.change.events)
        super()._set(ref, fields)
        changed = self.change.events[before:]
        fired = self.fired[-1] if self.fired and self.fired[-1].rule.ref == ref else None
        outcome = Outcome.FIRED if fired else Outcome.DECIDED
        if changed or fired:
            words = _told(changed[0].data["set"]) if changed else "changes nothing"
            self._note(ref, fired.happening if fired else None, outcome, words)

    def _note(self, ref: RuleRef, on: Happening | None, outcome: Outcome, why: str) -> None:
        self.steps.append(Step(rule=ref, on=on, outcome=outcome, why=why))


def _passed_over(rule: Rule, ended: str, groups: Mapping[str, str]) -> str:
    if ended:
        return f"{ended!r} ended it"
    if rule.group in groups:
        return f"{groups[rule.group]!r} was the one of group {rule.group!r}"
    return ""


def _told(fields: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in fields.items()
    )
