"""So many at a time for one kind of work, and no ring lost for it."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Crew:
    """Threads that do the same work: more of them would only take each other's share.

    Whoever finds all places taken leaves at once; one of those at work looks again before it ends,
    so that what he was rung for is seen.
    """

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._free = most
        self._rings = 0

    def work(self, once: Callable[[], bool]) -> None:
        """Do it until it says that there is nothing left, unless enough others are at it."""
        with self._lock:
            self._rings += 1
            if not self._free:
                return
            self._free -= 1
        try:
            while True:
                heard = self._rings
                while once():
                    pass
                with self._lock:
                    if self._rings == heard:
                        self._free += 1
                        return
        except BaseException:
            with self._lock:
                self._free += 1
            raise
