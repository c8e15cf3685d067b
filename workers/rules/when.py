"""``when:`` as written: fields, their predicates, and groups of them. Pure."""

from __future__ import annotations

import re

from workers.rules import schema
from workers.rules.condition import ALWAYS, All, Condition, Not, Some
from workers.rules.field import PREDICATES, Field
from workers.rules.fields import FIELDS, HEADER, field_named
from workers.rules.nodes import Entry, Mapping, Node, Scalar, Sequence, kind_of
from workers.rules.predicates import READ
from workers.rules.scope import Scope

GROUPS = ("all", "any", "not")

_HEADER_NAME = re.compile(r"[!-9;-~]+", re.ASCII)  # RFC 5322 §3.6.8


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
    if name.lower().startswith(HEADER):
        return _header(entry, scope)
    if field := field_named(name):
        return _tests(name, field, entry.value, scope)
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
    name = entry.key.text[len(HEADER) :]
    if not _HEADER_NAME.fullmatch(name):
        hint = "expected such as header.List-Id"
        scope.found.add(entry.key.mark, f"{name!r} is not a header's name", hint)
        return ALWAYS
    field = field_named(HEADER)
    assert field is not None
    return _tests(HEADER + name.lower(), field, entry.value, scope)


def _tests(name: str, field: Field, node: Node, scope: Scope) -> Condition:
    """The predicates on one field; several must all hold."""
    predicates = PREDICATES[field.kind]
    if not isinstance(node, Mapping) or not node.entries:
        example = next(word for word in ("contains", "is", "<") if word in predicates)
        hint = f"expected a predicate, such as {{{example!s}: …}}"
        scope.found.add(node.mark, f"what of {name!r}?", hint)
        return ALWAYS
    entries = schema.keys(node, scope.found, of=f"{name!r}", known=predicates)
    parts = tuple(READ[word](name, field, entry.value, scope) for word, entry in entries.items())
    return parts[0] if len(parts) == 1 else All(parts=parts)
