"""The bell inside one machine: a commit in one process wakes the one that works on what it made.

Apart from every broker, so that the accepting process loads none.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from daemon.bell import Bell
from workers.job import QUEUES

#: How often who stands by looks whether the door is free.
_STANDBY_SECONDS = 1.0


class SocketBell:
    """Rings at the doors of the same machine: a datagram socket a queue, in the data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ring(self, job: str, row_id: int) -> None:
        """Ask for a ring; a worker that is away or busy finds the row by itself."""
        with contextlib.suppress(OSError), _door(self._folder, QUEUES[job]) as path:
            self._socket.sendto(f"{job} {row_id}".encode(), path)


class Doorway:
    """The end of the socket bell where the jobs of a queue are done.

    Of several processes that work on a queue one is at the door; the others stand by and take its
    place when it is gone, so that a worker beside ``postdesk run`` leaves it no dead socket.
    """

    def __init__(self, folder: Path, queue: str, ring: Bell) -> None:
        self._folder, self._queue, self._ring = folder, queue, ring
        self._closed = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        #: False while another process is at the door.
        self.is_open = self._open()
        self._thread = threading.Thread(target=self._run, name=f"doorway-{queue}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)
        self._socket.close()

    def _open(self) -> bool:
        """Be at the door, unless another is; a socket that a dead process left is put away."""
        with _alone(self._folder), _door(self._folder, self._queue) as path:
            if _is_heard(path):
                return False
            Path(path).unlink(missing_ok=True)
            self._socket.bind(path)
            Path(path).chmod(0o600)
        return True

    def _run(self) -> None:
        while not self.is_open:
            if self._closed.wait(_STANDBY_SECONDS):
                return
            with contextlib.suppress(OSError):
                self.is_open = self._open()
        while True:
            try:
                words = self._socket.recv(256).decode("ascii", "replace").split()
            except OSError:
                return
            if self._closed.is_set():
                return
            if len(words) == 2 and QUEUES.get(words[0]) == self._queue and words[1].isdigit():
                self._ring(words[0], int(words[1]))


def _is_heard(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knocker:
        return knocker.connect_ex(path) == 0


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two that find the same dead socket: one puts it away, and the other finds a live one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _door(folder: Path, queue: str) -> Iterator[str]:
    """A socket's path has 108 bytes; through an open folder any folder is near enough."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{queue}.sock"
    finally:
        os.close(descriptor)
