"""Group commit: one transaction for all who want to write while it is waited for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import structlog

from daemon.errors import StoreBusy
from daemon.store.engine import Store, Tx
from daemon.store.group import GroupCommit


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    """A database whose writers take turns."""
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    yield store
    store.close()


class Written:
    """What was committed, a list a transaction."""

    def __init__(self, *, wrong: int = 0) -> None:
        self.batches: list[list[int]] = []
        self._wrong = wrong

    def __call__(self, tx: Tx, items: Sequence[int]) -> list[int]:
        if self._wrong in items:
            raise ValueError(f"{self._wrong} cannot be written")
        self.batches.append(list(items))
        return [-item for item in items]


def _group(store: Store, write: Written) -> GroupCommit[int, int]:
    return GroupCommit(
        store,
        write,
        name="test",
        log=structlog.get_logger(),
        size_of=lambda item: 1,
        most_size=100,
    )


def test_what_is_offered_while_another_writes_shares_the_next_commit(sqlite: Store) -> None:
    write = Written()
    group = _group(sqlite, write)
    with sqlite.begin():
        offered = [group.offer(item) for item in (1, 2, 3)]

    assert [each.result(10) for each in offered] == [-1, -2, -3]
    assert write.batches == [[1, 2, 3]]
    group.close()


def test_an_item_that_cannot_be_written_fails_alone(sqlite: Store) -> None:
    write = Written(wrong=2)
    group = _group(sqlite, write)
    with sqlite.begin():
        offered = [group.offer(item) for item in (1, 2, 3)]

    assert [each.result(10) for each in (offered[0], offered[2])] == [-1, -3]
    with pytest.raises(StoreBusy, match="2 cannot be written"):
        offered[1].result(10)
    group.close()
    assert write.batches == [[1], [3]]


def test_a_store_that_is_away_fails_everybody_who_waits_for_it() -> None:
    away = Store("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    group = _group(away, Written())
    offered = [group.offer(item) for item in (1, 2, 3)]

    for each in offered:
        with pytest.raises(StoreBusy):
            each.result(10)
    group.close()
    away.close()
