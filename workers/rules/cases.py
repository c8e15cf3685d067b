"""``*.test.yaml``: what an admin expects of his rules, case by case, as written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from daemon.desk.ticket import State, Type
from daemon.mail.message import Address, Attachment, Automatic
from workers.rules import schema
from workers.rules.actions import WORDS as CHOICES
from workers.rules.automation import read_happening
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Node, Scalar
from workers.rules.nodes import Mapping as MappingNode
from workers.rules.predicates import instant
from workers.rules.scope import Scope
from workers.rules.trigger import CREATED, Happening

#: The file's only key, and what there is to say of a case.
KEYS = ("cases",)
CASE = ("name", "given", "on", "at", "expect")
CASE_NEEDS = ("name", "expect")
GIVEN = ("mail", "ticket", "requester", "used")
ATTACHMENT = ("filename", "content_type", "size")
MAIL = (
    "file", "from", "to", "cc", "subject", "body", "headers", "attachments", "language",
    "automatic", "authenticated", "size",
)  # fmt: skip
#: The fields of a ticket that ``given:`` may set and ``expect:`` may ask for.
TICKET = (
    "type", "state", "team", "owner", "service", "category", "priority", "impact", "urgency",
    "tags", "site", "via", "major", "wait_reason", "reopen_count", "reassign_count",
)  # fmt: skip
INSTANTS = ("created_at", "updated_at", "first_response_at", "resolved_at", "closed_at")
#: What ``expect:`` may ask for beside the ticket's fields.
OUTCOMES = ("fired", "notices", "mails", "calls", "tasks", "watchers", "due", "hold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One line of ``expect:``."""

    name: str
    value: Any
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: what there is, what happens, and what must come of it."""

    name: str
    path: str
    line: int
    #: The mail's fields, or the name of a file that holds it.
    mail: Mapping[str, Any] = field(default_factory=dict)
    ticket: Mapping[str, Any] = field(default_factory=dict)
    #: Whose ticket it is, where there is no mail.
    requester: str = ""
    #: Percent used of each clock.
    used: Mapping[str, float] = field(default_factory=dict)
    happening: Happening = CREATED
    at: datetime
    expected: tuple[Expected, ...] = ()


#: When a case that does not say so happens: a Monday morning.
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)


def read(root: MappingNode, scope: Scope) -> tuple[Case, ...]:
    """The cases of a file; mistakes go into the scope's."""
    found = scope.found
    parts = schema.keys(root, found, of="a file of cases", known=KEYS, needed=KEYS)
    nodes = schema.elements(parts["cases"].value, found) if "cases" in parts else ()
    return tuple(_case(node, scope) for node in nodes)


def _case(node: Node, scope: Scope) -> Case:
    found = scope.found
    fields = schema.keys(node, found, of="a case", known=CASE, needed=CASE_NEEDS)
    given: dict[str, Entry] = {}
    if "given" in fields:
        given = schema.keys(fields["given"].value, found, of="'given'", known=GIVEN)
    return Case(
        name=schema.text(fields["name"].value, found) if "name" in fields else "",
        path=node.mark.path,
        line=node.mark.line,
        mail=_mail(given["mail"], scope) if "mail" in given else {},
        ticket=_ticket(given["ticket"], scope) if "ticket" in given else {},
        requester=schema.address(given["requester"].value, found) if "requester" in given else "",
        used=_used(given["used"], scope) if "used" in given else {},
        happening=read_happening(fields["on"].value, scope) if "on" in fields else CREATED,
        at=_instant(fields["at"], scope) if "at" in fields else NOON,
        expected=_expected(fields["expect"], scope) if "expect" in fields else (),
    )


def _instant(entry: Entry, scope: Scope) -> datetime:
    word = schema.text(entry.value, scope.found)
    value = instant(word, scope) if word else NOON
    if value is None:
        hint = "expected such as 2026-03-01 or '2026-03-01 09:00'"
        scope.found.add(entry.value.mark, f"{word!r} is not a date", hint)
    return value or NOON


def _used(entry: Entry, scope: Scope) -> dict[str, float]:
    entries = schema.items(entry.value, scope.found)
    return {
        each.key.text: schema.whole(each.value, scope.found, least=0, most=1000) for each in entries
    }


def _mail(entry: Entry, scope: Scope) -> dict[str, Any]:
    fields = schema.keys(entry.value, scope.found, of="'mail'", known=MAIL)
    return {name: _MAIL.get(name, _text)(each, scope) for name, each in fields.items()}


