"""Rules that cannot be meant: each told with its place and its reason, in these words."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.rules import command
from tests.unit.rules.conftest import Write
from workers.rules.doubts import doubts
from workers.rules.load import load


def _routing(*whens: str) -> str:
    """Rules a, b, … whose conditions begin in lines 2, 3, …, column 21."""
    rules = (
        f"  - {{name: {name}, when: {when}, set: {{service: {name}}}}}\n"
        for name, when in zip("abcd", whens, strict=False)
    )
    return "rules:\n" + "".join(rules)


def _told(folder: Path) -> list[str]:
    return [
        f"{error.line}:{error.column}: {error.message} ({error.hint})"
        for error in doubts(load(folder)).errors
    ]


NEVER = [
    ("{not: always}", "'not: always' holds for nothing"),
    ("{subject: {is: x, exists: false}}", "what it asks of 'subject' contradicts itself"),
    (
        "{subject: {exists: false}, all: [{subject: {contains: x}}]}",
        "what it asks of 'subject' con",
    ),
    ("{type: {is: incident}, all: [{type: {is: request}}]}", "what it asks of 'type' contradicts"),
    ("{size: {<: 1MB, '>': 2MB}}", "what it asks of 'size' contradicts itself"),
    ("{size: {<: 1MB, '>=': 1MB}}", "what it asks of 'size' contradicts itself"),
    ("{subject: {contains: vpn}, not: {subject: {contains: [vpn, x]}}}", "its 'not' excludes what"),
    ("{any: [{not: always}, {body: {is: x, exists: false}}]}", "'not: always' holds for nothing"),
    ("{used: {'>': 50%}}", "'used' holds nothing yet: a new mail's ticket has no clocks"),
]


@pytest.mark.parametrize(("when", "reason"), NEVER)
def test_rule_that_can_never_hold_is_told(write: Write, when: str, reason: str) -> None:
    [told] = _told(write(routing=_routing(when)))

    assert told.startswith(f"2:21: rule 'a' can never hold ({reason}")


MAY = [
    "{tags: {is: a}, all: [{tags: {is: b}}]}",
    "{to: {is: a@b.c}, all: [{to: {is: d@e.f}}]}",
    "{from: {is: a@b.c}, all: [{from: {is: '@b.c'}}]}",
    "{size: {<=: 1MB, '>=': 1MB}}",
    "{size: {<: 2MB, '>': 1MB}}",
    "{used: {exists: false}}",
    "{any: [{not: always}, {subject: {is: x}}]}",
    "{subject: {contains: vpn}, not: {subject: {contains: vpn down}}}",
]


@pytest.mark.parametrize("when", MAY)
def test_rule_that_may_hold_is_left_alone(write: Write, when: str) -> None:
    assert _told(write(routing=_routing(when))) == []


SHADOWED = [
    ("{subject: {contains: vpn}}", "{subject: {contains: vpn}}"),
    ("{subject: {contains: [vpn, x]}}", "{subject: {contains: vpn down}}"),
    ("{subject: {contains: vpn}}", "{subject: {is: the vpn}}"),
    ("{from: {in: [a@b.c, d@e.f]}}", "{from: {is: d@e.f}, vip: {is: true}}"),
    ("{subject: {exists: true}}", "{subject: {matches: x}}"),
    ("{size: {'>': 1MB}}", "{size: {'>': 2MB}}"),
    ("{size: {<=: 2MB}}", "{size: {<: 2MB}}"),
    ("{any: [{vip: {is: true}}, {subject: {contains: a}}]}", "{subject: {contains: ab}}"),
    ("{not: {subject: {contains: ab}}}", "{not: {subject: {contains: a}}}"),
]


@pytest.mark.parametrize(("first", "second"), SHADOWED)
def test_shadowed_rule_is_told_with_the_one_before_it(
    write: Write, first: str, second: str
) -> None:
    assert _told(write(routing=_routing(first, second))) == [
        "3:21: rule 'b' is shadowed (rule 'a' in line 2 takes what it looks for)"
    ]


OPEN = [
    ("{subject: {contains: vpn down}}", "{subject: {contains: vpn}}"),
    ("{subject: {matches: a}}", "{subject: {matches: b}}"),
    ("{size: {'>': 2MB}}", "{size: {'>': 1MB}}"),
    ("{size: {<: 2MB}}", "{size: {'>': 1MB}}"),
    ("{subject: {contains: a}, vip: {is: true}}", "{subject: {contains: a}}"),
    ("{not: {subject: {contains: a}}}", "{subject: {contains: b}}"),
    ("{body: {contains: a}}", "{subject: {contains: a}}"),
    ("{category: {is: x}}", "{category: {is: x}}"),
]


@pytest.mark.parametrize(("first", "second"), OPEN)
def test_rule_with_something_left_to_it_is_not_told(write: Write, first: str, second: str) -> None:
    assert _told(write(routing=_routing(first, second))) == []


def test_rule_below_always_can_never_be_reached(write: Write) -> None:
    assert _told(write(routing=_routing("always", "{subject: {is: x}}"))) == [
        "3:21: rule 'b' can never be reached (rule 'a' in line 2 takes what it looks for)"
    ]


def test_rule_that_goes_on_takes_nothing(write: Write) -> None:
    text = _routing("always", "{subject: {is: x}}").replace("}}}\n", "}}, continue: true}\n")
    assert _told(write(routing="match: all\n" + text)) == []


def test_second_of_a_group_is_shadowed_where_the_first_takes_all(write: Write) -> None:
    text = """\
    rules:
      - {name: a, on: changed, group: g, set: {category: a}}
      - {name: b, on: {changed: team}, group: g, set: {category: b}}
      - {name: c, on: created, group: g, set: {category: c}}
      - {name: d, on: {changed: team}, set: {category: d}}
    """
    assert _told(write(automation=text)) == [
        "3:5: rule 'b' can never be reached (rule 'a' in line 2 takes what it looks for)"
    ]


def test_hold_of_what_is_a_ticket_already_is_told(write: Write) -> None:
    text = "rules: [{name: a, on: created, when: {vip: {is: true}}, do: {hold: x}}]"
    assert _told(write(automation=text)) == [
        (
            "1:38: rule 'a' holds a mail that is a ticket already "
            "(only routing.yaml can keep a mail from becoming a ticket)"
        )
    ]


def test_check_shows_doubts_as_mistakes_and_the_desk_goes_on(write: Write) -> None:
    folder = write(routing=_routing("always", "{subject: {is: x}}"))

    result = CliRunner().invoke(command, ["check", "--rules-dir", str(folder)])

    assert result.exit_code == 1
    assert result.output == (
        f"{folder}/routing.yaml:3:21: rule 'b' can never be reached "
        "(rule 'a' in line 2 takes what it looks for)\n"
        "    3 |   - {name: b, when: {subject: {is: x}}, set: {service: b}}\n"
        "                            ^\n"
        "1 mistake\n"
    )
    assert len(load(folder).routing.rules) == 2
