"""``*.test.yaml`` for editors. Pure."""

from __future__ import annotations

from daemon.desk.ticket import State, Type
from daemon.mail.message import Automatic
from workers.rules import actions, cases
from workers.rules.editor.condition import INSTANT
from workers.rules.editor.rules import happening
from workers.rules.editor.shape import (
    ADDRESS,
    FLAG,
    MAYBE,
    TEXT,
    Schema,
    choice,
    either,
    elements,
    items,
    mapping,
    some,
    whole,
)
from workers.rules.trigger import Trigger


def cases_of() -> Schema:
    """A file of cases."""
    given = {
        "mail": _mail(),
        "ticket": mapping((*cases.TICKET, *cases.INSTANTS, "subject"), (), _ticket()),
        "requester": ADDRESS,
        "used": items(whole(0, 1000)),
    }
    after: Schema = {
        "type": "object",
        "properties": {Trigger.AFTER.value: TEXT},
        "required": [Trigger.AFTER.value],
        "additionalProperties": False,
    }
    of = {
        "given": mapping(cases.GIVEN, (), given),
        "on": either(happening(), after),
        "at": INSTANT,
        "expect": mapping((*cases.TICKET, *cases.OUTCOMES), (), _expected()),
    }
    case = mapping(cases.CASE, cases.CASE_NEEDS, of)
    return mapping(cases.KEYS, cases.KEYS, {"cases": elements(case)})


def _mail() -> Schema:
    size = whole(0, 1 << 40)
    attachment = either(TEXT, mapping(cases.ATTACHMENT, (), {"size": size}))
    of = {
        "from": ADDRESS,
        "to": some(ADDRESS),
        "cc": some(ADDRESS),
        "headers": items(some(TEXT)),
        "attachments": elements(attachment),
        "automatic": choice([each.value for each in Automatic]),
        "authenticated": FLAG,
        "size": size,
    }
    return mapping(cases.MAIL, (), of)


def _ticket() -> dict[str, Schema]:
    """What is, or is expected of, each field of a ticket."""
    count = whole(0, 10**6)
    return {
        **dict.fromkeys(cases.TICKET, MAYBE),
        **{name: choice(words) for name, words in actions.WORDS.items()},
        **dict.fromkeys(cases.INSTANTS, INSTANT),
        "type": choice([each.value for each in Type]),
        "state": choice([each.value for each in State]),
        "tags": elements(TEXT),
        "major": FLAG,
        "reopen_count": count,
        "reassign_count": count,
    }


def _expected() -> dict[str, Schema]:
    found = {name: each for name, each in _ticket().items() if name in cases.TICKET}
    texts = either(TEXT, elements(TEXT))
    return {**found, **dict.fromkeys(cases.OUTCOMES, texts), "due": items(INSTANT), "hold": MAYBE}
