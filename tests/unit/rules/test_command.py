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


def test_check_reads_the_configured_folder(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(routing="rules: []")
    config = tmp_path / "postdesk.toml"
    config.write_text(f'rules_dir = "{folder}"\n')
    monkeypatch.delenv("POSTDESK_RULES_DIR", raising=False)

    assert _run("check", obj=config).output == "5 files, 0 rules, all good\n"


@pytest.mark.parametrize("name", ["test", "explain", "replay"])
def test_what_comes_later_says_so(name: str) -> None:
    result = _run(name, "--since", "30d", "x")

    assert result.exit_code == 69
    assert "not yet" in result.output
