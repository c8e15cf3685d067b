"""escalation.yaml: agreements, their targets, and whom to tell. Pure."""

from __future__ import annotations

from datetime import timedelta

from daemon.desk.people import Directory
from workers.rules import duration, schema
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node
from workers.rules.people import ROLES
from workers.rules.priority import PRIORITIES
from workers.sla.agreement import METRICS, Agreement, Target

FILE = "escalation.yaml"

_KNOWN = ("name", "targets", "warn", "warning", "breach")


def read(root: Mapping, directory: Directory, found: Findings) -> tuple[Agreement, ...]:
    """The agreements of the file; mistakes go into ``found``."""
    parts = schema.keys(root, found, of=FILE, known=("agreements",), needed=("agreements",))
    nodes = schema.elements(parts["agreements"].value, found) if "agreements" in parts else ()
    seen: dict[str, int] = {}
    return tuple(_agreement(node, directory, seen, found) for node in nodes)


def _agreement(
    node: Node, directory: Directory, seen: dict[str, int], found: Findings
) -> Agreement:
    fields = schema.keys(node, found, of="an agreement", known=_KNOWN, needed=("name", "targets"))
    warn = schema.whole(fields["warn"].value, found, least=1, most=99) if "warn" in fields else 75
    return Agreement(
        name=schema.text(fields["name"].value, found) if "name" in fields else "",
        line=node.mark.line,
        targets=_targets(fields, seen, found),
        warn=warn,
        warning_to=_told(fields, "warning", ("owner",), directory, found),
        breach_to=_told(fields, "breach", ("owner", "lead"), directory, found),
    )


def _targets(
    fields: dict[str, Entry], seen: dict[str, int], found: Findings
) -> dict[str, tuple[Target, ...]]:
    if "targets" not in fields:
        return {}
    entries = schema.keys(fields["targets"].value, found, of="'targets'", known=PRIORITIES)
    targets = {}
    for priority, entry in entries.items():
        first = seen.setdefault(priority, entry.key.mark.line)
        if first != entry.key.mark.line:
            hint = f"first in line {first}; the first one counts"
            found.add(entry.key.mark, f"another agreement has targets for {priority}", hint)
        targets[priority] = _target(entry, found)
    return targets


def _target(entry: Entry, found: Findings) -> tuple[Target, ...]:
    what = f"targets of {entry.key.text}"
    fields = schema.keys(entry.value, found, of=what, known=METRICS)
    within = {
        metric: duration.read(fields[metric].value, found) for metric in METRICS if metric in fields
    }
    if within.get("resolve", timedelta.max) < within.get("respond", timedelta(0)):
        place = fields["resolve"].value.mark
        found.add(place, "resolved before the first response", "resolve takes at least as long")
    return tuple(Target(metric=metric, within=time) for metric, time in within.items())


def _told(
    fields: dict[str, Entry],
    name: str,
    default: tuple[str, ...],
    directory: Directory,
    found: Findings,
) -> tuple[str, ...]:
    if name not in fields:
        return default
    part = schema.keys(fields[name].value, found, of=f"'{name}'", known=("to",), needed=("to",))
    nodes = schema.texts(part["to"].value, found) if "to" in part else ()
    names = (_somebody(word, node, directory, found) for word, node in nodes)
    return tuple(dict.fromkeys(filter(None, names)))


def _somebody(word: str, node: Node, directory: Directory, found: Findings) -> str:
    """A role as it is; of ``agent:NAME`` and ``team:NAME`` the name: no two share one."""
    if word in ROLES:
        return word
    agents = {f"agent:{agent.name}": agent.name for agent in directory.agents}
    teams = {f"team:{team.name}": team.name for team in directory.teams}
    known = {**agents, **teams}
    if word not in known:
        found.unknown(node.mark, "recipient", word, (*ROLES, *known))
    return known.get(word, "")
