"""Group commit: what many threads want to write shares one transaction.

While one batch is being made durable the next one gathers, so that durability costs a sync per
batch and not per item.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import structlog

from daemon.errors import StoreBusy, StoreError
from daemon.store.engine import Store, Tx

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST = 200

_Offered = tuple[Item, "Future[Result]"]


class GroupCommit(Generic[Item, Result]):
    """Writes items offered from any thread; one thread of its own commits them."""

    def __init__(
        self,
        store: Store,
        write: Callable[[Tx, Sequence[Item]], Sequence[Result]],
        *,
        name: str,
        log: structlog.typing.FilteringBoundLogger,
        size_of: Callable[[Item], int] = lambda item: 0,
        most_size: int = 1,
        committed: Callable[[Sequence[Result]], None] = lambda results: None,
    ) -> None:
        """``write`` returns a result an item; ``committed`` is told of them after each commit."""
        self._store, self._write = store, write
        self._name, self._log = name, log
        self._size_of, self._most_size = size_of, most_size
        self._committed = committed
        self._offered: SimpleQueue[_Offered[Item, Result] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def offer(self, item: Item) -> Future[Result]:
        """Ask for a durable write; the future resolves after the commit.

        It fails with StoreBusy, StoreFull or StoreBroken, and then nothing was kept.
        """
        future: Future[Result] = Future()
        if self._closed:
            future.set_exception(StoreBusy("closed"))
        else:
            self._offered.put((item, future))
        return future

    def close(self) -> None:
        """Commit what was offered, then stop."""
        self._closed = True
        self._offered.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._offered.get()) is not None:
            self._commit([first])

    def _gather(self, batch: list[_Offered[Item, Result]]) -> None:
        """Take along what has come in the meantime."""
        size = sum(self._size_of(item) for item, _ in batch)
        while len(batch) < _MOST and size < self._most_size:
            try:
                more = self._offered.get_nowait()
            except Empty:
                break
            if more is None:
                self._offered.put(None)
                break
            batch.append(more)
            size += self._size_of(more[0])

    def _commit(self, batch: list[_Offered[Item, Result]], *, alone: bool = False) -> None:
        try:
            with self._store.begin() as tx:
                if not alone:  # as late as can be: others offer while we wait for our turn
                    self._gather(batch)
                results = self._write(tx, [item for item, _ in batch])
        except StoreError as err:
            if not alone:
                self._gather(batch)  # they need not wait for the same
            self._log.error("not_stored", what=self._name, items=len(batch), error=str(err))
            _fail(batch, err)
        except Exception as err:  # noqa: BLE001  one bad item must not refuse those beside it
            self._commit_alone(batch, err)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                future.set_result(result)
            self._committed(results)

    def _commit_alone(self, batch: list[_Offered[Item, Result]], err: Exception) -> None:
        if len(batch) == 1:
            self._log.error("not_stored", what=self._name, items=1, exc_info=err)
            _fail(batch, StoreBusy(str(err)))
        else:
            for item in batch:
                self._commit([item], alone=True)


def _fail(batch: Sequence[_Offered[Item, Result]], err: StoreError) -> None:
    for _, future in batch:
        future.set_exception(err)
