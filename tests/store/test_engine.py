"""Transactions: all or nothing, instants exact, and the driver's errors in our words."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from daemon.errors import StoreBusy, StoreError, StoreFull
from daemon.store.engine import Store
from daemon.store.seat import Seat
from daemon.store.tables import Utc, counters, people

PERSON = {
    "name": "x",
    "address": "x@example.org",
    "language": "",
    "organisation": "",
    "created_at": datetime.now(UTC),
}


def test_an_exception_rolls_everything_back(store: Store) -> None:
    def fail() -> None:
        with store.begin() as tx:
            tx.execute(insert(people), [PERSON])
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    with store.read() as tx:
        assert tx.execute(select(people)).all() == []


def test_a_row_that_breaks_the_schema_is_our_mistake_and_no_busy_store(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.execute(insert(people), [{**PERSON, "name": None}])


def test_writers_in_threads_take_turns(store: Store) -> None:
    def count() -> None:
        for _ in range(20):
            with store.begin() as tx:
                value = tx.execute(select(counters.c.value).with_for_update()).scalar_one()
                tx.execute(counters.update().values(value=value + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.read() as tx:
        assert tx.execute(select(counters.c.value)).scalar_one() == 80


def test_seat_is_held_by_one_at_a_time(store: Store) -> None:
    first, second = Seat(store, "relay"), Seat(store, "relay")

    assert first.is_held()
    assert first.is_held()
    assert not second.is_held()
    assert Seat(store, "other").is_held()
    first.leave()
    assert second.is_held()
    second.leave()


def test_a_database_that_is_away_is_busy() -> None:
    store = Store("postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(StoreBusy), store.begin():
        pass


def test_a_full_disk_is_full(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/small.db")

    def fill() -> None:
        with store.begin() as tx:
            tx.execute(text("CREATE TABLE t (x BLOB)"))
            tx.execute(text("PRAGMA max_page_count = 10"))
            tx.execute(text("INSERT INTO t VALUES (randomblob(1000000))"))

    with pytest.raises(StoreFull):
        fill()


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"not a database at all" * 100)
    store = Store(f"sqlite:///{tmp_path}/bad.db")

    with pytest.raises(StoreError), store.begin():
        pass


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_instants_come_back_exactly(naive: datetime, offset: int) -> None:
    instant = naive.replace(tzinfo=timezone(timedelta(minutes=offset)))
    utc, dialect = Utc(), sqlite.dialect()

    kept = utc.process_bind_param(instant, dialect)

    assert utc.process_result_value(kept, dialect) == instant


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        Utc().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())
