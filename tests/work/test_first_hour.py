"""docs/rules.md, from its first line to its last: what it shows is what the commands print."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.rules import command
from tests.servers.desk import mail
from tests.work.conftest import START, Work

_DOC = Path(__file__).parents[2] / "docs" / "rules.md"
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_VERSION = re.compile(r"^rules [0-9a-f]{16}$", re.MULTILINE)


def _words(text: str) -> list[str]:
    """Lines whose columns may be as wide as they like."""
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def test_first_hour_prints_what_it_says(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    home = work.folder / "hour"
    (home / "rules").mkdir(parents=True)
    monkeypatch.chdir(home)
    (work.folder / "rules" / "routing.yaml").write_text("rules: []")
    work.desk.rules.reload()
    work.clock.advance(datetime.now(UTC) - START)
    for subject in ("VPN is down", "Chair"):
        work.arrive(bytes(mail("jane@acme.test", subject, "It is broken.")))
    work.take_in()
    environ = {
        "POSTDESK_DATABASE_URL": work.store.url.render_as_string(hide_password=False),
        "POSTDESK_DATA_DIR": str(work.folder / "data"),
    }

    shown = []
    for kind, text in _BLOCK.findall(_DOC.read_text(encoding="utf-8")):
        name = text.partition("\n")[0].removeprefix("# ")
        if kind == "yaml":
            (home / "rules" / name).write_text(text, encoding="utf-8")
        elif kind == "text":
            (home / name).write_text(text.partition("\n")[2], encoding="utf-8")
        else:
            line, _, expected = text.partition("\n")
            words = line.removeprefix("$ postdesk rules ").split()
            printed = CliRunner().invoke(command, words, env=environ).output
            shown.append(words[0])
            assert _words(_VERSION.sub("rules VERSION", printed)) == _words(expected), line

    assert shown == ["check", "check", "test", "explain", "replay"]
