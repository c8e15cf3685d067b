"""The rules that admins begin with: each set is good, and its cases reach each of its rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts import init
from scripts.rules import command


@pytest.fixture(params=[None, *init.PROFILES], ids=str)
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """What ``init`` writes."""
    words = ["--profile", request.param] if request.param else []
    result = CliRunner().invoke(init.command, [str(tmp_path), *words])
    assert result.exit_code == 0, result.output
    return tmp_path / "rules"


def _run(verb: str, folder: Path) -> Any:
    result = CliRunner().invoke(command, [verb, "--json", "--rules-dir", str(folder)])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_check_finds_nothing(folder: Path) -> None:
    checked = _run("check", folder)

    # Whatever the set leaves out is not shipped either: no file of ours comes in unseen.
    assert {Path(path).parent for path in checked["files"]} == {folder}


def test_cases_hold_and_reach_every_rule(folder: Path) -> None:
    tested = _run("test", folder)

    assert [case["name"] for case in tested["cases"] if case["mismatches"]] == []
    assert tested["never_fired"] == []
    assert {Path(case["file"]).name for case in tested["cases"]} >= {
        "routing.test.yaml",
        "priority.test.yaml",
        "escalation.test.yaml",
    }
