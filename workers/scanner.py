"""ClamAV's clamd, asked about one mail: its INSTREAM command, over TCP or a Unix socket.

The whole mail is sent as it came: clamd takes it apart itself, in its own process.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from daemon.clock import Clock
from daemon.errors import ScannerAway
from daemon.settings import Attachments

#: How long nobody asks a clamd that did not answer.
_AWAY_SECONDS: Final = 5.0
_CHUNK: Final = 64 * 1024
_REPLY: Final = 4096
_FOUND: Final = re.compile(r"stream: (.{1,200}) FOUND")
_CLEAN: Final = "stream: OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What is known of a mail's harm."""

    #: The name of what was found, or empty.
    virus: str = ""
    #: Why nobody looked, though somebody should have.
    skipped: str = ""


class Scanner:
    """Asks clamd, where one is configured."""

    def __init__(self, settings: Attachments, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._away_until = float("-inf")
        self._why = ""

    def scan(self, raw: bytes) -> Scan:
        """Ask about a mail. Raises ScannerAway where the mail is to wait until somebody answers."""
        if not self._settings.clamav:
            return Scan()
        if self._clock.monotonic() < self._away_until:
            return self._away()  # the others of a batch need not find out each by itself
        try:
            reply = _ask(raw, self._settings)
        except OSError as err:
            return self._failed(str(err) or type(err).__name__)
        if found := _FOUND.fullmatch(reply):
            return Scan(virus=found[1])
        if reply == _CLEAN:
            return Scan()
        if "size limit" in reply:
            # It will not look the next time either.
            return Scan(skipped=reply)
        return self._failed(f"clamd says {reply[:200]!r}")

    def _failed(self, why: str) -> Scan:
        self._why = why
        self._away_until = self._clock.monotonic() + _AWAY_SECONDS
        return self._away()

    def _away(self) -> Scan:
        if self._settings.clamav_away == "wait":
            raise ScannerAway(f"the virus scanner is away: {self._why}")
        return Scan(skipped=self._why)


def _ask(raw: bytes, settings: Attachments) -> str:
    with closing(_connect(settings)) as channel:
        channel.sendall(b"zINSTREAM\0")
        # Of a mail beyond its StreamMaxLength it hears no more, and says why.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for at in range(0, len(raw), _CHUNK):
                piece = raw[at : at + _CHUNK]
                channel.sendall(struct.pack(">I", len(piece)) + piece)
            channel.sendall(struct.pack(">I", 0))
        reply = b""
        while b"\0" not in reply and len(reply) < _REPLY:
            piece = channel.recv(_REPLY)
            if not piece:
                break
            reply += piece
    return reply.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _connect(settings: Attachments) -> socket.socket:
    path = settings.clamav.removeprefix("unix:")
    if path != settings.clamav:
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        channel.settimeout(settings.clamav_seconds)
        try:
            channel.connect(path)
        except OSError:
            channel.close()
            raise
        return channel
    host, _, port = settings.clamav.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), settings.clamav_seconds)
