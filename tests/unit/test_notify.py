"""sd_notify and socket activation, spoken over real sockets with a real process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon import notify

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["file", "abstract"])
def supervisor(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    """What systemd would listen at."""
    name = f"postdesk-test-{os.getpid()}"
    address = str(tmp_path / "notify") if request.param == "file" else "\0" + name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        yield channel


def test_notify_sends_states_line_by_line(supervisor: socket.socket) -> None:
    assert notify.ready("serving")
    assert supervisor.recv(1000) == b"READY=1\nSTATUS=serving"

    assert notify.reloading()
    assert supervisor.recv(1000) == b"RELOADING=1"

    assert notify.stopping("1 mail to finish")
    assert supervisor.recv(1000) == b"STOPPING=1\nSTATUS=1 mail to finish"

    assert notify.alive()
    assert supervisor.recv(1000) == b"WATCHDOG=1"


def test_notify_without_supervisor_does_nothing() -> None:
    assert not notify.notify("READY=1", environ={})


def test_notify_survives_a_supervisor_that_went_away(tmp_path: Path) -> None:
    assert not notify.notify("READY=1", environ={"NOTIFY_SOCKET": str(tmp_path / "gone")})


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 20.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 20.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_watchdog_is_fed_three_times_in_its_time(
    environ: dict[str, str], seconds: float | None
) -> None:
    assert notify.watchdog_seconds(environ) == seconds


def test_listen_sockets_of_another_process_are_left_alone() -> None:
    assert notify.listen_sockets({"LISTEN_PID": "1", "LISTEN_FDS": "2"}) == ()


def test_listen_sockets_without_systemd_are_none() -> None:
    assert notify.listen_sockets({}) == ()


_PROGRAM = """
import os, sys
from daemon.notify import listen_sockets
for name, taken in listen_sockets():
    assert not taken.get_inheritable()
    print(name, taken.family.name, taken.getsockname(), flush=True)
    connection, _ = taken.accept()
    connection.sendall(name.encode())
"""

# As systemd does it: the sockets are 3 and 4, and the pid is known only after the fork.
_START = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("by", ["systemd", "our supervisor"])
def test_listen_sockets_are_served_by_a_started_process(tmp_path: Path, by: str) -> None:
    with socket.socket() as smtp, socket.socket(socket.AF_UNIX) as lmtp:
        smtp.bind(("127.0.0.1", 0))
        lmtp.bind(str(tmp_path / "lmtp.sock"))
        for one in (smtp, lmtp):
            one.listen()

        child = _start_with(smtp, lmtp, through_fork=by == "systemd")
        answers = []
        for address, family in (
            (smtp.getsockname(), socket.AF_INET),
            (lmtp.getsockname(), socket.AF_UNIX),
        ):
            with socket.socket(family) as client:
                client.settimeout(20)
                client.connect(address)
                answers.append(client.recv(100))
        output = child.communicate(timeout=20)[0].decode()

    assert answers == [b"smtp", b"lmtp"]
    assert output.startswith("smtp AF_INET ('127.0.0.1'")
    assert "lmtp AF_UNIX" in output


def _start_with(
    smtp: socket.socket, lmtp: socket.socket, *, through_fork: bool
) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-c", _PROGRAM]
    words = [sys.executable, "-c", _START, *program] if through_fork else program
    # The shell puts the sockets where systemd puts them.
    shell = f'exec 3<&{smtp.fileno()} 4<&{lmtp.fileno()}; exec "$@"'
    return subprocess.Popen(
        ["bash", "-c", shell, "bash", *words],
        env={**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "smtp:lmtp"},
        pass_fds=(smtp.fileno(), lmtp.fileno()),
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
