"""What the tests of the listener stand on: a door, a running listener, a bare client."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

import structlog
import uvloop

from daemon.arrival import Arrival, InboxId
from daemon.clock import SystemClock
from daemon.settings import Settings
from daemon.smtp_listener import Listener
from daemon.smtp_service import Door
from tests.servers.process import wait_until


class ListDoor:
    """A door whose store is a list; it can be told to fail, and to wait."""

    def __init__(self) -> None:
        self.taken: list[Arrival] = []
        self.failure: Exception | None = None
        self.is_open = threading.Event()
        self.is_open.set()
        self.offered = 0
        self._lock = threading.Lock()

    def offer(self, arrival: Arrival) -> Future[InboxId]:
        future: Future[InboxId] = Future()
        self.offered += 1
        threading.Thread(target=self._commit, args=(arrival, future), daemon=True).start()
        return future

    def _commit(self, arrival: Arrival, future: Future[InboxId]) -> None:
        self.is_open.wait(30)
        if self.failure is not None:
            future.set_exception(self.failure)
            return
        with self._lock:
            self.taken.append(arrival)
            number = len(self.taken)
        future.set_result(InboxId(number))


class House:
    """A listener that runs in a thread of its own."""

    def __init__(self, settings: Settings, door: Door, *, loop: str = "uvloop") -> None:
        self.settings, self.door = settings, door
        self.lines: list[dict[str, Any]] = []
        make = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
        self._loop = make()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def start(self, sockets: Sequence[tuple[str, socket.socket]] = ()) -> None:
        self.listener = Listener(
            settings=self.settings, clock=SystemClock(), log=self._log(), door=self.door
        )
        self.call(self.listener.start(sockets))

    def call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def stop(self, grace: float = 5) -> None:
        self.call(self.listener.stop(grace))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def place(self, protocol: str = "smtp") -> tuple[str, int]:
        return next(
            (host, port) for name, host, port in self.listener.addresses if name == protocol
        )

    def connect(self, protocol: str = "smtp") -> Wire:
        return Wire(socket.create_connection(self.place(protocol), timeout=20))

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in list(self.lines) if line["event"] == name]

    def _log(self) -> Any:
        def keep(_: Any, level: str, line: Any) -> Any:
            self.lines.append(dict(line, level=level))
            raise structlog.DropEvent

        return structlog.wrap_logger(structlog.PrintLogger(), processors=[keep])


@contextmanager
def running(
    settings: Settings, door: Door | None = None, *, loop: str = "uvloop"
) -> Iterator[House]:
    """A house from start to stop."""
    house = House(settings, door or ListDoor(), loop=loop)
    try:
        house.start()
        yield house
        house.stop()
    finally:
        house.close()


class Wire:
    """A client that says exactly the bytes that it is given."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._file = sock.makefile("rb")

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reply(self) -> str:
        """The next whole reply; empty when the server has closed."""
        lines: list[str] = []
        while True:
            try:
                line = self._file.readline()
            except ConnectionError:
                line = b""
            if not line:
                return "\n".join(lines)
            lines.append(line.decode().rstrip("\r\n"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    def ask(self, line: str) -> str:
        self.send(line.encode("utf-8", "surrogateescape") + b"\r\n")
        return self.reply()

    def open_mail(
        self,
        hello: str = "EHLO client",
        to: str = "help@localhost",
        sender: str = "ann@example.org",
    ) -> None:
        """Talk up to the 354."""
        assert self.reply().startswith("220")
        assert self.ask(hello).startswith("250")
        assert self.ask(f"MAIL FROM:<{sender}>").startswith("250")
        assert self.ask(f"RCPT TO:<{to}>").startswith("250")
        assert self.ask("DATA").startswith("354")

    def is_closed(self) -> bool:
        """True once the server has closed; reads what it still says."""
        with suppress(ConnectionError):
            while self._file.readline():
                pass
        return True


__all__ = ["House", "ListDoor", "Wire", "running", "wait_until"]
