"""A smarthost that costs little: a process that takes every mail and writes a line about it."""

from __future__ import annotations

import asyncio
import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import cast

import uvloop

from tests.servers.ports import free_port, is_listening
from tests.servers.process import as_user, wait_until

_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_EHLO = b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 0\r\n"
_END = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One mail that the sink said 250 to."""

    at: float
    recipient: str
    message_id: str
    #: Of the bytes as they came.
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """A running sink."""

    port: int
    path: Path

    @property
    def url(self) -> str:
        """The server, as a smarthost."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def count(self) -> int:
        """How many mails it has taken."""
        return self.path.read_bytes().count(b"\n")

    @property
    def mails(self) -> list[Taken]:
        """What it has taken, oldest first."""
        text = self.path.read_text(encoding="utf-8", errors="replace")
        return [
            Taken(at=float(at), recipient=recipient, message_id=message_id, digest=digest)
            for at, recipient, message_id, digest in map(str.split, text.splitlines())
        ]


@contextmanager
def running(home: Path) -> Iterator[Sink]:
    """A sink of one's own."""
    sink = Sink(port=free_port(), path=home / "sink")
    sink.path.touch()
    command = [sys.executable, "-P", "-m", "scripts.bench.sink", str(sink.port), str(sink.path)]
    process = subprocess.Popen([*as_user(None), *command], start_new_session=True)
    try:
        wait_until(lambda: is_listening(sink.port), what="the sink")
        yield sink
    finally:
        process.kill()
        process.wait()


class _Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._buffer = bytearray()
        self._recipient = b""
        self._in_data = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of another class
        self._transport.write(b"220 sink.test ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        replies = b""
        while (reply := self._next()) is not None:
            replies += reply
        if replies and self._transport is not None:
            self._transport.write(replies)
            if replies.startswith(b"221"):
                self._transport.close()

    def _next(self) -> bytes | None:
        """The reply to what has come whole; None when nothing has."""
        mark = _END if self._in_data else b"\r\n"
        end = self._buffer.find(mark)
        if end < 0:
            return None
        taken = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return self._keep(taken) if self._in_data else self._answer(taken)

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return _EHLO
        if verb == b"RCPT":
            self._recipient = line.partition(b"<")[2].partition(b">")[0]
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"

    def _keep(self, raw: bytes) -> bytes:
        self._in_data = False
        found = _MESSAGE_ID.search(raw)
        message_id = found.group(1) if found else b"-"
        digest = hashlib.sha256(raw).hexdigest().encode()
        at = f"{time.monotonic():.6f}".encode()
        self._file.write(b" ".join((at, self._recipient, message_id, digest)) + b"\n")
        return b"250 taken\r\n"


async def _serve(port: int, file: FileIO) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Session(file), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """Run as a process."""
    with (
        FileIO(sys.argv[2], "ab") as file,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(int(sys.argv[1]), file))


if __name__ == "__main__":
    main()
