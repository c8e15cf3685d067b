"""The text form of a condition: ``type:incident team:network pri<=P2 age>2d "printer"``. Pure.

It is what ``/find`` and ``postdesk ticket list`` take; the words are those of ``when:``.
"""

from __future__ import annotations

import re

from workers.rules.condition import ALWAYS, All, Condition, Contains, Not
from workers.rules.facts import fold_text
from workers.rules.field import PREDICATES, Field, Kind
from workers.rules.fields import FIELDS
from workers.rules.nodes import Mark, Scalar, Sequence
from workers.rules.predicates import READ
from workers.rules.scope import Scope

#: Short for a field, or what it is called where there is only a ticket.
ALIASES = {"pri": "priority", "org": "organisation", "from": "requester", "tag": "tags"}

_TERM = re.compile(
    r"""(?P<not>-)?(?:(?P<field>[A-Za-z][\w.]*)(?P<op><=|>=|<|>|:))?"""
    r"""(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))"""
)
_PATH = "query"


def read(text: str, scope: Scope) -> Condition:
    """What the query asks for; mistakes go into the scope's, with their columns."""
    parts: list[Condition] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        term = _TERM.match(text, at)
        if term is None:
            mark = Mark(_PATH, 1, at + 1)
            scope.found.add(mark, f"{text[at:][:20]!r} is not understood", _EXPECTED)
            return ALWAYS
        parts.append(_term(term, scope))
        at = term.end()
    return parts[0] if len(parts) == 1 else All(parts=tuple(parts))


_EXPECTED = 'expected such as state:open, pri<=P2, age>2d, or "words"'


def _term(term: re.Match[str], scope: Scope) -> Condition:
    name = term["field"]
    value = term["quoted"] if term["quoted"] is not None else term["plain"]
    found: Condition
    if name is None:
        found = Contains(field="subject", words=frozenset({fold_text(value)}))
    else:
        found = _asked(name, term, value, scope)
    return Not(part=found) if term["not"] else found


def _asked(name: str, term: re.Match[str], value: str, scope: Scope) -> Condition:
    known = ALIASES.get(name.lower(), name.lower())
    field = FIELDS.get(known)
    mark = Mark(_PATH, 1, term.start("field") + 1)
    if field is None:
        scope.found.unknown(mark, "field", name, (*FIELDS, *ALIASES))
        return ALWAYS
    predicate = term["op"] if term["op"] != ":" else _meant(known, field)
    if predicate not in PREDICATES[field.kind]:
        usable = ", ".join(word for word in PREDICATES[field.kind] if word in READ)
        scope.found.add(mark, f"{name!r} cannot be asked with {term['op']!r}", f"it takes {usable}")
        return ALWAYS
    return _test(known, field, predicate, term, value, scope)


def _meant(name: str, field: Field) -> str:
    """What ``:`` asks: a text is searched, anything else is compared."""
    return "contains" if field.kind is Kind.TEXT and name not in _EXACT else "is"


_EXACT = frozenset({"tags", "category", "via", "site"})


def _test(
    name: str, field: Field, predicate: str, term: re.Match[str], value: str, scope: Scope
) -> Condition:
    """``state:open,waiting`` asks for either."""
    group = "quoted" if term["quoted"] is not None else "plain"
    column = term.start(group) + 1
    words = [value] if group == "quoted" or predicate not in {"is", "contains"} else value.split(",")
    nodes = tuple(Scalar(mark=Mark(_PATH, 1, column), text=word) for word in words)
    if len(nodes) == 1:
        return READ[predicate](name, field, nodes[0], scope)
    together = Sequence(mark=nodes[0].mark, items=nodes)
    return READ["in" if predicate == "is" else predicate](name, field, together, scope)
