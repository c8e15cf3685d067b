"""The rules at work: what happens to a ticket, rule by rule, each with its reason. Pure.

Deciding is done here, on a Change alone; workers/ruling.py carries out what it causes outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from daemon.desk.events import Event, EventKind
from daemon.desk.states import legal_moves
from daemon.desk.ticket import State, Ticket
from daemon.desk.update import Change, moved
from workers.rules.effect import Effect, Hold
from workers.rules.facts import Facts
from workers.rules.files import ROUTING
from workers.rules.prioritise import prioritise
from workers.rules.reading import Reading
from workers.rules.reference import RuleRef
from workers.rules.rule import Pick, Rule, RuleTable, Value
from workers.rules.ruleset import RuleSet
from workers.rules.trigger import CREATED, Happening, Trigger

#: How often what rules do may set off rules again. Sane rules need two or three rounds.
MOST_ROUNDS = 8

#: Finds an owner; empty when nobody is there.
Picker = Callable[[Pick, Ticket], str]


def nobody(_: Pick, __: Ticket) -> str:
    """The picker of a desk without agents."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A rule that held, and for what."""

    rule: Rule
    happening: Happening


class Judge:
    """Applies a set of rules to one ticket; collects what they cause."""

    def __init__(
        self,
        rules: RuleSet,
        facts: Facts,
        change: Change,
        at: datetime,
        picker: Picker = nobody,
    ) -> None:
        self.change = change
        self.fired: list[Fired] = []
        self.effects: list[tuple[Rule, Effect]] = []
        #: The rules that set each other off without end; none where all is well.
        self.loop: tuple[str, ...] = ()
        self._rules, self._facts, self._at, self._picker = rules, facts, at, picker

    @property
    def hold(self) -> str:
        """Why the mail is to become no ticket before a person has looked; or empty."""
        reasons = (effect.reason for _, effect in self.effects if isinstance(effect, Hold))
        return next(reasons, "")

    def opened(self) -> None:
        """A new ticket: what it is about, its priority, then whatever waits for new tickets."""
        self._ask(self._rules.routing, CREATED)
        self._set_defaults()
        self._set_priority()
        if not self.hold:
            self.happened(CREATED)

    def happened(self, *happenings: Happening) -> None:
        """Something happened: the rules that wait for it, and for what these rules do, and so on.

        After some rounds rules that set each other off are stopped, and that is an event.
        """
        waiting: tuple[Happening, ...] = happenings
        for _ in range(MOST_ROUNDS):
            seen = len(self.change.events)
            first = len(self.fired)
            for happening in waiting:
                self._ask(self._rules.automation, happening)
            if len(self.fired) == first:
                return
            waiting = tuple(happenings_of(self.change.events[seen:]))
        if waiting:
            names = dict.fromkeys(str(each.rule.ref) for each in self.fired[first:])
            self.loop = tuple(names)
            self.change.record(self._at, "desk", EventKind.LOOP, rules=list(names))

    def _ask(self, table: RuleTable, happening: Happening) -> None:
        """Every rule of the table that waits for this and holds."""
        if not table.rules:
            return
        reading = self._reading(table)
        for rule in holding(table, happening, reading):
            self._fire(rule, happening, reading)

    def _reading(self, table: RuleTable) -> Reading:
        return Reading(replace(self._facts, ticket=self.change.ticket), table.scanners)

    def _fire(self, rule: Rule, happening: Happening, reading: Reading) -> None:
        self.fired.append(Fired(rule=rule, happening=happening))
        self.effects += [(rule, effect) for effect in rule.effects]
        before = self.change.ticket
        self._set(rule.ref, fields_of(rule, before, self._picker, self._at))
        if rule.ref.file != ROUTING.name:
            self._follow(rule)
        if self.change.ticket is not before:
            reading.see(self.change.ticket)

    def _set(self, ref: RuleRef, fields: Mapping[str, Any]) -> None:
        actor = f"rule:{ref.file}:{ref.line}"
        self.change.set(self._at, actor, fields, why=ref.name, rules=self._rules.version)

    def _set_defaults(self) -> None:
        """The service's team, else the default one; the matrix's impact and urgency."""
        ticket, priority = self.change.ticket, self._rules.priority
        set_ = {name for event in self.change.events for name in event.data.get("set", {})}
        service = self._rules.services.named(ticket.service)
        if not ticket.team and service and service.team:
            self._set(service.ref, {"team": service.team})
        elif not ticket.team and self._rules.directory.default_team:
            self._set(self._rules.default_team, {"team": self._rules.directory.default_team})
        for name, choice in (("impact", priority.impact), ("urgency", priority.urgency)):
            if name not in set_:
                self._set(choice.ref, {name: choice.value})

    def _set_priority(self) -> None:
        """The matrix's word, unless somebody overrode it."""
        ticket = self.change.ticket
        if ticket.priority_reason:
            return
        choices = prioritise(
            self._rules,
            ticket.impact,
            ticket.urgency,
            ticket.service,
            is_vip=self._facts.is_vip,
        )
        for choice in choices:
            self._set(choice.ref, {"priority": choice.value})

    def _follow(self, rule: Rule) -> None:
        """What the priority hangs on has changed: so may the priority."""
        if {"impact", "urgency", "service"} & {name for name, _ in rule.sets}:
            self._set_priority()


