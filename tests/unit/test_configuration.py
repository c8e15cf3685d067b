"""The configuration: where each key may come from, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.configuration import load
from daemon.errors import SettingsError


def _file(folder: Path, text: str) -> Path:
    path = folder / "postdesk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_run() -> None:
    settings = load(None, {})

    assert settings.address == "help@localhost"
    assert settings.store_url == "sqlite:///var/postdesk.db"


def test_environment_beats_the_file(tmp_path: Path) -> None:
    path = _file(tmp_path, 'addresses = ["a@x.example"]\n[smtp]\nlisten = "127.0.0.1:1"\n')
    environ = {
        "POSTDESK_ADDRESSES": "help@x.example, it@x.example",
        "POSTDESK_SMTP__LISTEN": "127.0.0.1:2",
        "POSTDESK_DATABASE_URL": "postgresql://u@h/d",
        "POSTDESK_CONFIG": "ignored",
    }

    settings = load(path, environ)

    assert settings.addresses == ("help@x.example", "it@x.example")
    assert settings.smtp.listen == ("127.0.0.1:2",)
    assert settings.store_url == "postgresql+psycopg://u@h/d"


def test_mailboxes_may_come_from_the_environment(tmp_path: Path) -> None:
    path = _file(tmp_path, '[[mailboxes]]\nname = "main"\nhost = "a"\nuser = "u"\n')
    environ = {
        "POSTDESK_MAILBOXES__0__HOST": "b",
        "POSTDESK_MAILBOXES__1__NAME": "second",
        "POSTDESK_MAILBOXES__1__HOST": "c",
        "POSTDESK_MAILBOXES__1__USER": "v",
    }

    settings = load(path, environ)

    assert [(box.name, box.host, box.user) for box in settings.mailboxes] == [
        ("main", "b", "u"),
        ("second", "c", "v"),
    ]


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    path = _file(tmp_path, f'[delivery]\npassword_file = "{tmp_path}/secret"\n')

    assert load(path, {}).delivery.password == "s3cret"


def test_secrets_come_from_credentials(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for name in ("delivery.password", "mailboxes.main.password", "mailboxes.other.password"):
        (credentials / name).write_text(f"{name}!\n")
    path = _file(tmp_path, '[[mailboxes]]\nname = "main"\nhost = "a"\nuser = "u"\n')

    settings = load(path, {"CREDENTIALS_DIRECTORY": str(credentials)})

    assert settings.delivery.password == "delivery.password!"
    assert settings.mailboxes[0].password == "mailboxes.main.password!"
    assert "password!" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("adresses = []\n", 1, "unknown key adresses (did you mean addresses?)"),
        ("\n[smtp]\nlissten = '1'\n", 3, "unknown key smtp.lissten (did you mean listen?)"),
        ("[work]\nthreads = 0\n", 2, "work.threads: Input should be greater than 0"),
        ("[work]\nthreads = \n", 2, "Invalid value"),
        ("[[mailboxes]]\nname = 'x'\nhots = 'y'\n", 3, "did you mean host?"),
        ("[limits\n", 1, "Expected ']'"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = _file(tmp_path, text)

    with pytest.raises(SettingsError) as caught:
        load(path, {})

    assert (caught.value.line, caught.value.path) == (line, str(path))
    assert words in str(caught.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        load(tmp_path / "none.toml", {})


def test_no_address_is_an_error() -> None:
    with pytest.raises(SettingsError, match="addresses is empty"):
        load(None, {"POSTDESK_ADDRESSES": ""})
