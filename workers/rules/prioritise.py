"""How impact and urgency make a priority, and what modifies it. Pure."""

from __future__ import annotations

from workers.rules.priority import IMPACTS, PRIORITIES, Choice, PriorityTable
from workers.rules.ruleset import RuleSet


def prioritise(
    rules: RuleSet, impact: str, urgency: str, service: str, *, is_vip: bool = False
) -> tuple[Choice, ...]:
    """The priority and how it came about: the matrix first, then what modified it.

    An empty impact or urgency is the default one.
    """
    table = rules.priority
    impact, urgency = impact or table.impact.value, urgency or table.urgency.value
    choices = [table.matrix[urgency, impact]]
    choices += _for_service(rules, impact, urgency, service)
    if is_vip:
        choices += _for_vip(table, choices[-1].value)
    return tuple(choices)


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
