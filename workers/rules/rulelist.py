"""The list of rules in routing.yaml and automation.yaml: one form, two defaults. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workers.rules import actions, effects, schema, when
from workers.rules.condition import ALWAYS
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Mark, Node
from workers.rules.reference import refer
from workers.rules.rule import Rule, RuleTable, table_of
from workers.rules.scope import Scope
from workers.rules.trigger import On, Trigger

MATCHES = ("first", "all")
#: The file's keys.
KEYS = ("match", "rules")
NEEDS = ("rules",)
#: A rule without any of these does nothing.
DEEDS = ("set", "do")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a file's list of rules differs from the other's."""

    file: str
    #: ``first``: the first rule that holds ends it; ``all``: every rule that holds counts.
    match: str
    #: Reads ``on:``; None: the file's rules are all for new mail.
    on: Callable[[Node, Scope], tuple[On, ...]] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """What a rule of the file may say."""
        on = ("on",) if self.on else ()
        return ("name", *on, "when", *DEEDS, "continue", "stop", "group")

    @property
    def needs(self) -> tuple[str, ...]:
        """What it must say, beside one of ``DEEDS``."""
        return ("name", "on") if self.on else ("name", "when")


def read(root: Mapping, form: Form, scope: Scope) -> RuleTable:
    """The rules of the file; mistakes go into the scope's."""
    found = scope.found
    parts = schema.keys(root, found, of=form.file, known=KEYS, needed=NEEDS)
    match = form.match
    if "match" in parts:
        match = schema.choice(parts["match"].value, found, what="match", known=MATCHES) or match
    nodes = schema.elements(parts["rules"].value, found) if "rules" in parts else ()
    rules = tuple(_rule(node, form, match, scope) for node in nodes)
    _check_names(rules, nodes, found)
    return table_of(() if found.errors else rules)


def _rule(node: Node, form: Form, match: str, scope: Scope) -> Rule:
    found = scope.found
    fields = schema.keys(node, found, of="a rule", known=form.keys, needed=form.needs)
    if isinstance(node, Mapping) and not set(DEEDS) & {each.key.text for each in node.entries}:
        found.add(node.mark, "a rule has neither 'set' nor 'do'", "expected 'set: …'")
    name = schema.text(fields["name"].value, found) if "name" in fields else ""
    return Rule(
        ref=refer(name, node.mark),
        mark=fields["when"].value.mark if "when" in fields else node.mark,
        ons=_ons(fields, form, scope),
        when=when.read(fields["when"].value, scope) if "when" in fields else ALWAYS,
        sets=actions.read(fields["set"].value, scope) if "set" in fields else (),
        effects=effects.read(fields["do"].value, scope) if "do" in fields else (),
        stops=_stops(fields, match, found),
        group=schema.text(fields["group"].value, found) if "group" in fields else "",
    )


def _ons(fields: dict[str, Entry], form: Form, scope: Scope) -> tuple[On, ...]:
    if form.on is None:
        return (On(trigger=Trigger.CREATED),)
    return form.on(fields["on"].value, scope) if "on" in fields else ()


def _stops(fields: dict[str, Entry], match: str, found: Findings) -> bool:
    """``continue`` and ``stop`` are each other's opposite."""
    if "continue" in fields and "stop" in fields:
        mark = fields["stop"].key.mark
        found.add(mark, "'stop' beside 'continue'", "one of them says it")
    if "continue" in fields:
        return not schema.flag(fields["continue"].value, found)
    if "stop" in fields:
        return schema.flag(fields["stop"].value, found)
    return match == "first"


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
