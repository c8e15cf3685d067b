"""The units are valid, hardened as promised, and pass sockets as our code takes them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.ports import free_port
from tests.servers.process import Process

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
COMMAND = "/opt/postdesk/bin/postdesk"

EXPECTED = {
    "postdesk.service", "postdesk-smtp.service", "postdesk-imap.service", "postdesk-relay.service",
    "postdesk-work@.service",
}  # fmt: skip


def analyze(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "SYSTEMD_COLORS": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(params=["postdesk.service", "postdesk-smtp.service"])
def enabled(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The units as on a machine where this service is enabled, its command installed."""
    for path in UNITS.iterdir():
        if path.is_file():
            # The check wants to see the program; any program will do.
            text = path.read_text().replace(COMMAND, shutil.which("true") or "")
            (tmp_path / path.name).write_text(text)
    (tmp_path / "postdesk-accept.service").symlink_to(request.param)
    return tmp_path


def test_units_are_the_promised_set() -> None:
    assert set(SERVICES) == EXPECTED


def test_units_are_valid(enabled: Path) -> None:
    names = [str(path) for path in sorted(enabled.glob("postdesk*.*")) if "@" not in path.name]

    result = analyze(
        "verify", "--man=no", *names, str(enabled / "postdesk-work@1.service"), folder=enabled
    )

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_service_exposure_is_at_most_1_2(name: str, tmp_path: Path) -> None:
    result = analyze(
        "security", "--offline=yes", "--threshold=12", "--no-pager", str(UNITS / name),
        folder=tmp_path,
    )  # fmt: skip

    assert result.returncode == 0, result.stdout[-2000:] + result.stderr


def test_services_are_hardened_alike() -> None:
    def hardening(name: str) -> str:
        return (
            (UNITS / name)
            .read_text()
            .partition("[Service]")[2]
            .partition("ExecReload")[2]
            .partition("[Install]")[0]
        )

    assert len({hardening(name) for name in SERVICES}) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_service_tells_systemd_and_reloads(name: str) -> None:
    lines = (UNITS / name).read_text().splitlines()

    for line in ("Type=notify", "NotifyAccess=main", "WatchdogSec=60", "Restart=always"):
        assert line in lines
    assert "ExecReload=/usr/bin/kill -HUP $MAINPID" in lines
    assert any(re.fullmatch(rf"ExecStart={COMMAND} [a-z]+", line) for line in lines)


@pytest.mark.parametrize("kind", ["sysusers", "tmpfiles"])
def test_system_users_and_folders_are_accepted(kind: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\npostdesk:x:64001:64001::/:/bin/false\n"
    )
    (tmp_path / "etc/group").write_text("root:x:0:\npostdesk:x:64001:\n")
    action = ["--create"] if kind == "tmpfiles" else []
    file = UNITS / f"{kind}.d" / "postdesk.conf"

    result = subprocess.run(
        [f"systemd-{kind}", *action, f"--root={tmp_path}", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (result.returncode, result.stderr) == (0, "")
    if kind == "tmpfiles":
        assert (tmp_path / "etc/postdesk").stat().st_mode & 0o777 == 0o750
        assert (tmp_path / "etc/postdesk").stat().st_uid == 0
        assert (tmp_path / "run/postdesk").stat().st_uid == 64001


def test_socket_of_systemd_is_taken_by_its_name(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    program = (
        "from daemon.notify import listen_sockets\n"
        "((name, taken),) = listen_sockets()\n"
        "taken.accept()[0].sendall(name.encode())\n"
    )
    command = ["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "--fdname=smtp"]
    command += ["-E", f"PYTHONPATH={ROOT}", sys.executable, "-c", program]

    with (
        Process(command, log=log, ready=lambda: b"Listening" in log.read_bytes()),
        socket.create_connection(("127.0.0.1", port), timeout=20) as client,
    ):
        assert client.recv(100) == b"smtp"
