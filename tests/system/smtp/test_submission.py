"""The submission port: agents log in over TLS, and nobody else gets a word in."""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.errors import SettingsError
from daemon.passwords import hashed
from tests.system.smtp.house import House, ListDoor
from tests.system.smtp.test_tls import certificate

__all__ = ["certificate"]

PASSWORD = "correct horse battery"
MAIL = "From: ann@desk.test\r\nSubject: x\r\n\r\nbody\r\n"


@pytest.fixture
def port(
    start: Callable[..., House], certificate: dict[str, Any], tmp_path: Path
) -> Iterator[House]:
    """A house with a submission port, at which Ann may log in."""
    path = tmp_path / "passwords"
    path.write_text(f"ann:{hashed(PASSWORD)}\n")
    return start(  # type: ignore[return-value]
        smtp=certificate, submission={"listen": "127.0.0.1:0", "passwords_file": str(path)}
    )


@contextmanager
def client(house: House, certificate: dict[str, Any]) -> Iterator[smtplib.SMTP]:
    _, number = house.place("submission")
    with smtplib.SMTP("localhost", number, timeout=20) as opened:
        opened.starttls(context=ssl.create_default_context(cafile=certificate["tls_certificate"]))
        yield opened


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_agent_logs_in_and_his_mail_says_so(
    port: House, certificate: dict[str, Any], door: ListDoor, mechanism: str
) -> None:
    with client(port, certificate) as ann:
        ann.ehlo()
        assert ann.has_extn("auth")
        ann.user, ann.password = "Ann", PASSWORD
        ann.auth(mechanism.removeprefix("auth_"), getattr(ann, mechanism))
        ann.sendmail("ann@desk.test", ["help@localhost"], MAIL)

    [arrival] = door.taken
    assert arrival.envelope.login == "ann"
    assert not arrival.envelope.trusted
    assert port.events("logged_in")[0]["login"] == "Ann"


def test_nothing_goes_without_tls(port: House) -> None:
    with port.connect("submission") as wire:
        assert wire.reply().startswith("220")
        assert "AUTH" not in wire.ask("EHLO me")
        assert wire.ask("AUTH PLAIN AGFubgB4").startswith("530")
        assert wire.ask("MAIL FROM:<ann@desk.test>").startswith("530")


def test_nothing_goes_without_a_login(
    port: House, certificate: dict[str, Any], door: ListDoor
) -> None:
    with client(port, certificate) as stranger:
        stranger.ehlo()
        assert stranger.mail("ann@desk.test")[0] == 530
        assert stranger.rcpt("help@localhost")[0] == 503
    assert door.taken == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("AUTH CRAM-MD5", 504),
        ("AUTH", 504),
        ("AUTH PLAIN !!!", 535),
        ("AUTH PLAIN " + base64.b64encode(b"\0ann\0wrong").decode(), 535),
        ("AUTH PLAIN " + base64.b64encode(b"\0nobody\0wrong").decode(), 535),
        ("AUTH PLAIN " + base64.b64encode(f"bo\0ann\0{PASSWORD}".encode()).decode(), 535),
        ("AUTH PLAIN " + base64.b64encode(b"\0\0").decode(), 535),
    ],
)
def test_wrong_login_is_refused_alike(
    port: House, certificate: dict[str, Any], line: str, code: int
) -> None:
    with client(port, certificate) as stranger:
        stranger.ehlo()
        said, text = stranger.docmd(line)
        assert said == code
        if code == 535:
            assert text == b"5.7.8 wrong login or password"
        assert stranger.mail("ann@desk.test")[0] == 530


def test_client_may_change_its_mind(port: House, certificate: dict[str, Any]) -> None:
    with client(port, certificate) as ann:
        ann.ehlo()
        assert ann.docmd("AUTH LOGIN")[0] == 334
        assert ann.docmd("*")[0] == 501
        ann.login("ann", PASSWORD)


def test_third_failure_ends_the_line(port: House, certificate: dict[str, Any]) -> None:
    wrong = "AUTH PLAIN " + base64.b64encode(b"\0ann\0wrong").decode()
    with client(port, certificate) as stranger:
        stranger.ehlo()
        codes = [stranger.docmd(wrong)[0] for _ in range(3)]
        assert codes == [535, 535, 421]
        with pytest.raises(smtplib.SMTPServerDisconnected):
            stranger.noop()
    assert len(port.events("login_failed")) == 3
    assert "wrong" not in str(port.lines)


def test_it_is_no_relay(port: House, certificate: dict[str, Any]) -> None:
    with client(port, certificate) as ann:
        ann.login("ann", PASSWORD)
        assert ann.mail("ann@desk.test")[0] == 250
        assert ann.rcpt("someone@elsewhere.test")[0] == 550


def test_port_needs_tls_and_passwords(
    start: Callable[..., House], certificate: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match="tls_certificate"):
        start(submission={"listen": "127.0.0.1:0"})
    with pytest.raises(SettingsError, match="passwords_file"):
        start(smtp=certificate, submission={"listen": "127.0.0.1:0"})
