"""Queues whose readers sleep until there is something for them.

dramatiq's threads look now and then whether they are to stop, and each look wakes an idle machine:
here whoever stops them wakes them.
"""

from __future__ import annotations

from queue import Empty, PriorityQueue, Queue
from typing import Any, TypeVar

Item = TypeVar("Item")


class SleepingQueue(Queue[Item]):
    """First come, first served; without an end, so that nobody waits to put something in."""

    def __init__(self) -> None:
        super().__init__()
        self._is_woken = False

    def get(self, block: bool = True, timeout: float | None = None) -> Item:
        """The next item, however long it takes. Raises Empty once woken, or told not to wait."""
        with self.not_empty:
            if block:
                self.not_empty.wait_for(lambda: self._is_woken or self._qsize())
            if not self._qsize():
                raise Empty
            return self._get()

    def wake(self) -> None:
        """Nobody sleeps here any more."""
        with self.not_empty:
            self._is_woken = True
            self.not_empty.notify_all()


class SleepingPriorityQueue(SleepingQueue[Any], PriorityQueue[Any]):
    """The smallest first."""
