"""Bells: how a commit in one process wakes a worker in another. Every bell may fail silently."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog
from dramatiq import Broker

from workers.broker import enqueue, is_waiting
from workers.jobs import QUEUES


class BrokerBell:
    """Rings through a broker from a thread of its own, so that a slow broker delays nobody.

    Rings for one job that nobody has sent yet are one ring: whoever is woken takes all that is due.
    """

    def __init__(self, broker: Broker, log: structlog.typing.FilteringBoundLogger) -> None:
        self._broker, self._log = broker, log
        self._wanted: dict[str, int] = {}
        self._wake = threading.Condition()
        self._closed = False
        self._is_down = False
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
        self._thread.start()

    def ring(self, job: str, row_id: int) -> None:
        """Ask for a ring."""
        with self._wake:
            self._wanted[job] = row_id
            self._wake.notify()

    def close(self) -> None:
        """Stop; what was not rung for is found by the relay."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return
                wanted, self._wanted = self._wanted, {}
            for job, row_id in wanted.items():
                self._send(job, row_id)

    def _send(self, job: str, row_id: int) -> None:
        try:
            enqueue(self._broker, job, row_id)
        except Exception as err:  # noqa: BLE001  any broker's any error: the relay rings again
            if not self._is_down:
                self._log.warning("broker_unreachable", error=f"{type(err).__name__}: {err}")
            self._is_down = True
        else:
            if self._is_down:
                self._log.info("broker_back")
            self._is_down = False


def local_bell(broker: Broker) -> Callable[[str, int], None]:
    """A bell for the process in which the workers are: straight into their queues."""

    def ring(job: str, row_id: int) -> None:
        if not is_waiting(broker, job):
            enqueue(broker, job, row_id)

    return ring


class SocketBell:
    """Rings at the work process of the same machine, over a datagram socket in the data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ring(self, job: str, row_id: int) -> None:
        """Ask for a ring; a worker that is away or busy finds the row by itself."""
        with contextlib.suppress(OSError), _short_path(self._folder) as path:
            self._socket.sendto(f"{job} {row_id}".encode(), path)


class Doorway:
    """The work process's end of the socket bell."""

    def __init__(self, folder: Path, ring: Callable[[str, int], None]) -> None:
        self._ring, self._is_closed = ring, False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(FileNotFoundError):
            (folder / _NAME).unlink()
        with _short_path(folder) as path:
            self._socket.bind(path)
        (folder / _NAME).chmod(0o600)
        self._thread = threading.Thread(target=self._run, name="doorway", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                words = self._socket.recv(256).decode("ascii", "replace").split()
            except OSError:
                return
            if self._is_closed:
                return
            if len(words) == 2 and words[0] in QUEUES and words[1].isdigit():
                self._ring(words[0], int(words[1]))


_NAME = "bell.sock"


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """A socket's path has 108 bytes; through an open folder any folder is near enough."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{_NAME}"
    finally:
        os.close(descriptor)
