"""The one door in: an arrival is a committed row before anybody is told that it was taken.

Concurrent arrivals share one commit (group commit): while one batch is being made durable the next
one gathers, so that durability costs a sync per batch and not per mail.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import Empty, SimpleQueue

import structlog

from daemon.arrival import Arrival, InboxId
from daemon.bell import Bell
from daemon.errors import StoreBusy, StoreError
from daemon.store import inbox as rows
from daemon.store.engine import Store

_BATCH = 200
_BATCH_BYTES = 32 * 1024 * 1024

_Offered = tuple[Arrival, "Future[InboxId]"]


class Inbox:
    """Accepts arrivals from any thread; one thread of its own commits them."""

    def __init__(
        self, store: Store, *, ring: Bell, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        self._store, self._ring, self._log = store, ring, log
        self._offered: SimpleQueue[_Offered | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    def offer(self, arrival: Arrival) -> Future[InboxId]:
        """Ask for a durable row; the future resolves after the commit.

        An arrival whose source key is in the ledger already resolves with that row's id. The future
        fails with StoreBusy, StoreFull or StoreBroken, and then nothing was kept.
        """
        future: Future[InboxId] = Future()
        if self._closed:
            future.set_exception(StoreBusy("the inbox is closed"))
        else:
            self._offered.put((arrival, future))
        return future

    def accept(self, arrival: Arrival) -> InboxId:
        """``offer`` and wait."""
        return self.offer(arrival).result()

    def close(self) -> None:
        """Commit what was offered, then stop."""
        self._closed = True
        self._offered.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._gather():
            self._commit(batch)

    def _gather(self) -> list[_Offered]:
        """Wait for the first arrival, then take along what has come in the meantime."""
        first = self._offered.get()
        if first is None:
            return []
        batch, size = [first], len(first[0].raw)
        while len(batch) < _BATCH and size < _BATCH_BYTES:
            try:
                more = self._offered.get_nowait()
            except Empty:
                break
            if more is None:
                self._offered.put(None)
                break
            batch.append(more)
            size += len(more[0].raw)
        return batch

    def _commit(self, batch: list[_Offered]) -> None:
        try:
            with self._store.begin() as tx:
                ids = rows.insert(tx, [arrival for arrival, _ in batch])
        except StoreError as err:
            self._log.error("inbox_not_stored", mails=len(batch), error=str(err))
            _fail(batch, err)
        except Exception as err:  # noqa: BLE001  the door must outlive any one arrival
            self._commit_alone(batch, err)
        else:
            for (_, future), row_id in zip(batch, ids, strict=True):
                future.set_result(row_id)
            self._ring("take_in", ids[-1])

    def _commit_alone(self, batch: list[_Offered], err: Exception) -> None:
        """One arrival that cannot be written must not refuse those that share its commit."""
        if len(batch) > 1:
            for item in batch:
                self._commit([item])
            return
        self._log.error("inbox_not_stored", source_key=batch[0][0].source_key, exc_info=err)
        _fail(batch, StoreBusy(str(err)))


def _fail(batch: list[_Offered], err: StoreError) -> None:
    for _, future in batch:
        future.set_exception(err)
