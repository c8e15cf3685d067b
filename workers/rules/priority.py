"""priority.yaml: the matrix of impact and urgency, and what modifies it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from workers.rules import schema
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node
from workers.rules.reference import RuleRef, refer

FILE = "priority.yaml"
#: Widest first.
IMPACTS = ("org", "site", "team", "person")
#: Most urgent first.
URGENCIES = ("critical", "high", "normal", "low")
#: Highest first.
PRIORITIES = ("P1", "P2", "P3", "P4")

#: The file's keys, and those of its parts.
KEYS = ("matrix", "defaults", "modifiers")
NEEDS = ("matrix",)
DEFAULTS = ("impact", "urgency")
MODIFIERS = ("vip", "critical_services")
VIP = ("up_to",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value of the file and where it stands."""

    value: str
    ref: RuleRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityTable:
    """How a ticket's priority is computed."""

    #: By (urgency, impact).
    matrix: dict[tuple[str, str], Choice] = field(default_factory=dict)
    impact: Choice
    urgency: Choice
    #: The highest priority to which a VIP alone raises, by one step; None: being a VIP is nothing.
    vip_up_to: Choice | None = None
    #: By folded service: a failure there counts one impact wider.
    critical_services: dict[str, RuleRef] = field(default_factory=dict)


def read(root: Mapping, found: Findings) -> PriorityTable:
    """The table of the file; mistakes go into ``found``."""
    parts = schema.keys(root, found, of=FILE, known=KEYS, needed=NEEDS)
    defaults = _part(parts, "defaults", DEFAULTS, found)
    modifiers = _part(parts, "modifiers", MODIFIERS, found)
    return PriorityTable(
        matrix=_matrix(parts["matrix"].value, found) if "matrix" in parts else {},
        impact=_default(root, defaults, "impact", IMPACTS, found),
        urgency=_default(root, defaults, "urgency", URGENCIES, found),
        vip_up_to=_vip(modifiers["vip"].value, found) if "vip" in modifiers else None,
        critical_services=_services(modifiers, found),
    )


def _part(
    parts: dict[str, Entry], name: str, known: tuple[str, ...], found: Findings
) -> dict[str, Entry]:
    if name not in parts:
        return {}
    return schema.keys(parts[name].value, found, of=f"'{name}'", known=known)


def _matrix(node: Node, found: Findings) -> dict[tuple[str, str], Choice]:
    rows = schema.keys(node, found, of="'matrix'", known=URGENCIES, needed=URGENCIES)
    cells: dict[tuple[str, str], Choice] = {}
    for urgency, row in rows.items():
        what = f"urgency {urgency!r}"
        columns = schema.keys(row.value, found, of=what, known=IMPACTS, needed=IMPACTS)
        for impact, cell in columns.items():
            value = schema.choice(cell.value, found, what="priority", known=PRIORITIES)
            ref = refer(f"matrix: {urgency}, {impact}", cell.value.mark)
            cells[urgency, impact] = Choice(value=value, ref=ref)
    return cells


_DEFAULTS = {"impact": "person", "urgency": "normal"}


def _default(
    root: Mapping, defaults: dict[str, Entry], name: str, known: tuple[str, ...], found: Findings
) -> Choice:
    if name not in defaults:
        return Choice(value=_DEFAULTS[name], ref=refer(f"default {name}", root.mark))
    node = defaults[name].value
    value = schema.choice(node, found, what=name, known=known)
    return Choice(value=value, ref=refer(f"default {name}", node.mark))


def _vip(node: Node, found: Findings) -> Choice | None:
    fields = schema.keys(node, found, of="'vip'", known=VIP, needed=VIP)
    if "up_to" not in fields:
        return None
    place = fields["up_to"].value
    value = schema.choice(place, found, what="priority", known=PRIORITIES)
    if value == "P1":
        hint = f"expected one of: {', '.join(PRIORITIES[1:])}"
        found.add(place.mark, "a VIP alone never makes a P1", hint)
    return Choice(value=value, ref=refer("VIP", place.mark))


def _services(modifiers: dict[str, Entry], found: Findings) -> dict[str, RuleRef]:
    if "critical_services" not in modifiers:
        return {}
    nodes = schema.listed(modifiers["critical_services"].value, found)
    return {name.casefold(): refer(f"critical service {name}", node.mark) for name, node in nodes}
