"""Passwords of the submission port."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from daemon.errors import SettingsError
from daemon.passwords import Passwords, hashed
from scripts.postdesk import cli

SALT = b"s" * 16
ANN = hashed("correct horse battery", SALT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "passwords"
    made.write_text(f"# agents\n\nann:{ANN}\n")
    return made


def test_password_opens_its_own_login_only(path: Path) -> None:
    passwords = Passwords(path)

    assert passwords.check("ann", "correct horse battery")
    assert passwords.check("ANN", "correct horse battery")
    assert not passwords.check("ann", "correct horse batterz")
    assert not passwords.check("bo", "correct horse battery")
    assert not passwords.check("", "")


def test_same_password_twice_is_two_lines() -> None:
    assert hashed("correct horse battery") != hashed("correct horse battery")


def test_who_is_taken_out_is_out_at_once(path: Path) -> None:
    passwords = Passwords(path)
    path.write_text("# nobody\n")

    assert not passwords.check("ann", "correct horse battery")


def test_file_that_is_gone_lets_nobody_in(path: Path) -> None:
    passwords = Passwords(path)
    path.unlink()

    assert not passwords.check("ann", "correct horse battery")
    with pytest.raises(SettingsError):
        Passwords(path)


@pytest.mark.parametrize(
    "line",
    [
        "ann:secret",
        "ann",
        f"ann:{ANN[:-4]}",
        ANN.replace("$14$", "$30$").join(["ann:", ""]),
        ANN.replace("scrypt", "plain").join(["ann:", ""]),
        ANN.replace("$8$1$", "$8$900$").join(["ann:", ""]),
    ],
)
def test_line_that_is_none_is_named(path: Path, line: str) -> None:
    path.write_text(f"# agents\n{line}\n")

    with pytest.raises(SettingsError, match=r"passwords:2: .*postdesk password LOGIN"):
        Passwords(path)


def test_command_makes_the_line(path: Path) -> None:
    done = CliRunner().invoke(cli, ["password", "Bo"], input="bo has a long one\n")

    assert done.exit_code == 0
    path.write_text(done.stdout)
    assert Passwords(path).check("bo", "bo has a long one")


@pytest.mark.parametrize(("login", "password"), [("bo", "short\n"), ("b:o", "long enough now\n")])
def test_command_refuses_what_is_no_password(login: str, password: str) -> None:
    done = CliRunner().invoke(cli, ["password", login], input=password)

    assert done.exit_code == 2