def holding(table: RuleTable, happening: Happening, reading: Reading) -> Iterator[Rule]:
    """The rules that hold, in their order; between two the reader may see another ticket."""
    index, groups = table.index[happening.trigger], set()
    numbers = iter(index.candidates(reading))
    while (number := next(numbers, None)) is not None:
        rule = table.rules[number]
        if rule.group in groups or not is_awaited(rule, happening) or not rule.when.holds(reading):
            continue
        facts = reading.facts
        yield rule
        if rule.stops:
            return
        groups |= {rule.group} - {""}
        if reading.facts is not facts:
            numbers = iter(index.candidates(reading, number))


def is_awaited(rule: Rule, happening: Happening) -> bool:
    """Whether the rule waits for this; a time that has come is one rule's alone."""
    if happening.rule and happening.rule != rule.ref.name:
        return False
    return any(happening.is_awaited(on) for on in rule.ons)


def happenings_of(events: Iterable[Event]) -> Iterator[Happening]:
    """What rules may wait for in what has happened: one change, however many steps it took.

    Step by step, two rules that undo each other would double with every round.
    """
    changed: dict[str, Any] = {}
    for event in events:
        if event.kind is EventKind.CHANGED:
            changed |= event.data.get("set", {})
    if changed:
        yield Happening(trigger=Trigger.CHANGED, names=frozenset(changed))
    if "state" in changed:
        yield Happening(trigger=Trigger.STATE, names=frozenset({changed["state"]}))


def fields_of(rule: Rule, ticket: Ticket, picker: Picker, at: datetime) -> dict[str, Any]:
    """What a rule sets, as an event holds it."""
    fields: dict[str, Any] = {}
    for name, value in rule.sets:
        fields |= _field(name, value, {"tags": list(ticket.tags), **fields}, ticket)
        if isinstance(value, Pick):
            found = picker(value, ticket)
            fields |= {"owner": found} if found else {}
        elif name == "priority":
            fields["priority_reason"] = f"rule {rule.ref.name}"
        elif name == "state":
            fields |= _moved(ticket, State(str(value)), at)
    return fields


def _field(name: str, value: Value, known: Mapping[str, Any], ticket: Ticket) -> dict[str, Any]:
    match name, value:
        case "tags", tuple():
            return {"tags": list(dict.fromkeys((*known["tags"], *value)))}
        case "untag", tuple():
            return {"tags": [tag for tag in known["tags"] if tag not in value]}
        case "state", _:
            return {}
        case _, str():
            return {name: value}
        case _:
            return {}


def _moved(ticket: Ticket, state: State, at: datetime) -> dict[str, Any]:
    """A move that the ticket's type does not know is not made."""
    return moved(ticket, state, at) if state in legal_moves(ticket.type, ticket.state) else {}
