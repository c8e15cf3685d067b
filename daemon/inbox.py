"""The one door in: an arrival is a committed row before anybody is told that it was taken.

Concurrent arrivals share one commit: durable, and fast.
"""

from __future__ import annotations

from concurrent.futures import Future

import structlog

from daemon.arrival import Arrival, InboxId
from daemon.bell import Bell
from daemon.store import inbox as rows
from daemon.store.engine import Store
from daemon.store.group import GroupCommit

_BATCH_BYTES = 32 * 1024 * 1024


class Inbox:
    """Accepts arrivals from any thread."""

    def __init__(
        self, store: Store, *, ring: Bell, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        self._group: GroupCommit[Arrival, InboxId] = GroupCommit(
            store,
            rows.insert,
            name="inbox",
            log=log,
            size_of=lambda arrival: len(arrival.raw),
            most_size=_BATCH_BYTES,
            committed=lambda ids: ring("take_in", ids[-1]),
        )

    def offer(self, arrival: Arrival) -> Future[InboxId]:
        """Ask for a durable row; the future resolves after the commit.

        An arrival whose source key is in the ledger already resolves with that row's id. The future
        fails with StoreBusy, StoreFull or StoreBroken, and then nothing was kept.
        """
        return self._group.offer(arrival)

    def accept(self, arrival: Arrival) -> InboxId:
        """``offer`` and wait."""
        return self.offer(arrival).result()

    def close(self) -> None:
        """Commit what was offered, then stop."""
        self._group.close()
