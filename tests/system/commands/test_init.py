"""``postdesk init``: what it writes is whole, right, and never over something."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from daemon.configuration import load
from daemon.settings import Settings
from scripts.init import configuration
from scripts.postdesk import cli


def test_every_key_is_there_with_its_default(tmp_path: Path) -> None:
    text = configuration()
    for name, field in Settings.model_fields.items():
        assert f"# {name} = " in text or f"[{name}]" in text or f"[[{name}]]" in text
        for below in getattr(type(field.default), "model_fields", {}):
            assert f"# {below} = " in text


def test_the_written_configuration_loads_with_every_key_uncommented(tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["init", str(tmp_path / "desk")], catch_exceptions=False)
    path = tmp_path / "desk" / "postdesk.toml"
    assert load(path, {}) == Settings()

    lines = path.read_text().splitlines()
    kept = [line for line in lines if not re.match(r"# \w+ = \"\"$", line)]
    plain = "\n".join(re.sub(r"^# (\w+ = )", r"\1", line) for line in kept)
    head = plain.partition("# One IMAP folder")[0]
    path.write_text(head + plain[plain.index("# The way out") :])
    assert load(path, {}) == Settings()


def test_rules_are_copied_and_nothing_is_overwritten(tmp_path: Path) -> None:
    first = CliRunner().invoke(cli, ["init", str(tmp_path)])
    assert first.exit_code == 0
    assert (tmp_path / "rules" / "routing.yaml").exists()

    second = CliRunner().invoke(cli, ["init", str(tmp_path)])

    assert second.exit_code == 73
    assert "nothing written" in second.output
