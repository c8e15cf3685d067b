"""postdesk rules test: cases beside the rules, a diff that can be read, and what nothing covers."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from scripts.rules import command
from tests.unit.rules.conftest import Write

_ROUTING = """\
rules:
  - name: vpn
    when: {subject: {contains: vpn}}
    set: {team: network, service: vpn, tags: [remote]}
  - name: spam
    when: {attachment: {contains: .exe}, authenticated: {is: false}}
    do: {hold: A program from a stranger}
  - name: unused
    when: {header.X-Level: {is: high}}
    set: {urgency: high}
"""
_AUTOMATION = """\
rules:
  - name: wide
    on: requester-replied
    when: {state: {is: waiting}, used: {'>=': 75%}, vip: {is: true}}
    set: {state: open, owner: least-open}
    do:
      - notice: {template: note, to: [owner, lead]}
      - mail: {to: vendor@parts.example, subject: x, text: y}
      - webhook: {url: 'https://hooks.example.com/a'}
      - task: Look
      - watch: [eve@acme.example]
  - name: forgotten
    on: {after: 2bd}
    set: {tags: [old]}
"""


def _run(folder: Path, cases: str, *words: str) -> Result:
    (folder / "own.test.yaml").write_text(dedent(cases), encoding="utf-8")
    return CliRunner().invoke(command, ["test", "--rules-dir", str(folder), *words])


def test_cases_that_are_met_say_so_and_what_nothing_covers(write: Write) -> None:
    folder = write(routing=_ROUTING, automation=_AUTOMATION)

    result = _run(
        folder,
        """\
        cases:
          - name: VPN
            given: {mail: {from: jane@acme.example, subject: My VPN, to: help@desk.example}}
            expect:
              fired: vpn
              team: network
              tags: [remote]
              priority: P4
              owner:
              due: {respond: 2026-03-03 10:00, resolve: '2026-03-05 10:00'}
          - name: a VIP who waited answers
            given:
              requester: boss@acme.example
              ticket: {state: waiting, team: support, created_at: 2026-03-01}
              used: {resolve: 80}
            on: requester-replied
            at: 2026-03-02 09:00
            expect:
              state: open
              owner: ann
              fired: [wide]
              notices: ['note to owner, lead']
              mails: [vendor@parts.example]
              calls: [https://hooks.example.com/a]
              tasks: [Look]
              watchers: [eve@acme.example]
          - name: a program
            given: {mail: {attachments: [{filename: a.exe, size: 3}]}}
            expect: {hold: A program from a stranger}
          - name: two days
            on: {after: forgotten}
            expect: {tags: [old]}
        """,
    )

    assert result.output == (
        "4 cases, none failed\n4 of 5 rules fired\n  never: routing.yaml:8: unused\n"
    )
    assert result.exit_code == 0


_FAILING = """\
cases:
  - name: VPN
    given: {mail: {subject: My VPN}}
    expect:
      team: support
      owner: ann
      tags: []
"""


def test_case_that_differs_shows_both_sides_and_who_said_so(write: Write) -> None:
    folder = write(routing=_ROUTING)

    result = _run(folder, _FAILING)

    assert result.exit_code == 1
    assert result.output == (
        f"{folder}/own.test.yaml:2: VPN\n"
        "  line 5: team\n"
        "    - expected  support\n"
        "    + found     network  (by routing.yaml:2)\n"
        "  line 6: owner\n"
        "    - expected  ann\n"
        "    + found     nothing\n"
        "  line 7: tags\n"
        "    - expected  nothing\n"
        "    + found     remote  (by routing.yaml:2)\n"
        "1 cases, 1 failed\n"
        "1 of 3 rules fired\n"
        "  never: routing.yaml:5: spam\n"
        "  never: routing.yaml:8: unused\n"
    )


def test_answer_in_json_has_all_of_it(write: Write) -> None:
    result = _run(write(routing=_ROUTING), _FAILING, "--json")

    value = json.loads(result.output)
    assert value["cases"][0]["mismatches"][0] == {
        "name": "team",
        "expected": "support",
        "found": "network",
        "line": 5,
        "by": "routing.yaml:2",
    }
    assert value["never_fired"] == ["routing.yaml:5: spam", "routing.yaml:8: unused"]


def test_case_may_name_the_file_of_a_mail(write: Write) -> None:
    folder = write(routing=_ROUTING)
    (folder / "vpn.eml").write_bytes(b"From: jane@acme.example\r\nSubject: VPN\r\n\r\nHelp\r\n")

    met = _run(folder, "cases: [{name: a, given: {mail: {file: vpn.eml}}, expect: {fired: vpn}}]")
    gone = _run(folder, "cases: [{name: a, given: {mail: {file: no.eml}}, expect: {fired: vpn}}]")

    assert met.exit_code == 0
    assert "own.test.yaml:1:1: the mail 'no.eml' cannot be read: No such file" in gone.output


MISTAKES = [
    ("case: []", "1:1: unknown key in a file of cases 'case' (did you mean 'cases'?)"),
    ("cases: [{name: a}]", "1:9: a case has no 'expect' (expected 'expect: …')"),
    (
        "cases: [{name: a, given: {mail: {subjct: x}}, expect: {}}]",
        "1:34: unknown key in 'mail' 'subjct' (did you mean 'subject'?)",
    ),
    (
        "cases: [{name: a, expect: {team: x, piority: P1}}]",
        "1:37: unknown key in 'expect' 'piority' (did you mean 'priority'?)",
    ),
    (
        "cases: [{name: a, at: soon, expect: {}}]",
        "1:23: 'soon' is not a date (expected such as 2026-03-01 or '2026-03-01 09:00')",
    ),
    (
        "cases: [{name: a, on: replied, expect: {}}]",
        "1:23: unknown event 'replied' (did you mean 'agent-replied'?)",
    ),
    (
        "cases: [{name: a, given: {ticket: {state: oepn}}, expect: {}}]",
        "1:43: unknown state 'oepn' (did you mean 'open'?)",
    ),
]


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_mistake_in_a_case_names_its_place(write: Write, text: str, told: str) -> None:
    folder = write(routing=_ROUTING)

    result = _run(folder, text)

    assert result.exit_code == 1
    assert result.output.splitlines()[0] == f"{folder}/own.test.yaml:{told}"


def test_shipped_rules_do_what_their_cases_say_and_every_rule_is_covered() -> None:
    result = CliRunner().invoke(command, ["test", "--json"], env={"POSTDESK_RULES_DIR": None})

    value = json.loads(result.output)
    assert result.exit_code == 0
    assert len(value["cases"]) >= 10
    assert value["never_fired"] == []


def test_due_times_that_differ_are_shown(write: Write) -> None:
    result = _run(
        write(routing="rules: []"),
        """\
        cases:
          - name: in an hour
            given: {mail: {from: jane@acme.example}}
            at: 2026-03-02 09:00
            expect: {due: {respond: 2026-03-02 10:00}}
        """,
    )

    assert "    - expected  respond 2026-03-02 10:00+00:00\n" in result.output
    assert "    + found     respond 2026-03-03 09:00+00:00\n" in result.output
