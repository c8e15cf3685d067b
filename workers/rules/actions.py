"""``set:`` as written: the table of fields that a rule may set, and their reading. Pure."""

from __future__ import annotations

from collections.abc import Callable

from daemon.desk.ticket import State, Type
from workers.rules import schema
from workers.rules.nodes import Entry, Mapping, Node
from workers.rules.people import team_named
from workers.rules.priority import IMPACTS, PRIORITIES, URGENCIES
from workers.rules.rule import Pick, Value
from workers.rules.scope import Scope
from workers.rules.services import service_named

PICK = ("pick", "skill")
PICK_NEEDS = ("pick",)
#: How an owner is found among those who are there.
STRATEGIES = ("least-open", "round-robin", "last-agent", "owner-of-service")


def read(node: Node, scope: Scope) -> tuple[tuple[str, Value], ...]:
    """What a rule sets, in the order written."""
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


def _owner(entry: Entry, scope: Scope) -> Value:
    if isinstance(entry.value, Mapping):
        return _pick(entry.value, scope)
    word = schema.text(entry.value, scope.found)
    if word in STRATEGIES:
        return Pick(strategy=word)
    known = {agent.name.lower(): agent.name for agent in scope.directory.agents}
    if word and word.lower() not in known:
        scope.found.unknown(entry.value.mark, "agent", word, (*known.values(), *STRATEGIES))
    return known.get(word.lower(), "")


def _pick(node: Node, scope: Scope) -> Pick:
    found = scope.found
    fields = schema.keys(node, found, of="'owner'", known=PICK, needed=PICK_NEEDS)
    strategy = ""
    if "pick" in fields:
        place = fields["pick"].value
        strategy = schema.choice(place, found, what="way to pick", known=STRATEGIES)
    skill = schema.text(fields["skill"].value, found) if "skill" in fields else ""
    return Pick(strategy=strategy or STRATEGIES[0], skill=skill.casefold())


def _one_of(*known: str) -> Callable[[Entry, Scope], str]:
    def read_choice(entry: Entry, scope: Scope) -> str:
        return schema.choice(entry.value, scope.found, what=entry.key.text, known=known)

    return read_choice


#: Which words each takes, for editors; none: those of other files, or any.
WORDS: dict[str, tuple[str, ...]] = {
    "type": tuple(each.value for each in Type),
    "state": tuple(each.value for each in State if each is not State.NEW),
    "priority": PRIORITIES,
    "urgency": URGENCIES,
    "impact": IMPACTS,
}

_READ: dict[str, Callable[[Entry, Scope], Value]] = {
    "team": _team,
    "owner": _owner,
    "service": _service,
    "category": _text,
    "tags": _tags,
    "untag": _tags,
    "type": _one_of(*WORDS["type"]),
    "state": _one_of(*WORDS["state"]),
    "priority": _one_of(*PRIORITIES),
    "urgency": _one_of(*URGENCIES),
    "impact": _one_of(*IMPACTS),
}

#: What ``set:`` may set.
SETTABLE = tuple(_READ)
