"""``rules check``, to the letter: file, line, column, what was expected, the line and a caret."""

# ruff: noqa: E501  what is told is one line, however long

from __future__ import annotations

from textwrap import dedent

import pytest
from click.testing import CliRunner

from scripts.rules import command
from tests.unit.rules.conftest import Write

_CALENDARS = "calendars:\n  office: {time_zone: Europe/Berlin, hours: {mon-fri: 9-18}}\n"


def _rule(when: str = "always", does: str = "{service: x}") -> str:
    return f"rules:\n  - name: a\n    when: {when}\n    set: {does}\n"


def _two(first: str, second: str) -> str:
    """Rules ``wide`` and ``narrow``; the second one's condition is in line 6, column 11."""
    wide = f"  - name: wide\n    when: {first}\n    set: {{service: x}}\n"
    return f"rules:\n{wide}  - name: narrow\n    when: {second}\n    set: {{service: y}}\n"


MISTAKES = {
    "unknown key": (
        "routing",
        "rules:\n  - name: a\n    wehn: always\n    set: {service: x}\n",
        """\
        routing.yaml:3:5: unknown key in a rule 'wehn' (did you mean 'when'?)
            3 |     wehn: always
                    ^
        """,
    ),
    "unknown value": (
        "routing",
        _rule("{state: {is: oepn}}"),
        """\
        routing.yaml:3:24: unknown state 'oepn' (did you mean 'open'?)
            3 |     when: {state: {is: oepn}}
                                       ^
        """,
    ),
    "wrong type": (
        "routing",
        _rule(does="{service: [x]}"),
        """\
        routing.yaml:4:20: this is not a text (expected a text, found a list)
            4 |     set: {service: [x]}
                                   ^
        """,
    ),
    "unreachable rule": (
        "routing",
        _two("always", "{subject: {contains: vpn}}"),
        """\
        routing.yaml:6:11: rule 'narrow' can never be reached (rule 'wide' in line 2 takes what it looks for)
            6 |     when: {subject: {contains: vpn}}
                          ^
        """,
    ),
    "shadowed rule": (
        "routing",
        _two("{subject: {contains: vpn}}", "{subject: {contains: vpn down}}"),
        """\
        routing.yaml:6:11: rule 'narrow' is shadowed (rule 'wide' in line 2 takes what it looks for)
            6 |     when: {subject: {contains: vpn down}}
                          ^
        """,
    ),
    "rule that can never hold": (
        "routing",
        _rule("{size: {<: 1MB, '>': 2MB}}"),
        """\
        routing.yaml:3:11: rule 'a' can never hold (what it asks of 'size' contradicts itself)
            3 |     when: {size: {<: 1MB, '>': 2MB}}
                          ^
        """,
    ),
    "unknown team": (
        "routing",
        _rule(does="{team: netwrok}"),
        """\
        routing.yaml:4:17: unknown team 'netwrok' (did you mean 'network'?)
            4 |     set: {team: netwrok}
                                ^
        """,
    ),
    "unknown template": (
        "automation",
        "rules:\n  - name: a\n    on: created\n    do: {notice: {template: asigned, to: owner}}\n",
        """\
        automation.yaml:4:29: unknown template 'asigned' (did you mean 'assigned'?)
            4 |     do: {notice: {template: asigned, to: owner}}
                                            ^
        """,
    ),
    "unknown calendar": (
        "escalation",
        "agreements:\n  - name: a\n    calendar: ofice\n    targets: {P1: {respond: 1}}\n",
        """\
        escalation.yaml:3:15: unknown calendar 'ofice' (did you mean 'office'?)
            3 |     calendar: ofice
                              ^
        """,
    ),
    "bad time zone": (
        "calendars",
        "calendars:\n  office:\n    time_zone: Europe/Berln\n    hours: {mon-fri: 9-18}\n",
        """\
        calendars.yaml:3:16: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)
            3 |     time_zone: Europe/Berln
                               ^
        """,
    ),
    "bad regular expression": (
        "routing",
        _rule("{subject: {matches: 'vpn(?=x)'}}"),
        """\
        routing.yaml:3:31: this regular expression is wrong: invalid perl operator: (?= (expected RE2 syntax: no look-around, no back-references)
            3 |     when: {subject: {matches: 'vpn(?=x)'}}
                                              ^
        """,
    ),
    "duplicate key": (
        "routing",
        "rules:\n  - name: a\n    when: always\n    name: b\n    set: {service: x}\n",
        """\
        routing.yaml:4:5: 'name' stands here a second time (first in line 2)
            4 |     name: b
                    ^
        """,
    ),
    "alias bomb": (
        "routing",
        "a: &a [x, x]\nb: &b [*a, *a]\nrules: [*b, *b]\n",
        """\
        routing.yaml:1:4: the anchor &a is not allowed (remove it)
            1 | a: &a [x, x]
                   ^
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "told"), list(MISTAKES.values()), ids=list(MISTAKES))
def test_mistake_is_told_in_these_words(write: Write, name: str, text: str, told: str) -> None:
    folder = write(**{"calendars": _CALENDARS, name: text})

    result = CliRunner().invoke(command, ["check", "--rules-dir", str(folder)])

    assert result.exit_code == 1
    assert result.output == f"{folder}/{dedent(told)}1 mistake\n"
