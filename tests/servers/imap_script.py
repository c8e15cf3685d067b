"""A faulty wire in front of an IMAP server: cuts, silence, farewells, answers that never come."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Wire:
    """Passes bytes on as long as its settings let it; they hold for connections yet to come."""

    target: int
    port: int = 0
    #: Ends a connection after so many bytes from the server.
    cut_after: int | None = None
    #: Passes nothing on after so many bytes from the server, and keeps the connection open.
    silent_after: int | None = None
    #: Sees each line of the client; what it returns is sent on, and None ends the connection.
    on_line: Callable[[bytes], bytes | None] | None = None
    #: How many connections there were.
    connections: int = 0
    #: Bytes from the server on the last connection.
    passed: int = 0
    _pairs: list[tuple[socket.socket, socket.socket]] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def say_bye(self, words: bytes = b"* BYE going down\r\n") -> None:
        """The server takes its leave on every open connection."""
        for client, server in list(self._pairs):
            with contextlib.suppress(OSError):
                client.sendall(words)
            _end(client, server)

    def cut(self) -> None:
        """End every connection now."""
        for client, server in list(self._pairs):
            _end(client, server)

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self._pairs.append((client, server))
            for pump in (self._upward, self._downward):
                thread = threading.Thread(target=pump, args=(client, server), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _upward(self, client: socket.socket, server: socket.socket) -> None:
        on_line = self.on_line
        with contextlib.suppress(OSError), client.makefile("rb") as lines:
            for line in lines:
                sent = on_line(line) if on_line else line
                if sent is None:
                    break
                server.sendall(sent)
        _end(client, server)

    def _downward(self, client: socket.socket, server: socket.socket) -> None:
        cut, silent, passed = self.cut_after, self.silent_after, 0
        with contextlib.suppress(OSError):
            while chunk := server.recv(65536):
                if silent is not None:
                    chunk = chunk[: max(silent - passed, 0)]
                if cut is not None:
                    chunk = chunk[: cut - passed]
                client.sendall(chunk)
                passed += len(chunk)
                self.passed = passed
                if cut is not None and passed >= cut:
                    break
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def wire(target: int) -> Iterator[Wire]:
    """A faultless wire to a port of the loopback, until a test sets a fault."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        faulty = Wire(target, port=listener.getsockname()[1])
        thread = threading.Thread(target=faulty.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield faulty
        finally:
            # close() alone leaves a blocked accept() waiting.
            listener.shutdown(socket.SHUT_RDWR)
            faulty.cut()
            thread.join(5)
