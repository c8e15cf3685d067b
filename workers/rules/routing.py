"""routing.yaml: ordered rules, what each looks for and what it sets. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from daemon.desk.people import Directory
from daemon.desk.ticket import Type
from workers.rules import schema, when
from workers.rules.condition import ALWAYS, Condition, Scanners
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Mark, Node
from workers.rules.people import team_named
from workers.rules.priority import IMPACTS, URGENCIES
from workers.rules.reference import RuleRef, refer
from workers.rules.services import Services, service_named
from workers.rules.when import Scope

FILE = "routing.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If the condition holds, these fields take these values."""

    ref: RuleRef
    when: Condition
    #: (field, value) in the order written; tags are a tuple.
    sets: tuple[tuple[str, str | tuple[str, ...]], ...]
    #: True: the rules below are tried, too.
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingTable:
    """The rules in their order, and what finds their words."""

    rules: tuple[Rule, ...]
    scanners: Scanners


def read(
    root: Mapping, directory: Directory, services: Services, found: Findings
) -> RoutingTable:
    """The rules of the file; mistakes go into ``found``."""
    parts = schema.keys(root, found, of=FILE, known=("rules",), needed=("rules",))
    scope = Scope(found=found, directory=directory, services=services)
    nodes = schema.elements(parts["rules"].value, found) if "rules" in parts else ()
    rules = tuple(_rule(node, scope) for node in nodes)
    _check_names(rules, nodes, found)
    has_mistakes = bool(found.errors)
    conditions = () if has_mistakes else tuple(rule.when for rule in rules)
    return RoutingTable(rules=rules, scanners=Scanners(conditions))


def _rule(node: Node, scope: Scope) -> Rule:
    found = scope.found
    fields = schema.keys(
        node,
        found,
        of="a rule",
        known=("name", "when", "set", "continue"),
        needed=("name", "when", "set"),
    )
    name = schema.text(fields["name"].value, found) if "name" in fields else ""
    return Rule(
        ref=refer(name, node.mark),
        when=when.read(fields["when"].value, scope) if "when" in fields else ALWAYS,
        sets=_sets(fields["set"].value, scope) if "set" in fields else (),
        goes_on="continue" in fields and schema.flag(fields["continue"].value, found),
    )


def _check_names(rules: tuple[Rule, ...], nodes: tuple[Node, ...], found: Findings) -> None:
    lines: dict[str, int] = {}
    for rule, node in zip(rules, nodes, strict=True):
        first = lines.setdefault(rule.ref.name, rule.ref.line) if rule.ref.name else None
        if first is not None and first != rule.ref.line:
            message = f"a second rule is named {rule.ref.name!r}"
            found.add(_place_of(node, "name"), message, f"first in line {first}")


def _place_of(node: Node, key: str) -> Mark:
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((entry.value.mark for entry in entries if entry.key.text == key), node.mark)


def _sets(node: Node, scope: Scope) -> tuple[tuple[str, str | tuple[str, ...]], ...]:
    entries = schema.keys(node, scope.found, of="'set'", known=SETTABLE)
    if isinstance(node, Mapping) and not node.entries:
        hint = f"expected one of: {', '.join(SETTABLE)}"
        scope.found.add(node.mark, "this rule sets nothing", hint)
    return tuple((name, _READ[name](entry, scope)) for name, entry in entries.items())


def _team(entry: Entry, scope: Scope) -> str:
    return team_named(entry.value, scope.directory.teams, scope.found)


def _service(entry: Entry, scope: Scope) -> str:
    return service_named(entry.value, scope.services, scope.found)


def _text(entry: Entry, scope: Scope) -> str:
    return schema.text(entry.value, scope.found)


def _tags(entry: Entry, scope: Scope) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag, _ in schema.texts(entry.value, scope.found)))


def _one_of(*known: str) -> Callable[[Entry, Scope], str]:
    def read_choice(entry: Entry, scope: Scope) -> str:
        return schema.choice(entry.value, scope.found, what=entry.key.text, known=known)

    return read_choice


_READ: dict[str, Callable[[Entry, Scope], str | tuple[str, ...]]] = {
    "team": _team,
    "service": _service,
    "category": _text,
    "tags": _tags,
    "type": _one_of(*(each.value for each in Type)),
    "urgency": _one_of(*URGENCIES),
    "impact": _one_of(*IMPACTS),
}

#: What ``set:`` may set.
SETTABLE = tuple(_READ)
