"""The ways out that a process keeps open, and when nobody should be tried."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from daemon.store.outbox import Leased
from workers.steps import Recorder

_LONGEST_BACKOFF = 30.0


class Carrier(Protocol):
    """A way out: a smarthost's connection, or a folder."""

    def open(self) -> None: ...
    def send(self, mail: Leased) -> str: ...
    def close(self) -> None: ...


class Carriers:
    """The connections that may be open at once, and how long nobody should be tried."""

    def __init__(self, make: Callable[[], Carrier], most: int, recorder: Recorder) -> None:
        self.recorder = recorder
        #: Set when the process ends: what is begun is finished, nothing new is.
        self.stopping = threading.Event()
        self._make, self._left = make, most
        self._idle: list[Carrier] = []
        self._lock = threading.Lock()
        self._failures = 0
        self._quiet_until = 0.0

    @contextmanager
    def borrow(self, now: float) -> Iterator[Carrier | None]:
        """A carrier for this thread; None while all are busy or the other side is away."""
        carrier = self._take(now)
        try:
            yield carrier
        finally:
            if carrier is not None:
                with self._lock:
                    self._idle.append(carrier)

    def _take(self, now: float) -> Carrier | None:
        with self._lock:
            if now < self._quiet_until:
                return None
            if self._idle:
                return self._idle.pop()
            if self._left == 0:
                return None
            self._left -= 1
        return self._make()

    def failed(self, now: float) -> float:
        """Nobody is there: returns the seconds for which nobody should try."""
        with self._lock:
            wait = min(_LONGEST_BACKOFF, 2.0**self._failures)
            self._failures += 1
            self._quiet_until = now + wait
        return wait

    def succeeded(self) -> None:
        """Somebody is there again."""
        with self._lock:
            self._failures, self._quiet_until = 0, 0.0

    def close(self) -> None:
        """Close what is open and idle, when nobody delivers any more."""
        self.recorder.close()
        with self._lock:
            idle, self._idle = self._idle, []
        for carrier in idle:
            carrier.close()
