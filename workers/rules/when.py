"""``when:`` as written: the table of fields and predicates, and its reading. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from daemon.desk.people import Directory
from daemon.mail.message import Automatic
from workers.rules import schema
from workers.rules.condition import (
    ALWAYS,
    All,
    Condition,
    Contains,
    Exists,
    Is,
    Matches,
    Not,
    Some,
    Test,
)
from workers.rules.facts import FIELDS, fold_text
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node, Scalar, Sequence, kind_of
from workers.rules.scan import mistake_in
from workers.rules.services import Services

GROUPS = ("all", "any", "not")
MAX_PATTERN = 1000

_HEADER = "header."
_HEADER_NAME = re.compile(r"[!-9;-~]+", re.ASCII)  # RFC 5322 §3.6.8
_IN_FULL = ("is", "in", "contains", "matches", "exists")
_IN_NAME = ("is", "in", "exists")
#: Which predicates a field takes.
PREDICATES: dict[str, tuple[str, ...]] = {
    "from": _IN_FULL,
    "to": _IN_FULL,
    "subject": _IN_FULL,
    "body": _IN_FULL,
    _HEADER: _IN_FULL,
    "organisation": _IN_NAME,
    "vip": ("is",),
    "automatic": _IN_NAME,
    "language": _IN_NAME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a condition may name."""

    found: Findings
    directory: Directory = field(default_factory=Directory)
    services: Services = field(default_factory=Services)


def read(node: Node, scope: Scope) -> Condition:
    """A condition; after a mistake, one that is never asked."""
    if isinstance(node, Scalar):
        return _always(node, scope)
    parts = tuple(_part(entry, scope) for entry in schema.items(node, scope.found))
    if isinstance(node, Mapping) and not parts:
        scope.found.add(node.mark, "this condition is empty", "expected a field, or 'always'")
    return parts[0] if len(parts) == 1 else All(parts=parts)


def _always(node: Scalar, scope: Scope) -> Condition:
    if node.text != "always":
        hint = "expected 'always' or fields such as 'subject: {contains: printer}'"
        scope.found.add(node.mark, f"this is {kind_of(node)}, not a condition", hint)
    return ALWAYS


def _part(entry: Entry, scope: Scope) -> Condition:
    name = entry.key.text
    if name in GROUPS:
        return _group(name, entry.value, scope)
    if name.lower().startswith(_HEADER):
        return _header(entry, scope)
    if name in FIELDS:
        return _tests(name, entry.value, PREDICATES[name], scope)
    known = (*FIELDS, "header.<Name>", *GROUPS)
    scope.found.unknown(entry.key.mark, "field", name, known)
    return ALWAYS


def _group(name: str, node: Node, scope: Scope) -> Condition:
    if name == "not":
        return Not(part=read(node, scope))
    nodes = schema.elements(node, scope.found)
    if isinstance(node, Sequence) and not nodes:
        scope.found.add(node.mark, f"{name!r} without conditions", "expected at least one")
    parts = tuple(read(part, scope) for part in nodes)
    return All(parts=parts) if name == "all" else Some(parts=parts)


def _header(entry: Entry, scope: Scope) -> Condition:
    name = entry.key.text[len(_HEADER) :]
    if not _HEADER_NAME.fullmatch(name):
        hint = "expected such as header.List-Id"
        scope.found.add(entry.key.mark, f"{name!r} is not a header's name", hint)
        return ALWAYS
    return _tests(_HEADER + name.lower(), entry.value, PREDICATES[_HEADER], scope)


def _tests(name: str, node: Node, predicates: Collection[str], scope: Scope) -> Condition:
    """The predicates on one field; several must all hold."""
    if not isinstance(node, Mapping) or not node.entries:
        example = "contains" if "contains" in predicates else "is"
        hint = f"expected a predicate, such as {{{example}: …}}"
        scope.found.add(node.mark, f"what of {name!r}?", hint)
        return ALWAYS
    entries = schema.keys(node, scope.found, of=f"{name!r}", known=predicates)
    parts = tuple(_READ[word](name, entry.value, scope) for word, entry in entries.items())
    return parts[0] if len(parts) == 1 else All(parts=parts)


def _is(name: str, node: Node, scope: Scope) -> Test:
    if not isinstance(node, Scalar):
        hint = "expected one text; several stand in a list with 'in: […]'"
        scope.found.add(node.mark, f"'is' found {kind_of(node)}", hint)
        return Is(field=name, values=frozenset())
    return Is(field=name, values=_values(name, node, scope))


def _in(name: str, node: Node, scope: Scope) -> Test:
    if isinstance(node, Scalar):
        hint = "expected a list; a single text stands with 'is: …'"
        scope.found.add(node.mark, f"'in' found {kind_of(node)}", hint)
        return Is(field=name, values=frozenset())
    return Is(field=name, values=_values(name, node, scope))


def _values(name: str, node: Node, scope: Scope) -> frozenset[str]:
    read_ = _VALUE.get(name, _any_text)
    nodes = [item for _, item in schema.texts(node, scope.found)]
    return frozenset(fold_text(value) for item in nodes if (value := read_(item, scope)))


def _any_text(node: Node, scope: Scope) -> str:
    return schema.text(node, scope.found)


def _address_or_domain(node: Node, scope: Scope) -> str:
    value = schema.text(node, scope.found)
    local, at, domain = value.rpartition("@")
    if at and domain and not (set(value) & set(" <>,")):
        return value
    hint = "expected such as ann@example.com, or @example.com for everybody there"
    scope.found.add(node.mark, f"{value!r} is not a mail address", hint)
    return local


def _organisation(node: Node, scope: Scope) -> str:
    known = [organisation.name for organisation in scope.directory.organisations]
    name = schema.text(node, scope.found)
    if name.casefold() not in {each.casefold() for each in known}:
        scope.found.unknown(node.mark, "organisation", name, known)
    return name


def _truth(node: Node, scope: Scope) -> str:
    return "true" if schema.flag(node, scope.found) else "false"


def _automatic(node: Node, scope: Scope) -> str:
    known = [kind.value for kind in Automatic]
    return schema.choice(node, scope.found, what="kind of automatic mail", known=known)


_VALUE: dict[str, Callable[[Node, Scope], str]] = {
    "from": _address_or_domain,
    "to": _address_or_domain,
    "organisation": _organisation,
    "vip": _truth,
    "automatic": _automatic,
}


def _contains(name: str, node: Node, scope: Scope) -> Test:
    words = schema.texts(node, scope.found)
    return Contains(field=name, words=frozenset(fold_text(word) for word, _ in words))


def _matches(name: str, node: Node, scope: Scope) -> Test:
    patterns = schema.texts(node, scope.found)
    for pattern, place in patterns:
        _check_pattern(pattern, place, scope)
    return Matches(field=name, patterns=frozenset(pattern for pattern, _ in patterns))


def _check_pattern(pattern: str, node: Node, scope: Scope) -> None:
    if len(pattern) > MAX_PATTERN:
        hint = f"at most {MAX_PATTERN} characters"
        scope.found.add(node.mark, "this regular expression is too long", hint)
    elif mistake := mistake_in(pattern):
        hint = "expected RE2 syntax: no look-around, no back-references"
        scope.found.add(node.mark, f"this regular expression is wrong: {mistake}", hint)


def _exists(name: str, node: Node, scope: Scope) -> Test:
    return Exists(field=name, is_there=schema.flag(node, scope.found))


_READ: dict[str, Callable[[str, Node, Scope], Test]] = {
    "is": _is,
    "in": _in,
    "contains": _contains,
    "matches": _matches,
    "exists": _exists,
}
