"""STARTTLS (RFC 3207): what was said before it has no force after it."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.errors import SettingsError
from daemon.settings import Settings
from tests.system.smtp.house import House, ListDoor, Wire, running, wait_until


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("tls")
    paths = {"tls_certificate": folder / "cert.pem", "tls_key": folder / "key.pem"}
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-out", str(paths["tls_certificate"]), "-keyout", str(paths["tls_key"])),
        ],
        check=True,
        capture_output=True,
    )
    return {name: str(path) for name, path in paths.items()}


def _encrypt(wire: Wire, certificate: dict[str, Any]) -> Wire:
    context = ssl.create_default_context(cafile=certificate["tls_certificate"])
    return Wire(context.wrap_socket(wire.sock, server_hostname="localhost"))


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_mail_comes_by_tls(
    loop: str, start: Callable[..., House], certificate: dict[str, Any], door: ListDoor
) -> None:
    house = start(loop=loop, smtp=certificate)
    with house.connect() as plain:
        assert plain.reply().startswith("220")
        assert "STARTTLS" in plain.ask("EHLO me")
        assert plain.ask("STARTTLS").startswith("220")
        with _encrypt(plain, certificate) as wire:
            assert wire.ask("MAIL FROM:<>").startswith("503")  # EHLO is to be said again
            assert "STARTTLS" not in wire.ask("EHLO me")
            assert "AUTH" not in wire.ask("EHLO me")
            assert wire.ask("STARTTLS").startswith("503")
            assert wire.ask("MAIL FROM:<>").startswith("250")
            assert wire.ask("RCPT TO:<help@localhost>").startswith("250")
            assert wire.ask("DATA").startswith("354")
            wire.send(b"x" * 1_000_000 + b"\r\n.\r\n")
            assert wire.reply().startswith("250")
            assert wire.ask("QUIT").startswith("221")
            assert wire.reply() == ""

    assert len(door.taken[0].raw) == 1_000_002


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_command_injected_before_the_handshake_is_dropped(
    loop: str, start: Callable[..., House], certificate: dict[str, Any], door: ListDoor
) -> None:
    house = start(loop=loop, smtp=certificate)
    injected = "EHLO evil\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<help@localhost>\r\n"
    with house.connect() as plain:
        assert plain.reply().startswith("220")
        assert plain.ask("EHLO me").startswith("250")
        plain.send(f"STARTTLS\r\n{injected}".encode())
        assert plain.reply().startswith("220")
        with _encrypt(plain, certificate) as wire:
            # The first thing that is answered is the first thing said inside.
            assert wire.ask("NOOP") == "250 2.0.0 ok"
            assert wire.ask("DATA").startswith("503")
            assert wire.ask("MAIL FROM:<>").startswith("503")

    assert door.offered == 0


def test_plain_text_is_refused_where_tls_is_required(
    start: Callable[..., House], certificate: dict[str, Any], door: ListDoor
) -> None:
    house = start(smtp={**certificate, "require_tls": True})
    with house.connect() as plain:
        assert plain.reply().startswith("220")
        assert plain.ask("EHLO me").startswith("250")
        assert plain.ask("MAIL FROM:<>").startswith("530 5.7.0")
        assert plain.ask("NOOP").startswith("250")
        assert plain.ask("STARTTLS").startswith("220")
        with _encrypt(plain, certificate) as wire:
            assert wire.ask("EHLO me").startswith("250")
            assert wire.ask("MAIL FROM:<>").startswith("250")


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
@pytest.mark.parametrize("said", [b"garbage, not a handshake\r\n" * 20, b""])
def test_broken_handshake_gives_its_place_back(
    loop: str, said: bytes, start: Callable[..., House], certificate: dict[str, Any]
) -> None:
    house = start(loop=loop, smtp=certificate)
    with house.connect() as plain:
        assert plain.reply().startswith("220")
        assert plain.ask("STARTTLS").startswith("220")
        plain.send(said)
        plain.sock.shutdown(socket.SHUT_WR)
        assert plain.is_closed()

    wait_until(lambda: not house.listener._service.sessions)
    assert house.listener._service.places._taken == 0
    with house.connect() as wire:
        assert wire.reply().startswith("220")


def test_lmtp_does_not_offer_tls(start: Callable[..., House], certificate: dict[str, Any]) -> None:
    with start(smtp=certificate).connect("lmtp") as wire:
        assert wire.reply().startswith("220")
        assert "STARTTLS" not in wire.ask("LHLO me")


@pytest.mark.parametrize("smtp", [{"require_tls": True}, {"tls_certificate": Path("/nowhere.pem")}])
def test_tls_that_cannot_be_had_refuses_the_start(smtp: dict[str, Any]) -> None:
    wrong = running(Settings.model_validate({"smtp": {"listen": "127.0.0.1:0", **smtp}}))
    with pytest.raises(SettingsError, match=r"smtp\.tls_certificate"), wrong:
        pass
