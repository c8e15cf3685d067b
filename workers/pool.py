"""Threads that run jobs: dramatiq's worker inside our process."""

from __future__ import annotations

from collections.abc import Collection

from dramatiq import Broker, Worker

from workers.broker import LocalBell
from workers.job import EVERY_QUEUE

#: How often a thread looks whether it is to stop; a ring wakes it at once. Idle CPU is the price.
_LOOK_MILLISECONDS = 500


class Pool:
    """Runs the broker's jobs until it is stopped."""

    def __init__(self, broker: Broker, threads: int, queues: Collection[str] = EVERY_QUEUE) -> None:
        broker.emit_after("process_boot")
        self._worker = Worker(
            broker,
            # Named: by ringing for a queue a process gets to know it, and would take its rings.
            queues=set(queues),
            worker_threads=threads,
            worker_timeout=_LOOK_MILLISECONDS,
        )

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def stop(self, seconds: float) -> None:
        """Let running jobs end, for so long; what is left is in its rows."""
        if isinstance(self._worker.broker, LocalBell):
            # Nobody outside waits for word of a job's end: all leave at their next look.
            for consumer in self._worker.consumers.values():
                consumer.stop()
        self._worker.stop(timeout=int(seconds * 1000))
