"""What a poller remembers of a folder between rounds.

Nothing of it is needed for correctness: the ledger tells what was fetched. It saves asking twice,
and keeps a poisonous mail out of the others' way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from daemon.clock import Clock
from daemon.imap_errors import Refused
from daemon.imap_session import Folder

#: After so many broken connections a message is tried once an hour only.
_STRIKES = 3
_REST_SECONDS = 3600.0
_TOLD_IN_A_ROW = 5

Why = Literal["large", "silent", "refused", "breaks", "after", "ours"]


@dataclass(slots=True)
class Memory:
    """One folder's, for one thread."""

    clock: Clock
    #: In the ledger and tidied away.
    settled: set[int] = field(default_factory=set)
    #: A UID was given out twice: nothing below the cursor may be taken for granted.
    is_restored: bool = False
    #: Left in the folder this time, and why.
    left: dict[int, tuple[Why, str]] = field(default_factory=dict)
    _folder: tuple[int, int] = (0, 0)
    _told: set[tuple[int, Why]] = field(default_factory=set)
    _sighted: set[int] = field(default_factory=set)
    _strikes: dict[int, int] = field(default_factory=dict)
    _rest_until: dict[int, float] = field(default_factory=dict)

    def enter(self, folder: Folder) -> None:
        """Begin a round; what was remembered of other messages with the same UIDs goes."""
        uidvalidity, uidnext = self._folder
        if uidvalidity != folder.uidvalidity or folder.uidnext < uidnext:
            for remembered in (self.settled, self._told, self._sighted):
                remembered.clear()
            self._strikes.clear()
            self._rest_until.clear()
        self._folder = (folder.uidvalidity, folder.uidnext)
        self.left.clear()

    def batches(self, uids: Sequence[int], size: int) -> Iterator[list[int]]:
        """The messages to look at: the healthy together, then each suspect alone."""
        waiting = [uid for uid in uids if uid not in self.settled]
        healthy = [uid for uid in waiting if uid not in self._strikes]
        for start in range(0, len(healthy), size):
            yield healthy[start : start + size]
        for uid in sorted(self._strikes.keys() & set(waiting), key=self._strikes.__getitem__):
            if self.clock.monotonic() < self._rest_until.get(uid, 0):
                self.left[uid] = ("breaks", "the connection breaks whenever it is fetched")
            else:
                yield [uid]

    @contextmanager
    def in_flight(self, uids: Sequence[int]) -> Iterator[None]:
        """Remember which messages were being fetched when a connection broke."""
        try:
            yield
        except Refused:
            raise
        except Exception:
            for uid in uids:
                self._strike(uid)
            raise

    def came_through(self, uids: Sequence[int]) -> None:
        """Their bytes are here: they are not what breaks connections."""
        for uid in uids:
            self._strikes.pop(uid, None)

    def leave(self, uid: int, why: Why, reason: str) -> bool:
        """A message stays in the folder; True when that is to be told, which is once."""
        self.left[uid] = (why, reason)
        if why == "silent" and uid not in self._sighted:
            # Somebody may have removed it a moment ago: told when it is there the next time too.
            self._sighted.add(uid)
            return False
        is_new = (uid, why) not in self._told
        self._told.add((uid, why))
        return is_new

    @property
    def has_retries(self) -> bool:
        """Whether another look may help, without anything new in the folder."""
        return any(why != "large" for why, _ in self.left.values())

    @property
    def summary(self) -> str | None:
        """What is left and why, for a person."""
        told = {uid: why for uid, why in self.left.items() if self._is_told(uid, why[0])}
        if not told:
            return None
        first = "; ".join(
            f"UID {uid}: {reason}" for uid, (_, reason) in sorted(told.items())[:_TOLD_IN_A_ROW]
        )
        return f"{len(told)} left in the folder: {first}"

    def _is_told(self, uid: int, why: Why) -> bool:
        return why == "breaks" or (uid, why) in self._told

    def _strike(self, uid: int) -> None:
        self._strikes[uid] = self._strikes.get(uid, 0) + 1
        if self._strikes[uid] >= _STRIKES:
            self._rest_until[uid] = self.clock.monotonic() + _REST_SECONDS
