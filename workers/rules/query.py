"""The text form of a condition: ``type:incident team:network pri<=P2 age>2d "printer"``. Pure.

It is what ``/find`` and ``postdesk ticket list`` take; the fields and their words are those of
``when:``. What is written on a ticket is looked up in the full-text index, which is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daemon.desk.verbs.catalogue import value_of
from workers.rules.condition import ALWAYS, All, Condition, Exists, Not, Written
from workers.rules.field import PREDICATES, Field, Kind
from workers.rules.fields import FIELDS
from workers.rules.nodes import Mark, Scalar, Sequence
from workers.rules.predicates import READ
from workers.rules.scope import Scope

#: Short for a field, or what it is called where there is only a ticket.
ALIASES: Final = {
    "pri": "priority",
    "org": "organisation",
    "from": "requester",
    "tag": "tags",
    "lang": "language",
    "quiet": "idle",
}
#: What is written on a ticket, in any message: no field of a rule, which has one mail before it.
TEXT: Final = "text"
#: Stands for whoever asks, and for nobody.
ME, NONE = "me", "none"

_TERM = re.compile(
    r"""(?P<not>-)?(?:(?P<field>[A-Za-z][\w.]*)(?P<op><=|>=|<|>|:))?"""
    r"""(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))"""
)
_PATH = "query"
_EXPECTED = 'expected such as state:open, pri<=P2, age>2d, or "words"'
#: Texts that are compared as a whole.
_EXACT = frozenset({"tags", "category", "via", "site"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and what he may name."""

    scope: Scope
    #: The tickets that have a message with all of these words.
    index: Callable[[str], frozenset[int]]
    #: The agent's login; empty: nobody is ``me``.
    login: str = ""


def read(text: str, asker: Asker) -> Condition:
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
            asker.scope.found.add(mark, f"{text[at:][:20]!r} is not understood", _EXPECTED)
            return ALWAYS
        parts.append(_term(term, asker))
        at = term.end()
    return parts[0] if len(parts) == 1 else All(parts=tuple(parts))


def _term(term: re.Match[str], asker: Asker) -> Condition:
    name = (term["field"] or TEXT).lower()
    value = term["quoted"] if term["quoted"] is not None else term["plain"]
    found: Condition
    if name == TEXT and term["op"] in {":", None}:
        found = Written(words=value, numbers=asker.index(value))
    else:
        found = _asked(ALIASES.get(name, name), term, value, asker)
    return Not(part=found) if term["not"] else found


def _asked(name: str, term: re.Match[str], value: str, asker: Asker) -> Condition:
    field = FIELDS.get(name)
    found = asker.scope.found
    mark = Mark(_PATH, 1, term.start("field") + 1)
    if field is None:
        found.unknown(mark, "field", term["field"], (*FIELDS, TEXT, *ALIASES))
        return ALWAYS
    predicates = PREDICATES[field.kind]
    predicate = term["op"] if term["op"] != ":" else _meant(name, field)
    if predicate not in predicates:
        usable = ", ".join(predicates)
        message = f"{term['field']!r} cannot be asked with {term['op']!r}"
        found.add(mark, message, f"it takes {usable}")
        return ALWAYS
    if value.casefold() == NONE and term["op"] == ":" and "exists" in predicates:
        return Exists(field=name, is_there=False)
    return _test(name, field, predicate, term, asker)


def _meant(name: str, field: Field) -> str:
    """What ``:`` asks: a text is searched, anything else is compared."""
    return "contains" if field.kind is Kind.TEXT and name not in _EXACT else "is"


def _test(name: str, field: Field, predicate: str, term: re.Match[str], asker: Asker) -> Condition:
    """``state:open,waiting`` asks for either."""
    group = "quoted" if term["quoted"] is not None else "plain"
    mark = Mark(_PATH, 1, term.start(group) + 1)
    value = term[group]
    is_one = group == "quoted" or predicate not in {"is", "contains"}
    words = [value] if is_one else value.split(",")
    nodes = tuple(Scalar(mark=mark, text=_word(name, field, word, asker)) for word in words)
    if len(nodes) == 1:
        return READ[predicate](name, field, nodes[0], asker.scope)
    together = Sequence(mark=mark, items=nodes)
    return READ["in" if predicate == "is" else predicate](name, field, together, asker.scope)


def _word(name: str, field: Field, word: str, asker: Asker) -> str:
    """As the field's table writes it: whatever the case or the language of the one who asks."""
    if name == "owner" and word.casefold() == ME and asker.login:
        return asker.login
    known = {each.casefold(): each for each in field.words}
    return known.get(word.casefold()) or known.get(value_of(word)) or word
