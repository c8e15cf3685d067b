"""The bell inside one machine: a commit in the accepting process wakes the working one.

Apart from every broker, so that the accepting process loads none.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from workers.job import QUEUES


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
