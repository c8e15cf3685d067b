"""The lookout: a worker's own eye on the rows, for when the broker brings no rings.

With a broker that is down or hangs, rings reach nobody. What has been due for seconds is then done
here without one; with a broker that works there is nothing to find.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta

from daemon.context import Context
from daemon.errors import StoreError
from workers.job import Job
from workers.relay import NEXT_DUE

_PATIENCE = timedelta(seconds=3)


class Lookout:
    """A thread for each queue, so that deliveries that hang keep no mail from being taken in."""

    def __init__(self, ctx: Context, jobs: Mapping[str, Job]) -> None:
        self._ctx, self._jobs = ctx, jobs
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(queue,), name=f"lookout-{queue}", daemon=True)
            for queue in sorted({job.queue for job in jobs.values()})
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> None:
        """End with the job that is under way, for so long; what is left is in its rows."""
        self._stop.set()
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, queue: str) -> None:
        while not self._stop.wait(self._ctx.settings.work.sweep_seconds):
            for name in self._overdue(queue):
                self._jobs[name].run(0)

    def _overdue(self, queue: str) -> list[str]:
        """Jobs of this queue that somebody should have come for; none while the store is away."""
        limit = self._ctx.clock.now() - _PATIENCE
        try:
            with self._ctx.store.read() as tx:
                due = {
                    name: NEXT_DUE[name](tx)
                    for name, job in self._jobs.items()
                    if job.queue == queue
                }
        except StoreError:
            return []  # the relay says so in the log
        except Exception:
            self._ctx.log.exception("lookout_failed")
            return []
        return [name for name, at in due.items() if at is not None and at < limit]
