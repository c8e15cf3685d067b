"""postdesk rules, as an admin runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scripts.rules import command
from tests.unit.rules.conftest import Write


def _run(*words: str, obj: Path | None = None) -> Result:
    return CliRunner().invoke(command, words, obj=obj)


def test_check_of_good_rules_counts_them(write: Write) -> None:
    result = _run("check", "--rules-dir", str(write(routing="rules: []")))

    assert (result.exit_code, result.output) == (0, "5 files, 0 rules, all good\n")


def test_check_shows_every_mistake_with_line_and_caret(write: Write) -> None:
    folder = write(routing="rules:\n  - name: a\n    wehn: always\n    set: {service: x}\n")

    result = _run("check", "--rules-dir", str(folder))

    assert result.exit_code == 1
    assert result.output == (
        f"{folder}/routing.yaml:3:5: unknown key in a rule 'wehn' (did you mean 'when'?)\n"
        "    3 |     wehn: always\n"
        "            ^\n"
        "1 mistake\n"
    )


def test_check_answers_in_json(write: Write) -> None:
    folder = write(routing="rules: 1")

    bad = _run("check", "--json", "--rules-dir", str(folder))
    good = _run("check", "--json", "--rules-dir", str(write(routing="rules: []")))

    assert (bad.exit_code, good.exit_code) == (1, 0)
    assert json.loads(bad.output)["errors"] == [
        {
            "path": f"{folder}/routing.yaml",
            "line": 1,
            "column": 8,
            "message": "this is not a list",
            "hint": "expected a list, found a number",
        }
    ]
    assert json.loads(good.output)["rules"] == 0
    assert len(json.loads(good.output)["files"]) == 5


def test_check_names_an_agent_who_has_the_desks_own_address(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = """\
        agents:
          ann: {full_name: A, addresses: [ann@a.b, Help+IT@ex.org]}
          bo: {full_name: B, addresses: help@ex.org}
        """
    monkeypatch.setenv("POSTDESK_ADDRESSES", "help@ex.org")
    folder = write(people=people)

    result = _run("check", "--rules-dir", str(folder))

    assert result.exit_code == 1
    assert result.output == (
        f"{folder}/people.yaml:2:44: 'Help+IT@ex.org' is the desk's own address"
        " (mail to agent 'ann' would come back to it and is not sent)\n"
        "    2 |   ann: {full_name: A, addresses: [ann@a.b, Help+IT@ex.org]}\n"
        "                                                   ^\n"
        f"{folder}/people.yaml:3:33: 'help@ex.org' is the desk's own address"
        " (mail to agent 'bo' would come back to it and is not sent)\n"
        "    3 |   bo: {full_name: B, addresses: help@ex.org}\n"
        "                                        ^\n"
        "2 mistakes\n"
    )


def test_check_reads_the_configured_folder(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(routing="rules: []")
    config = tmp_path / "postdesk.toml"
    config.write_text(f'rules_dir = "{folder}"\n')
    monkeypatch.delenv("POSTDESK_RULES_DIR", raising=False)

    assert _run("check", obj=config).output == "5 files, 0 rules, all good\n"


def test_mail_is_explained_rule_by_rule(write: Write) -> None:
    folder = write(
        routing="""\
        rules:
          - {name: spam, when: {subject: {contains: casino}, vip: {is: false}}, set: {tags: [spam]}}
          - {name: vip, when: {vip: {is: true}}, set: {urgency: high}, continue: true}
          - name: vpn
            when: {any: [{body: {is: x}}, {subject: {contains: vpn}}]}
            set: {service: vpn}
          - {name: rest, when: always, set: {service: other}}
        """
    )
    (folder / "mail.eml").write_bytes(b"From: jane@acme.example\r\nSubject: VPN down\r\n\r\nHi\r\n")

    result = _run("explain", "--rules-dir", str(folder), str(folder / "mail.eml"))
    rows = _run("explain", "--json", "--rules-dir", str(folder), str(folder / "mail.eml"))

    shown = [" ".join(line.split()) for line in result.output.splitlines()]
    assert shown[3:] == [
        "PLACE RULE WHY",
        "routing.yaml:2 spam no subject contains 'casino'; found 'VPN down'",
        "routing.yaml:3 vip no vip is 'true'; found 'false'",
        "routing.yaml:4 vpn FIRED service vpn",
        "routing.yaml:7 rest not asked 'vpn' ended it",
        "people.yaml:10 default_team decided team support",
    ]
    assert json.loads(rows.output.splitlines()[0]) == {
        "file": "routing.yaml",
        "line": 2,
        "rule": "spam",
        "on": "created",
        "outcome": "no",
        "why": "subject contains 'casino'; found 'VPN down'",
    }


def test_file_that_is_not_there_cannot_be_explained(write: Write) -> None:
    result = _run("explain", "--rules-dir", str(write()), "nowhere.eml")

    assert (result.exit_code, result.output) == (
        1,
        "Error: nowhere.eml: No such file or directory\n",
    )


def test_replay_says_what_a_length_of_time_is() -> None:
    result = _run("replay", "--since", "soon")

    assert result.exit_code == 2
    assert "'soon' is no length of time; expected such as 30d, 12h, 2w" in result.output
