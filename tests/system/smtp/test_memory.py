"""Memory follows the bytes of a mail, whatever its lines; and the others are served meanwhile."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.system.smtp.house import Wire

_MIB = 1024 * 1024


class _Alone:
    def __init__(self, loop: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.smtp.alone", loop],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = self._ask()

    def peak(self) -> int:
        """The most memory that it ever had, in bytes."""
        assert self._process.stdin
        self._process.stdin.write("peak\n")
        self._process.stdin.flush()
        return self._ask() * 1024

    def connect(self) -> Wire:
        return Wire(socket.create_connection(("127.0.0.1", self.port), timeout=60))

    def stop(self) -> None:
        self._process.communicate(timeout=20)

    def _ask(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


@pytest.fixture(params=["uvloop", "asyncio"])
def alone(request: pytest.FixtureRequest) -> Iterator[_Alone]:
    alone = _Alone(request.param)
    yield alone
    alone.stop()


class _Neighbour(threading.Thread):
    """Sends small mails, one after the other, until told to stop."""

    def __init__(self, connect: Callable[[], Wire]) -> None:
        super().__init__()
        self._connect, self._stop_now = connect, threading.Event()
        self.answers: list[str] = []

    def run(self) -> None:
        while not self._stop_now.is_set():
            with self._connect() as wire:
                wire.open_mail()
                self.answers.append(wire.ask("small\r\n.")[:3])

    def finish(self) -> list[str]:
        self._stop_now.set()
        self.join(60)
        return self.answers


def _send_all(wire: Wire, chunk: bytes, total: int) -> None:
    """Send until it is all sent or the server has had enough."""
    try:
        for _ in range(total // len(chunk)):
            wire.send(chunk)
    except ConnectionError:
        return


@pytest.mark.parametrize(
    ("chunk", "total", "end", "code"),
    [
        (b"\r\n" * 32768, 24 * _MIB, b".\r\n", "250"),
        (b"\r\n" * 32768, 30 * _MIB, b".\r\n", "552"),
        (b"..\r\n" * 16384, 24 * _MIB, b".\r\n", "250"),
        (b"x" * 65536, 200 * _MIB, b"\r\n.\r\n", "552"),
        (b"\r\n.\n" * 16384, 200 * _MIB, b"\r\n.\r\n", "552"),
    ],
    ids=["empty lines", "too many empty lines", "dots", "no line at all", "almost dots"],
)
def test_memory_of_a_hostile_mail_is_bounded(
    chunk: bytes, total: int, end: bytes, code: str, alone: _Alone
) -> None:
    with alone.connect() as wire:
        wire.open_mail()
        wire.send(b"warm\r\n.\r\n")
        assert wire.reply().startswith("250")
    idle = alone.peak()
    neighbour = _Neighbour(alone.connect)
    neighbour.start()

    with alone.connect() as wire:
        wire.open_mail()
        _send_all(wire, chunk, total)
        _send_all(wire, end, len(end))
        reply = wire.reply()
    answers = neighbour.finish()

    assert reply.startswith(code)
    assert alone.peak() - idle < (25 + 64) * _MIB
    assert set(answers) == {"250"}


def test_memory_of_an_endless_command_is_bounded(alone: _Alone) -> None:
    idle = alone.peak()
    with alone.connect() as wire:
        assert wire.reply().startswith("220")
        _send_all(wire, b"x" * 65536, 50 * _MIB)
        assert wire.reply().startswith("500")

    assert alone.peak() - idle < 8 * _MIB
