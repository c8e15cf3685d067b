"""automation.yaml: what the desk does by itself when something happens to a ticket. Pure."""

from __future__ import annotations

from daemon.desk.ticket import State
from workers.rules import effects, rulelist, schema
from workers.rules.nodes import Entry, Mapping, Node, Scalar, Sequence
from workers.rules.rule import RuleTable
from workers.rules.rulelist import Form
from workers.rules.scope import Scope
from workers.rules.trigger import CREATED, SINCE, Happening, On, Trigger

FILE = "automation.yaml"

#: What ``on:`` writes as one word; ``after`` needs a time.
WORDS = tuple(each.value for each in Trigger if each is not Trigger.AFTER)
#: The fields whose change ``changed:`` may wait for.
CHANGEABLE = (
    "type", "team", "owner", "service", "category", "priority", "impact", "urgency", "tags",
    "subject", "language", "organisation", "wait_reason", "major", "parent",
)  # fmt: skip

#: The keys of an event that is more than a word.
ON = ("changed", "state", "after", "since")


def read(root: Mapping, scope: Scope) -> RuleTable:
    """The rules of the file; mistakes go into the scope's."""
    return rulelist.read(root, FORM, scope)


def _ons(node: Node, scope: Scope) -> tuple[On, ...]:
    """One thing, or a list of them: any will do."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    if not nodes:
        scope.found.add(node.mark, "this list is empty", f"expected one of: {', '.join(WORDS)}")
    return tuple(on for each in nodes if (on := _on(each, scope)))


def _on(node: Node, scope: Scope) -> On | None:
    if isinstance(node, Scalar):
        word = schema.choice(node, scope.found, what="event", known=WORDS)
        return On(trigger=Trigger(word)) if word else None
    fields = schema.keys(node, scope.found, of="'on'", known=ON)
    if "after" in fields:
        return _after(fields, scope)
    for trigger, words in (
        (Trigger.CHANGED, CHANGEABLE),
        (Trigger.STATE, tuple(each.value for each in State)),
    ):
        if trigger.value in fields:
            return On(trigger=trigger, names=_names(fields[trigger.value], words, scope))
    if isinstance(node, Mapping) and len(fields) == len(node.entries):
        hint = "expected 'changed: …', 'state: …' or 'after: …'"
        scope.found.add(node.mark, "this names no event", hint)
    return None


def _names(entry: Entry, words: tuple[str, ...], scope: Scope) -> frozenset[str]:
    nodes = schema.texts(entry.value, scope.found)
    what = "field" if entry.key.text == Trigger.CHANGED else "state"
    for word, node in nodes:
        if word not in words:
            scope.found.unknown(node.mark, what, word, words)
    return frozenset(word for word, _ in nodes)


def _after(fields: dict[str, Entry], scope: Scope) -> On:
    since = ""
    if "since" in fields:
        place = fields["since"].value
        since = schema.choice(place, scope.found, what="beginning", known=SINCE)
    span = effects.length(fields["after"].value, scope)
    return On(trigger=Trigger.AFTER, span=span, since=since or SINCE[0])


def read_happening(node: Node, scope: Scope) -> Happening:
    """What happens in a test case: one event; of ``after`` the rule's name."""
    if isinstance(node, Mapping) and [each.key.text for each in node.entries] == ["after"]:
        name = schema.text(node.entries[0].value, scope.found)
        return Happening(trigger=Trigger.AFTER, rule=name)
    on = _on(node, scope)
    return Happening(trigger=on.trigger, names=on.names) if on else CREATED


FORM = Form(file=FILE, match="all", on=_ons)
