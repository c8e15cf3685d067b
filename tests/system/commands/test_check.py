"""What a sysadmin gets wrong, and that each gets a verdict with what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers.ports import free_port, is_listening
from tests.servers.process import Process
from tests.servers.sink import Sink
from tests.system.commands.conftest import ROOT, Command, Result

#: The port that nobody listens on.
NOBODY = "127.0.0.1:1"


@pytest.fixture
def checking(data_dir: Path) -> Command:
    """``postdesk check`` of a desk that is as it should be."""
    return Command(
        {
            "POSTDESK_DATA_DIR": str(data_dir),
            "POSTDESK_ADDRESSES": "help@example.org",
            "POSTDESK_ADMINS": "root@example.org",
            "POSTDESK_SMTP__LISTEN": f"127.0.0.1:{free_port()}",
        }
    )


def found(result: Result, what: str, level: str = "problem") -> list[dict[str, Any]]:
    return [row for row in result.lines if (row["what"], row["level"]) == (what, level)]


def test_check_without_problems_succeeds(checking: Command) -> None:
    result = checking("check", "--json")

    assert result.code == 0
    assert {row["level"] for row in result.lines} == {"ok", "warning"}
    assert {row["what"] for row in result.lines} == {
        "configuration", "addresses", "data folder", "disk", "secrets", "database",
        "broker", "rules", "templates", "smarthost", "smtp", "packages",
    }  # fmt: skip


def test_check_makes_nothing(checking: Command, data_dir: Path) -> None:
    checking("check")

    assert list(data_dir.iterdir()) == []


def test_check_names_an_unknown_key_with_its_place(checking: Command, tmp_path: Path) -> None:
    config = tmp_path / "postdesk.toml"
    config.write_text('name = "Desk"\n[smtp]\nlissten = "127.0.0.1:25"\n')

    result = checking("--config", config, "check")

    assert result.code == 1
    assert f"{config}:3: unknown key smtp.lissten" in result.out
    assert "did you mean listen?" in result.out


def test_check_finds_peers_that_do_not_answer(checking: Command) -> None:
    result = checking(
        "check",
        "--json",
        POSTDESK_DATABASE_URL=f"postgresql://desk:s3cret@{NOBODY}/desk",
        POSTDESK_BROKER_URL=f"redis://:s3cret@{NOBODY}/0",
        POSTDESK_DELIVERY__SMARTHOST=f"smtp://{NOBODY}",
        POSTDESK_MAILBOXES__0__NAME="office",
        POSTDESK_MAILBOXES__0__HOST="127.0.0.1",
        POSTDESK_MAILBOXES__0__PORT="1",
        POSTDESK_MAILBOXES__0__SECURITY="none",
        POSTDESK_MAILBOXES__0__USER="help",
        POSTDESK_MAILBOXES__0__PASSWORD="s3cret",
    )

    assert result.code == 1
    for what in ("database", "broker", "smarthost", "mailbox"):
        assert found(result, what), what
    assert "s3cret" not in result.out + result.err


def test_check_finds_peers_that_answer(
    checking: Command, postgres_url: str, redis_url: str, mail_sink: Sink
) -> None:
    result = checking(
        "check",
        "--json",
        POSTDESK_DATABASE_URL=postgres_url,
        POSTDESK_BROKER_URL=redis_url,
        POSTDESK_DELIVERY__SMARTHOST=f"smtp://127.0.0.1:{mail_sink.port}",
    )

    assert result.code == 0, result.out
    assert "is empty: its tables are made" in found(result, "database", "ok")[0]["message"]
    assert found(result, "broker", "ok")[0]["message"].endswith("takes rings")
    assert found(result, "smarthost", "ok")


def test_check_finds_a_folder_that_cannot_be_written(checking: Command) -> None:
    result = checking("check", "--json", POSTDESK_DATA_DIR="/proc/postdesk")

    assert result.code == 1
    assert found(result, "data folder")


def test_check_finds_secrets_that_everybody_can_read(
    checking: Command, data_dir: Path, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("s3cret")
    password.chmod(0o644)
    config = tmp_path / "postdesk.toml"
    config.write_text('[delivery]\nuser = "x"\npassword = "s3cret"\n')
    (data_dir / "secret.key").write_text("00" * 32)
    (data_dir / "secret.key").chmod(0o604)

    result = checking(
        "--config",
        config,
        "check",
        "--json",
        POSTDESK_MAILBOXES__0__NAME="office",
        POSTDESK_MAILBOXES__0__HOST="127.0.0.1",
        POSTDESK_MAILBOXES__0__PORT="1",
        POSTDESK_MAILBOXES__0__SECURITY="none",
        POSTDESK_MAILBOXES__0__USER="help",
        POSTDESK_MAILBOXES__0__PASSWORD_FILE=str(password),
    )

    messages = [row["message"] for row in found(result, "secrets")]
    assert messages == [
        f"{path} can be read by every user" for path in (config, data_dir / "secret.key", password)
    ]
    assert found(result, "secrets")[0]["advice"] == f"chmod o= {config}"
    assert "s3cret" not in result.out


def test_check_finds_mistakes_in_rules_and_templates(checking: Command, tmp_path: Path) -> None:
    rules, templates = tmp_path / "rules", tmp_path / "templates"
    (templates / "en").mkdir(parents=True)
    rules.mkdir()
    (rules / "routing.yaml").write_text("rules:\n  - name: x\n    wehn: {}\n")
    (templates / "en" / "acknowledgement.txt.j2").write_text("{{ nothing.of.this }}")

    result = checking(
        "check", "--json", POSTDESK_RULES_DIR=str(rules), POSTDESK_TEMPLATES_DIR=str(templates)
    )

    assert result.code == 1
    assert any("routing.yaml:3" in row["message"] for row in found(result, "rules"))
    assert any("acknowledgement.txt.j2" in row["message"] for row in found(result, "templates"))


def test_check_tells_a_strange_port_from_our_own(checking: Command, data_dir: Path) -> None:
    port = int(checking.environ["POSTDESK_SMTP__LISTEN"].partition(":")[2])
    with socket.create_server(("127.0.0.1", port)) as other:
        other.settimeout(10)
        stranger = _checked_by(checking, other)
    environ = {**os.environ, **checking.environ}
    desk = Process(
        [sys.executable, "-m", "scripts.postdesk", "run"],
        log=data_dir.parent / "desk.log",
        ready=lambda: is_listening(port),
        env={**environ, "PYTHONPATH": str(ROOT)},
    )
    with desk:
        ours = checking("check", "--json")

    assert stranger.code == 1
    assert "is taken by another program" in found(stranger, "smtp")[0]["message"]
    assert found(ours, "smtp", "ok")[0]["message"] == f"the desk listens on 127.0.0.1:{port}"


def _checked_by(checking: Command, other: socket.socket) -> Result:
    """The check while another server greets whoever comes."""
    child = subprocess.Popen(
        [sys.executable, "-m", "scripts.postdesk", "check", "--json"],
        env={**os.environ, **checking.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    other.settimeout(60)
    guest, _ = other.accept()
    guest.sendall(b"220 mail.example.org ESMTP Postfix\r\n")
    raw, _ = child.communicate(timeout=60)
    guest.close()
    return Result(code=child.returncode, out=raw.decode(), err="", raw=raw)


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("ADDRESSES", "help@example.org, no address", "addresses"),
        ("ADDRESSES", "help+desk@example.org", "addresses"),
        ("ADMINS", "help@example.org", "admins"),
        ("ADMINS", "root@example.org, Help+desk@Example.org", "admins"),
        ("ADMINS", "root", "admins"),
        ("TIMEZONE", "Europe/Atlantis", "configuration"),
        ("BROKER_URL", "kafka://127.0.0.1", "broker"),
        ("DELIVERY__SMARTHOST", "mail.example.org", "smarthost"),
        ("SMTP__LISTEN", "192.0.2.1:2525", "smtp"),
        ("SMTP__LISTEN", "2525 please", "smtp"),
        ("LMTP__LISTEN", "unix:/nowhere/lmtp.sock", "lmtp"),
    ],
)
def test_check_finds_values_that_cannot_work(
    checking: Command, key: str, value: str, what: str
) -> None:
    result = checking("check", "--json", **{f"POSTDESK_{key}": value})

    assert result.code == 1
    assert found(result, what), result.out


def test_check_names_an_agent_who_has_the_desks_own_address(
    checking: Command, tmp_path: Path
) -> None:
    people = tmp_path / "people.yaml"
    people.write_text("agents:\n  bo: {full_name: Bo, addresses: help@example.org}\n")

    result = checking("check", "--json", POSTDESK_RULES_DIR=str(tmp_path))

    assert result.code == 1
    [told] = found(result, "rules")
    assert told["message"] == f"{people}:2:34: 'help@example.org' is the desk's own address"
    assert "agent 'bo'" in told["advice"]
