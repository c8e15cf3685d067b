"""``do:`` as written: the table of what a rule may cause, and its reading. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Template
from urllib.parse import urlsplit

from daemon.desk.links import Relation
from workers.notices.notice import Kind
from workers.rules import schema, span
from workers.rules.effect import (
    PLACEHOLDERS,
    AddTask,
    Call,
    Effect,
    Hold,
    Relate,
    Tell,
    Watch,
    Write,
)
from workers.rules.nodes import Entry, Node, Scalar, Sequence
from workers.rules.people import ROLES, team_named
from workers.rules.scope import Scope
from workers.rules.span import Span

#: Whom ``notice:`` may tell, beside ``agent:NAME`` and ``team:NAME``.
RECIPIENTS = (*ROLES, "requester")
#: Relations by which a rule may link, and ``parent``.
RELATIONS = ("parent", *(each.value for each in Relation))
#: The notices that say something to whoever gets them at any time.
NOTICES = tuple(
    kind.value
    for kind in (
        Kind.NEW_TICKET,
        Kind.ASSIGNED,
        Kind.NOTE,
        Kind.REQUESTER_REPLIED,
        Kind.PUBLIC_REPLY,
        Kind.RESOLUTION,
    )
)

#: The keys of what is a mapping, and those of them that it needs.
TELL, TELL_NEEDS = ("template", "to", "text"), ("template", "to")
WRITE = ("to", "subject", "text")
CALL, CALL_NEEDS = ("url", "secret_file"), ("url",)
TASK, TASK_NEEDS = ("title", "owner", "team", "due"), ("title",)
RELATE = ("relation", "to")

_NUMBER = re.compile(r"#?(\d{1,15})", re.ASCII)


def read(node: Node, scope: Scope) -> tuple[Effect, ...]:
    """What a rule causes, in the order written: a mapping, or a list of them."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    effects: list[Effect] = []
    for each in nodes:
        entries = schema.keys(each, scope.found, of="'do'", known=DOABLE)
        effects += [_READ[name](entry, scope) for name, entry in entries.items()]
    return tuple(effects)


def _fields(
    entry: Entry, scope: Scope, known: tuple[str, ...], needed: tuple[str, ...]
) -> dict[str, Entry]:
    what = f"{entry.key.text!r}"
    return schema.keys(entry.value, scope.found, of=what, known=known, needed=needed)


def _text(fields: dict[str, Entry], name: str, scope: Scope) -> str:
    return schema.text(fields[name].value, scope.found) if name in fields else ""


def _tell(entry: Entry, scope: Scope) -> Tell:
    fields = _fields(entry, scope, TELL, TELL_NEEDS)
    notice = ""
    if "template" in fields:
        place = fields["template"].value
        notice = schema.choice(place, scope.found, what="template", known=NOTICES)
    nodes = schema.texts(fields["to"].value, scope.found) if "to" in fields else ()
    return Tell(
        notice=notice,
        to=tuple(dict.fromkeys(_recipient(word, node, scope) for word, node in nodes)),
        text=_text(fields, "text", scope),
    )


def _recipient(word: str, node: Node, scope: Scope) -> str:
    known = (
        *RECIPIENTS,
        *(f"agent:{agent.name}" for agent in scope.directory.agents),
        *(f"team:{team.name}" for team in scope.directory.teams),
    )
    if word not in known:
        scope.found.unknown(node.mark, "recipient", word, known)
    return word


def _write(entry: Entry, scope: Scope) -> Write:
    fields = _fields(entry, scope, WRITE, WRITE)
    to = schema.address(fields["to"].value, scope.found) if "to" in fields else ""
    return Write(
        to=to, subject=_template(fields, "subject", scope), text=_template(fields, "text", scope)
    )


def _template(fields: dict[str, Entry], name: str, scope: Scope) -> Template:
    template = Template(_text(fields, name, scope))
    if name not in fields:
        return template
    mark = fields[name].value.mark
    if not template.is_valid():
        scope.found.add(mark, "a lone '$' stands here", "expected '$$' for a dollar sign")
        return Template("")
    for word in template.get_identifiers():
        if word not in PLACEHOLDERS:
            scope.found.unknown(mark, "placeholder", word, PLACEHOLDERS)
    return template


def _call(entry: Entry, scope: Scope) -> Call:
    fields = _fields(entry, scope, CALL, CALL_NEEDS)
    url = _text(fields, "url", scope)
    if url and not _is_web_address(url):
        hint = "expected such as https://hooks.example.com/desk"
        scope.found.add(fields["url"].value.mark, f"{url!r} is not a web address", hint)
    return Call(url=url, secret_file=_text(fields, "secret_file", scope))


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _task(entry: Entry, scope: Scope) -> AddTask:
    if isinstance(entry.value, Scalar):
        return AddTask(title=schema.text(entry.value, scope.found))
    fields = _fields(entry, scope, TASK, TASK_NEEDS)
    owner = _text(fields, "owner", scope)
    agent = scope.directory.agent(owner) if owner else None
    if owner and agent is None:
        known = [each.name for each in scope.directory.agents]
        scope.found.unknown(fields["owner"].value.mark, "agent", owner, known)
    teams = scope.directory.teams
    return AddTask(
        title=_text(fields, "title", scope),
        owner=agent.name if agent else "",
        team=team_named(fields["team"].value, teams, scope.found) if "team" in fields else "",
        due=length(fields["due"].value, scope) if "due" in fields else None,
    )


def length(node: Node, scope: Scope) -> Span:
    """A span of time, such as ``2d`` or ``4bh``."""
    word = schema.text(node, scope.found)
    found = span.parse(word) if word else None
    if word and found is None:
        scope.found.add(node.mark, f"{word!r} is not a length of time", span.EXPECTED)
    return found or Span()


def _watch(entry: Entry, scope: Scope) -> Watch:
    nodes = [node for _, node in schema.texts(entry.value, scope.found)]
    return Watch(addresses=tuple(schema.address(node, scope.found) for node in nodes))


def _relate(entry: Entry, scope: Scope) -> Relate:
    fields = _fields(entry, scope, RELATE, RELATE)
    relation = ""
    if "relation" in fields:
        place = fields["relation"].value
        relation = schema.choice(place, scope.found, what="relation", known=RELATIONS)
    word = _text(fields, "to", scope)
    form = _NUMBER.fullmatch(word)
    if word and form is None and word != "major":
        hint = "expected a number such as '#48213', or 'major'"
        scope.found.add(fields["to"].value.mark, f"{word!r} is not a ticket", hint)
    return Relate(relation=relation or "relates", ticket=int(form[1]) if form else None)


def _hold(entry: Entry, scope: Scope) -> Hold:
    return Hold(reason=schema.text(entry.value, scope.found))


_READ: dict[str, Callable[[Entry, Scope], Effect]] = {
    "notice": _tell,
    "mail": _write,
    "webhook": _call,
    "task": _task,
    "watch": _watch,
    "link": _relate,
    "hold": _hold,
}

#: What ``do:`` may do.
DOABLE = tuple(_READ)
