"""The worker's side of its parsers: one is started when it is needed, and another when it dies.

Every mail is read in one of them, however harmless it looks: what an answer costs more than a call
is a third of a millisecond (docs/performance.md), and in return no mail, known or unknown, can take
a worker's memory, its time or its life. While one is at work its worker's other threads go on.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from daemon.errors import Unparsable
from daemon.mail.message import Message
from daemon.settings import Limits
from workers.parsing.frames import MAIL, MESSAGE, receive, send, unpack

#: A parser whose mail was larger is not kept: memory that it once had it never gives back.
_LARGE = 4 * 1024 * 1024
#: By the clock on the wall: the machine may have much else to do, but a lease is not for ever.
_PATIENCE_SECONDS = 50.0
#: The configuration's secrets may be in the environment; the parser needs none of it.
_ENVIRONMENT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH")


class Parsers:
    """Reads mails, so many at a time, each in a process of its own."""

    def __init__(self, limits: Limits, most: int) -> None:
        self._limits = limits
        self._places = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._free: list[_Parser] = []
        self._is_closed = False

    def parse(self, raw: bytes) -> Message:
        """Read a mail. Raises Unparsable, with the reason, for one that a parser did not survive.

        A parser may also die of something else: its mail is tried again, in a new one.
        """
        try:
            return self._once(raw)
        except _Died:
            self.close_free()
        try:
            return self._once(raw)
        except _Died as err:
            raise Unparsable(f"two parsers died of it: {err}") from err

    def close(self) -> None:
        """End all of them; those at work after their mail."""
        self._is_closed = True
        self.close_free()

    def close_free(self) -> None:
        """End those that have nothing to do."""
        with self._lock:
            free, self._free = self._free, []
        for parser in free:
            parser.close()

    def _once(self, raw: bytes) -> Message:
        with self._parser() as parser:
            message = parser.parse(raw)
            parser.is_fit = len(raw) <= _LARGE
            return message

    @contextmanager
    def _parser(self) -> Iterator[_Parser]:
        """A parser for one mail; it is kept for the next if it is fit for one."""
        with self._places:
            with self._lock:
                parser = self._free.pop() if self._free else None
            parser = parser or _Parser(self._limits)
            try:
                yield parser
            finally:
                if parser.is_fit and not self._is_closed:
                    with self._lock:
                        self._free.append(parser)
                else:
                    parser.close()


class _Died(Exception):
    """The parser is gone, and did not say why."""


class _Parser:
    """One process; good for one mail at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        ours, theirs = socket.socketpair()
        words = [str(limits.parse_memory_bytes), str(limits.parse_seconds)]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "workers.parsing.child", *words],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            )
        self._channel = ours
        self._channel.settimeout(_PATIENCE_SECONDS)
        #: False while a mail is with it that it has not come back from.
        self.is_fit = True

    def parse(self, raw: bytes) -> Message:
        """Read a mail. Raises Unparsable when this mail is why it has no answer, else _Died."""
        self.is_fit = False
        try:
            send(self._channel, MAIL, raw)
            kind, payload = receive(self._channel, self._limits.parse_memory_bytes)
            if kind == MESSAGE:
                return unpack(payload)
        except TimeoutError as err:
            raise Unparsable("reading it did not end") from err
        except (OSError, EOFError) as err:
            raise self._died() from err
        except pickle.UnpicklingError as err:
            raise Unparsable(f"its parser gave no message: {err}") from err
        raise Unparsable(payload.decode("utf-8", "replace"))

    def _died(self) -> Exception:
        self.close()
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return Unparsable(f"reading it takes more than {self._limits.parse_seconds} s")
        return _Died(f"{signal.Signals(-code).name}" if code < 0 else f"exit code {code}")

    def close(self) -> None:
        """End it."""
        self._channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            # It hears that we hang up; one that does not is told otherwise.
            self._process.wait(1 if self.is_fit else 0.1)
            return
        self._process.kill()
        self._process.wait()
