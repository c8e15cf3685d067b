"""The relay: rings again for every row that is due and that nobody rang for.

It is what makes the broker a doorbell: with a broker that forgets, or none, work is found here.
"""

from __future__ import annotations

import threading
from datetime import datetime

from daemon.context import Context
from daemon.errors import StoreError
from daemon.store import calls, inbox, outbox, timers
from daemon.store.seat import Seat

#: When the first row of each job is due.
NEXT_DUE = {
    "take_in": inbox.next_due,
    "ring": timers.next_due,
    "deliver": outbox.next_due,
    "call": calls.next_due,
}


class Relay:
    """Sweeps the tables until it is stopped."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._seat = Seat(ctx.store, "relay")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End with the sweep that is under way."""
        self._stop.set()
        self._thread.join(timeout=10)
        self._seat.leave()

    def _run(self) -> None:
        wait = 0.0
        is_down = False
        while not self._stop.wait(wait):
            try:
                wait = self.sweep()
            except StoreError as err:
                wait = self._ctx.settings.work.sweep_seconds
                if not is_down:
                    self._ctx.log.warning("store_unreachable", error=str(err))
                is_down = True
            except Exception:
                # Without the relay nothing is ever tried again: it outlives its own mistakes.
                wait = self._ctx.settings.work.sweep_seconds
                self._ctx.log.exception("sweep_failed")
            else:
                if is_down:
                    self._ctx.log.info("store_back")
                is_down = False

    def sweep(self) -> float:
        """Ring for what is due; returns the seconds until the next look."""
        ctx = self._ctx
        if not self._seat.is_held():  # another relay is at work; this one stands by
            return ctx.settings.work.sweep_seconds
        with ctx.store.read() as tx:
            due = {job: found for job, next_due in NEXT_DUE.items() if (found := next_due(tx))}
        now = ctx.clock.now()
        for job, at in due.items():
            if at <= now:
                ctx.ring(job, 0)
        return _until_next(due, now, ctx.settings.work.sweep_seconds)


def _until_next(due: dict[str, datetime], now: datetime, most: float) -> float:
    """Sleep no longer than a row that is due sooner allows; a clock that jumps costs one sweep."""
    coming = [(at - now).total_seconds() for at in due.values() if at > now]
    return max(0.01, min([most, *coming]))
