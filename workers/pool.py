"""Threads that run jobs: dramatiq's worker inside our process."""

from __future__ import annotations

from collections.abc import Collection

from dramatiq import Broker, Worker

from workers.broker import LocalBell
from workers.job import EVERY_QUEUE
from workers.sleeping import SleepingPriorityQueue

#: How often a thread that waits for a broker outside looks whether it is to stop.
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
        self._rings = SleepingPriorityQueue()
        self._worker.work_queue = self._rings

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def stop(self, seconds: float) -> None:
        """Let running jobs end, for so long; what is left is in its rows."""
        broker = self._worker.broker
        for thread in self._worker.workers:
            thread.stop()
        self._rings.wake()
        if isinstance(broker, LocalBell):
            # Nobody outside waits for word of a job's end: who brings rings may leave at once.
            for consumer in self._worker.consumers.values():
                consumer.stop()
            broker.wake()
        self._worker.stop(timeout=int(seconds * 1000))
