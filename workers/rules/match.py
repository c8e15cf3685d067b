"""Which rules hold for a mail, and what they decide. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workers.rules.condition import Reading
from workers.rules.facts import Facts
from workers.rules.load import RuleSet
from workers.rules.priority import IMPACTS, PRIORITIES, Choice, PriorityTable
from workers.rules.reference import Decision, RuleRef
from workers.rules.routing import RoutingTable, Rule

__all__ = ["Decision", "Priority", "Routing", "RuleRef", "prioritise", "route"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What the rules make of a mail; empty where they say nothing."""

    team: str = ""
    service: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    #: ``incident`` or ``request``, or empty.
    type: str = ""
    impact: str = ""
    urgency: str = ""
    #: One for each field that is set, and one for each rule that adds tags.
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """A priority, and how it came about: the matrix first, then what modified it."""

    value: str
    decisions: tuple[Decision, ...] = ()


def route(rules: RuleSet, facts: Facts) -> Routing:
    """Apply the routing rules in their order: the first that holds ends it, unless it goes on.

    Of several rules the last has a field; tags add up. What no rule sets has its default.
    """
    fields: dict[str, Decision] = {}
    tags: dict[str, None] = {}
    tagged: list[Decision] = []
    for rule in _holding(rules.routing, facts):
        for name, value in rule.sets:
            if isinstance(value, tuple):
                tags |= dict.fromkeys(value)
                tagged.append(Decision(field=name, value=value, rule=rule.ref))
            else:
                fields[name] = Decision(field=name, value=value, rule=rule.ref)
    for decision in _defaults(rules, fields):
        fields.setdefault(decision.field, decision)
    texts = {name: str(decision.value) for name, decision in fields.items()}
    return Routing(**texts, tags=tuple(tags), decisions=(*fields.values(), *tagged))


def _holding(table: RoutingTable, facts: Facts) -> Iterator[Rule]:
    reading = Reading(facts.values, table.scanners)
    for rule in table.rules:
        if rule.when.holds(reading):
            yield rule
            if not rule.goes_on:
                return


def _defaults(rules: RuleSet, fields: Mapping[str, Decision]) -> Iterator[Decision]:
    """The service's own team, else the default one; the matrix's impact and urgency."""
    service = rules.services.named(str(fields["service"].value)) if "service" in fields else None
    if service and service.team:
        yield Decision(field="team", value=service.team, rule=service.ref)
    if team := rules.directory.default_team:
        yield Decision(field="team", value=team, rule=rules.default_team)
    for name, choice in (("impact", rules.priority.impact), ("urgency", rules.priority.urgency)):
        yield Decision(field=name, value=choice.value, rule=choice.ref)


def prioritise(rules: RuleSet, facts: Facts, impact: str, urgency: str, service: str) -> Priority:
    """Compute the priority; an empty impact or urgency is the default one."""
    table = rules.priority
    impact, urgency = impact or table.impact.value, urgency or table.urgency.value
    choices = [table.matrix[urgency, impact]]
    choices += _for_service(rules, impact, urgency, service)
    if facts.is_vip:
        choices += _for_vip(table, choices[-1].value)
    decisions = tuple(
        Decision(field="priority", value=choice.value, rule=choice.ref) for choice in choices
    )
    return Priority(value=choices[-1].value, decisions=decisions)


def _for_service(rules: RuleSet, impact: str, urgency: str, service: str) -> list[Choice]:
    """A critical service's failure counts one impact wider."""
    table, known = rules.priority, rules.services.named(service)
    is_critical = known is not None and known.criticality == "high"
    ref = known.ref if known and is_critical else table.critical_services.get(service.casefold())
    wider = IMPACTS[max(0, IMPACTS.index(impact) - 1)]
    value = table.matrix[urgency, wider].value
    is_higher = PRIORITIES.index(value) < PRIORITIES.index(table.matrix[urgency, impact].value)
    return [Choice(value=value, ref=ref)] if ref and is_higher else []


def _for_vip(table: PriorityTable, value: str) -> list[Choice]:
    """One step higher, but no higher than the file allows."""
    limit = table.vip_up_to
    if limit is None or PRIORITIES.index(value) <= PRIORITIES.index(limit.value):
        return []
    return [Choice(value=PRIORITIES[PRIORITIES.index(value) - 1], ref=limit.ref)]
