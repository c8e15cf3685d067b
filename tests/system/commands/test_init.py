"""The files that an admin begins with: every key, as the defaults are, and nothing overwritten."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from daemon import shipped
from daemon.configuration import load
from daemon.settings import Mailbox, OAuth, Settings
from scripts.init import document
from tests.system.commands.conftest import Command

RULES, TEMPLATES = Path("/etc/x/rules"), Path("/etc/x/templates")


@pytest.fixture(scope="module")
def uncommented() -> dict[str, Any]:
    """The document with every key and heading in force."""
    text = document(RULES, TEMPLATES)
    return tomllib.loads(re.sub(r"^#(?=\[|[a-z_]+ = )", "", text, flags=re.MULTILINE))


def keys(model: type[BaseModel]) -> Iterator[str]:
    return iter(model.model_fields)


def test_document_names_every_key(uncommented: dict[str, Any]) -> None:
    assert set(uncommented) == set(keys(Settings))
    for name, info in Settings.model_fields.items():
        if isinstance(info.default, BaseModel):
            assert set(uncommented[name]) == set(keys(type(info.default))), name
    (mailbox,) = uncommented["mailboxes"]
    assert set(mailbox) == set(keys(Mailbox))
    assert set(mailbox["oauth"]) == set(keys(OAuth))


def test_document_shows_the_defaults(uncommented: dict[str, Any]) -> None:
    examples = {"admins": [], "mailboxes": [], "rules_dir": None, "templates_dir": None}
    examples |= {"secret_key_file": None}
    shown = Settings.model_validate(
        {
            key: examples.get(key, value)
            for key, value in uncommented.items()
            if not isinstance(value, dict)
        }
    )

    assert shown == Settings()
    for name in ("limits", "work", "http", "log", "lmtp"):
        values = getattr(Settings(), name)
        assert type(values).model_validate(uncommented[name]) == values


def test_init_writes_what_runs(postdesk: Command, tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "postdesk"

    result = postdesk("init", folder)

    config = folder / "postdesk.toml"
    assert result.code == 0, result.err
    assert f"postdesk --config {config} check" in result.out
    assert stat.S_IMODE(config.stat().st_mode) & 0o007 == 0
    settings = load(config, {})
    own = {"rules_dir": folder / "rules", "templates_dir": folder / "templates"}
    assert settings == Settings().model_copy(update=own)
    assert (folder / "rules" / "schema" / "routing.json").exists()
    for path in shipped.folder("rules").glob("*.yaml"):
        assert (folder / "rules" / path.name).read_bytes() == path.read_bytes()
    checked = postdesk("--config", config, "check", POSTDESK_SMTP__LISTEN="127.0.0.1:0")
    assert checked.code == 0, checked.out


def test_init_overwrites_nothing(postdesk: Command, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "people.yaml").write_text("mine")

    result = postdesk("init", tmp_path)

    assert result.code == 73
    assert f"{tmp_path / 'rules'} is there already" in result.err
    assert (tmp_path / "rules" / "people.yaml").read_text() == "mine"
    assert not (tmp_path / "postdesk.toml").exists()


def test_init_where_it_may_not_write_says_so(postdesk: Command) -> None:
    result = postdesk("init", "/proc/postdesk")

    assert result.code == 73
    assert "cannot write to /proc/postdesk" in result.err
