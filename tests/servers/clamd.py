"""A server that speaks clamd's INSTREAM, over TCP or a Unix socket, and knows one harmful word."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: What it finds; clamd's own test file would upset scanners of this machine.
HARMFUL = b"X-POSTDESK-TEST-HARM"
_STREAM_MAX = 1024 * 1024


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if self._until_zero() != b"zINSTREAM":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        data = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
            if len(data) > _STREAM_MAX:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        is_harmful = HARMFUL in data
        self.wfile.write(b"stream: Test.Harm-1 FOUND\0" if is_harmful else b"stream: OK\0")

    def _until_zero(self) -> bytes:
        command = b""
        while (byte := self.rfile.read(1)) not in {b"\0", b""}:
            command += byte
        return command


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def running(path: Path | None = None) -> Iterator[str]:
    """The server's place, as the configuration names it."""
    server = _Unix(str(path), _Session) if path else _Tcp(("127.0.0.1", 0), _Session)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        address = server.server_address
        yield f"unix:{path}" if path else f"127.0.0.1:{address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def nobody() -> str:
    """A place where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"
