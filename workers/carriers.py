"""The ways out that a process keeps open, and when nobody should be tried."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from daemon.store.outbox import Leased
from workers.steps import Recorder

_LONGEST_BACKOFF = 30.0
#: Where the other side allowed fewer, one more is tried each time that so long is over.
_PATIENCE = 60.0


class Carrier(Protocol):
    """A way out: a smarthost's connection, or a folder."""

    @property
    def is_open(self) -> bool: ...
    def open(self) -> None: ...
    def send(self, mail: Leased) -> str: ...
    def close(self) -> None: ...


class Carriers:
    """The connections that may be open at once, and how long nobody should be tried."""

    def __init__(self, make: Callable[[], Carrier], most: int, recorder: Recorder) -> None:
        self.recorder = recorder
        #: Set when the process ends: what is begun is finished, nothing new is.
        self.stopping = threading.Event()
        self._make, self._most = make, most
        #: How many may be busy: as many as there were when a further one was refused.
        self._allowed, self._allowed_since = most, 0.0
        self._busy = 0
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
                self._give(carrier)

    def _take(self, now: float) -> Carrier | None:
        with self._lock:
            if now < self._quiet_until or self._busy >= self._limit(now):
                return None
            carrier = self._idle.pop() if self._idle else self._make()
            self._busy += 1
        return carrier

    def _give(self, carrier: Carrier) -> None:
        with self._lock:
            self._busy -= 1
            # One without a connection is taken last: a further one may be one too many.
            self._idle.insert(len(self._idle) if carrier.is_open else 0, carrier)

    def _limit(self, now: float) -> int:
        grown = int((now - self._allowed_since) / _PATIENCE)
        return min(self._most, self._allowed + grown)

    def refused(self, now: float) -> int:
        """A borrowed one could not connect: how many others go on; 0 when it was the only one.

        It is one too many as long as others are busy. When all have failed, nobody is there.
        """
        with self._lock:
            others = self._busy - 1
            self._allowed, self._allowed_since = others or self._most, now
        return others

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
