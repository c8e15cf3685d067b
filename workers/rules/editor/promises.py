"""priority.yaml, escalation.yaml and notices.yaml for editors. Pure."""

from __future__ import annotations

from datetime import timedelta

from workers.rules import agreements, duration, escalation, ladders, notices, people, priority
from workers.rules.editor.shape import (
    TEXT,
    Schema,
    choice,
    defined,
    either,
    elements,
    items,
    mapping,
    said,
    some,
    whole,
)
from workers.rules.priority import IMPACTS, PRIORITIES, URGENCIES
from workers.sla.agreement import KINDS, MAJOR, METRICS, WAITS
from workers.sla.ladder import BREACH

_TIME: Schema = {
    "type": ["number", "string"],
    "exclusiveMinimum": 0,
    "maximum": duration.MOST // timedelta(hours=1),
    "pattern": r"^(?:\d{1,6}(?:\.\d+)?|(?=\d)(?:\d{1,6}h)? ?(?:\d{1,7}m)?)$",
}
_DAYS = either(whole(1, escalation.LONGEST), {"const": escalation.NEVER})


def ranks() -> Schema:
    """priority.yaml"""
    cell = choice(PRIORITIES)
    row = mapping(IMPACTS, IMPACTS, dict.fromkeys(IMPACTS, cell))
    vip = mapping(priority.VIP, priority.VIP, {"up_to": choice(PRIORITIES[1:])})
    modifiers = {"vip": vip, "critical_services": elements(TEXT)}
    of = {
        "matrix": mapping(URGENCIES, URGENCIES, dict.fromkeys(URGENCIES, row)),
        "defaults": mapping(
            priority.DEFAULTS, (), {"impact": choice(IMPACTS), "urgency": choice(URGENCIES)}
        ),
        "modifiers": mapping(priority.MODIFIERS, (), modifiers),
    }
    return mapping(priority.KEYS, priority.NEEDS, of)


def promises() -> Schema:
    """escalation.yaml"""
    waiting = {"remind": elements(whole(1, escalation.LONGEST)), "resolve": _DAYS}
    of = {
        "agreements": elements(_agreement()),
        "ladders": items(_ladder()),
        "waiting": mapping(escalation.WAITING, (), waiting),
        "close_after": _DAYS,
    }
    return {**mapping(escalation.KEYS, escalation.NEEDS, of), "$defs": {"told": _told()}}


def _agreement() -> Schema:
    told = mapping(agreements.TOLD, agreements.TOLD, {"to": defined("told")})
    of = {
        "kind": choice(tuple(KINDS)),
        "scope": mapping(agreements.SCOPE, (), dict.fromkeys(agreements.SCOPE, some(TEXT))),
        "targets": _targets(tuple(METRICS)),
        "warn": either(whole(1, BREACH - 1), elements(whole(1, BREACH - 1))),
        "warning": told,
        "breach": told,
        "pause": elements(choice(WAITS)),
        "reopen": choice(agreements.REOPENS),
        "retarget": choice(agreements.RETARGETS),
        "respond_on": choice(agreements.RESPONDS),
        "objective": {"type": ["integer", "string"], "pattern": r"^\d{1,3}%?$"},
        "valid_from": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "valid_to": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    }
    # The usual kind measures everything.
    of_kinds = [_of_kind(kind, metrics) for kind, metrics in KINDS.items() if kind != "sla"]
    return {**mapping(agreements.KEYS, agreements.NEEDS, of), "allOf": of_kinds}


def _of_kind(kind: str, metrics: tuple[str, ...]) -> Schema:
    is_of_kind: Schema = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
    return {"if": is_of_kind, "then": {"properties": {"targets": _targets(metrics)}}}


def _targets(metrics: tuple[str, ...]) -> Schema:
    times = mapping(metrics, (), {name: said(_TIME, METRICS[name]) for name in metrics})
    known = (*PRIORITIES, MAJOR)
    return mapping(known, (), dict.fromkeys(known, times))


def _ladder() -> Schema:
    """A list of rungs, or a mapping with the list."""
    of = {
        "at": {"type": "string", "pattern": r"^(?:\d{1,3} ?%|breach(?: ?\+.+)?)$"},
        "every": _TIME,
        "to": defined("told"),
        "ask": choice(ladders.QUESTIONS),
        "do": mapping(ladders.DOES, ladders.DOES, {"pri": {"enum": ["+1", "+2", "+3", 1, 2, 3]}}),
        "until": some({"type": "string", "pattern": "^(?:resolved|ack(?: .+)?)$"}),
    }
    rungs = elements(mapping(ladders.RUNG, ladders.RUNG_NEEDS, of))
    return either(rungs, mapping(ladders.LADDER, ladders.LADDER_NEEDS, {"rungs": rungs}))


def _told() -> Schema:
    """Roles and names, each with the alternatives that ``owner|team`` gives."""
    roles = (*people.ROLES, *ladders.ALSO)
    word = f"(?:{'|'.join(roles)}|(?:agent|team):[^|]+)".replace(".", r"\.")
    one = {"type": "string", "pattern": rf"^\s*{word}(?:\s*\|\s*{word})*\s*$"}
    return some(either(choice(roles), one))


def told_of() -> Schema:
    """notices.yaml"""
    outside = some(choice(notices.OUTSIDE))
    of = {
        kind.value: outside if kind in notices.OUTWARD else defined("told")
        for kind in notices.CHOSEN
    }
    known = [kind.value for kind in notices.CHOSEN]
    needed = [kind.value for kind in notices.NEEDED]
    parts = {
        "notices": mapping(known, needed, of),
        "together_seconds": whole(0, notices.MOST["together_seconds"]),
        "survey_days": whole(0, notices.MOST["survey_days"]),
    }
    return {**mapping(notices.KEYS, notices.NEEDS, parts), "$defs": {"told": _told()}}
