"""Bells that ring through a broker. Every bell may fail silently: the relay rings again."""

from __future__ import annotations

import threading
from collections.abc import Collection

import structlog
from dramatiq import Broker

from daemon.bell import Bell
from workers.broker import enqueue, is_waiting
from workers.job import QUEUES

#: After a ring, what is wanted gathers for so long: a ring costs every worker a look, and whoever
#: is woken takes all that is due. Who rings seldom waits for nothing.
_PAUSE_SECONDS = 0.02


class BrokerBell:
    """Rings through a broker from a thread of its own, so that a slow broker delays nobody.

    Rings for one job that nobody has sent yet are one ring.
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
            with self._wake:
                self._wake.wait_for(lambda: self._closed, _PAUSE_SECONDS)

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


def local_bell(broker: Broker, queues: Collection[str], elsewhere: Bell) -> Bell:
    """A bell for a process with workers: straight into the queues that they work on.

    For the other queues it rings ``elsewhere``.
    """

    def ring(job: str, row_id: int) -> None:
        if QUEUES[job] not in queues:
            elsewhere(job, row_id)
        elif not is_waiting(broker, job):
            enqueue(broker, job, row_id)

    return ring