def _text(entry: Entry, scope: Scope) -> str:
    return schema.text(entry.value, scope.found)


def _addresses(entry: Entry, scope: Scope) -> tuple[Address, ...]:
    nodes = [node for _, node in schema.texts(entry.value, scope.found)]
    return tuple(Address(schema.address(node, scope.found)) for node in nodes)


def _headers(entry: Entry, scope: Scope) -> tuple[tuple[str, str], ...]:
    found = scope.found
    return tuple(
        (each.key.text.lower(), value)
        for each in schema.items(entry.value, found)
        for value, _ in schema.texts(each.value, found)
    )


def _attachments(entry: Entry, scope: Scope) -> tuple[Attachment, ...]:
    return tuple(
        _attachment(node, scope.found) for node in schema.elements(entry.value, scope.found)
    )


def _attachment(node: Node, found: Findings) -> Attachment:
    if isinstance(node, Scalar):
        return Attachment(filename=schema.text(node, found), content_type="", size=0)
    fields = schema.keys(node, found, of="an attachment", known=ATTACHMENT)
    name, kind, size = (fields.get(each) for each in ATTACHMENT)
    return Attachment(
        filename=schema.text(name.value, found) if name else "",
        content_type=schema.text(kind.value, found) if kind else "",
        size=schema.whole(size.value, found, least=0, most=1 << 40) if size else 0,
    )


def _automatic(entry: Entry, scope: Scope) -> Automatic | None:
    known = [each.value for each in Automatic]
    what = "kind of automatic mail"
    word = schema.choice(entry.value, scope.found, what=what, known=known)
    return Automatic(word) if word else None


_MAIL: dict[str, Callable[[Entry, Scope], Any]] = {
    "from": lambda entry, scope: Address(schema.address(entry.value, scope.found)),
    "to": _addresses,
    "cc": _addresses,
    "headers": _headers,
    "attachments": _attachments,
    "automatic": _automatic,
    "authenticated": lambda entry, scope: schema.flag(entry.value, scope.found),
    "size": lambda entry, scope: schema.whole(entry.value, scope.found, least=0, most=1 << 40),
}


def _ticket(entry: Entry, scope: Scope) -> dict[str, Any]:
    known = (*TICKET, *INSTANTS, "subject")
    fields = schema.keys(entry.value, scope.found, of="'ticket'", known=known)
    return {name: _field(name, each, scope) for name, each in fields.items()}


def _field(name: str, entry: Entry, scope: Scope) -> Any:
    found = scope.found
    if name in INSTANTS:
        return _instant(entry, scope)
    if name == "tags":
        return tuple(tag for tag, _ in schema.listed(entry.value, found))
    if name == "major":
        return schema.flag(entry.value, found)
    if name.endswith("_count"):
        return schema.whole(entry.value, found, least=0, most=10**6)
    if name in {"type", "state"}:
        kind: type[Type | State] = Type if name == "type" else State
        known = [each.value for each in kind]
        word = schema.choice(entry.value, found, what=name, known=known)
        return kind(word) if word else kind(known[0])
    if name in CHOICES:
        return schema.choice(entry.value, found, what=name, known=CHOICES[name])
    return _maybe(entry, scope)


def _maybe(entry: Entry, scope: Scope) -> str:
    """A text, or nothing: ``owner:`` expects that there is none."""
    if isinstance(entry.value, Scalar) and not entry.value.text:
        return ""
    return schema.text(entry.value, scope.found)


def _expected(entry: Entry, scope: Scope) -> tuple[Expected, ...]:
    known = (*TICKET, *OUTCOMES)
    fields = schema.keys(entry.value, scope.found, of="'expect'", known=known)
    return tuple(
        Expected(name=name, value=_outcome(name, each, scope), line=each.key.mark.line)
        for name, each in fields.items()
    )


def _outcome(name: str, entry: Entry, scope: Scope) -> Any:
    if name == "due":
        items = schema.items(entry.value, scope.found)
        return {each.key.text: _instant(each, scope) for each in items}
    if name == "hold":
        return _maybe(entry, scope)
    if name in OUTCOMES:
        if isinstance(entry.value, Scalar):
            return tuple(word for word, _ in schema.texts(entry.value, scope.found))
        return tuple(word for word, _ in schema.listed(entry.value, scope.found))
    return _field(name, entry, scope)
