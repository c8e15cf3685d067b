"""routing.yaml and automation.yaml for editors. Pure."""

from __future__ import annotations

from daemon.desk.ticket import State
from workers.rules import actions, automation, effects, routing, rulelist
from workers.rules.editor import condition
from workers.rules.editor.condition import SPAN
from workers.rules.editor.shape import (
    ADDRESS,
    FLAG,
    TEXT,
    Schema,
    choice,
    defined,
    either,
    elements,
    mapping,
    said,
    some,
)
from workers.rules.rulelist import Form
from workers.rules.trigger import SINCE


def route() -> Schema:
    """routing.yaml"""
    return _file(routing.FORM)


def automate() -> Schema:
    """automation.yaml"""
    return _file(automation.FORM)


def _file(form: Form) -> Schema:
    of = {"match": choice(rulelist.MATCHES), "rules": elements(_rule(form))}
    return {
        **mapping(rulelist.KEYS, rulelist.NEEDS, of),
        "$defs": {condition.NAME: condition.condition()},
    }


def _rule(form: Form) -> Schema:
    of = {
        "when": said(defined(condition.NAME), "what must hold"),
        "set": said(_sets(), "fields of the ticket"),
        "do": said(some(_effect()), "what else comes of it"),
        "continue": said(FLAG, "whether the rules below are tried, too"),
        "stop": said(FLAG, "the opposite of 'continue'"),
        "group": said(TEXT, "of the rules of a group the first that holds is the only one"),
    }
    if form.on:
        of["on"] = said(happening(), "what must have happened")
    rule = mapping(form.keys, form.needs, of)
    return {**rule, **either(*({"required": [deed]} for deed in rulelist.DEEDS))}


def happening() -> Schema:
    """One event, or a list of them."""
    of = {
        "changed": some(choice(automation.CHANGEABLE)),
        "state": some(choice([state.value for state in State])),
        "after": SPAN,
        "since": choice(SINCE),
    }
    one = {**mapping(automation.ON, (), of), "type": "object", "minProperties": 1}
    return some(either(choice(automation.WORDS), one))


def _sets() -> Schema:
    of: dict[str, Schema] = {name: choice(words) for name, words in actions.WORDS.items()}
    pick = mapping(actions.PICK, actions.PICK_NEEDS, {"pick": choice(actions.STRATEGIES)})
    # An agent is any text; a way to pick is offered.
    of["owner"] = either(choice(actions.STRATEGIES), TEXT, pick)
    of |= {"tags": some(TEXT), "untag": some(TEXT)}
    return {**mapping(actions.SETTABLE, (), of), "minProperties": 1}


def _effect() -> Schema:
    recipient = either(
        choice(effects.RECIPIENTS), {"type": "string", "pattern": "^(?:agent|team):."}
    )
    told = {"template": choice(effects.NOTICES), "to": some(recipient)}
    ticket = {"type": ["string", "integer"], "pattern": r"^(?:#?\d{1,15}|major)$"}
    related = {"relation": choice(effects.RELATIONS), "to": ticket}
    url = {"url": {"type": "string", "pattern": "^https?://."}}
    task = mapping(effects.TASK, effects.TASK_NEEDS, {"due": SPAN})
    of = {
        "notice": mapping(effects.TELL, effects.TELL_NEEDS, told),
        "mail": mapping(effects.WRITE, effects.WRITE, {"to": ADDRESS}),
        "webhook": mapping(effects.CALL, effects.CALL_NEEDS, url),
        "task": either(TEXT, task),
        "watch": some(ADDRESS),
        "link": mapping(effects.RELATE, effects.RELATE, related),
    }
    return mapping(effects.DOABLE, (), of)
