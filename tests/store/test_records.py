"""Many rows are written as one by one, on both databases: nothing is lost on the way to JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, Text, cast, event, func, insert, select

from daemon.store.dialect import insert_returning, insert_rows
from daemon.store.engine import Store
from daemon.store.tables import outbox, timers
from daemon.store.writes import Writes

AT = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
#: What a mail may bring into an event: half of a surrogate pair, and what C calls the end.
ODD = {"text": "한글 \ud800 \0 ü\U0001f5a8", "number": 1.5, "none": None, "list": ["\\", '"']}


def _written(store: Store, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    with store.begin() as tx:
        writes = Writes(tx)
        writes.add(table, rows)
        writes.flush()


def _mail(key: str, **values: Any) -> dict[str, Any]:
    return {
        "created_at": AT,
        "kind": "alarm",
        "unique_key": key,
        "ticket": None,
        "message_id": f"{key}@desk.test",
        "recipient": "한글@acme.test",
        "sender": "",
        "is_automatic": True,
        "state": "queued",
        "due_at": None,
        "attempts": 0,
        "leases": 0,
        "gathers_until": AT,
        "notice": 'a "quoted" \\ text\r\n\U0001f5a8',
        "raw": bytes(range(256)),
        **values,
    }


def _timer(key: str, data: Any = None) -> dict[str, Any]:
    return {
        "key": key,
        "kind": "sla",
        "ticket": None,
        "at": AT,
        "data": data,
        "state": "waiting",
        "due_at": AT,
        "attempts": 0,
    }


def _sent(store: Store) -> list[int]:
    """The characters of every parameter of every INSERT from now on, a list for all."""
    sent: list[int] = []

    def note(_: Connection, __: object, statement: str, parameters: Any, *more: object) -> None:
        if statement.startswith("INSERT"):
            values = parameters.values() if isinstance(parameters, dict) else ()
            sent.append(max((len(value) for value in values if isinstance(value, str)), default=0))

    event.listen(store._writer, "before_cursor_execute", note)
    return sent


@pytest.mark.parametrize("count", [1, 3])
def test_values_of_every_kind_come_back(store: Store, count: int) -> None:
    rows = [_mail(f"one-{number}", raw=None if number else b"\0\xff") for number in range(count)]

    _written(store, outbox, rows)

    with store.read() as tx:
        found = tx.execute(select(outbox).order_by(outbox.c.id)).mappings().all()
        assert [{name: row[name] for name in rows[0]} for row in found] == rows


def test_what_is_there_already_stays(store: Store) -> None:
    _written(store, outbox, [_mail("one", state="sent")])

    _written(store, outbox, [_mail("one"), _mail("two")])

    with store.read() as tx:
        states = tx.execute(select(outbox.c.unique_key, outbox.c.state)).all()
        assert sorted(states) == [("one", "sent"), ("two", "queued")]


def test_json_is_kept_to_the_byte(store: Store) -> None:
    _written(store, timers, [_timer("alone", ODD)])
    _written(store, timers, [_timer("first", ODD), _timer("second", ODD)])

    with store.read() as tx:
        assert [row.data for row in tx.execute(select(timers.c.data))] == [ODD] * 3
        texts = tx.execute(select(cast(timers.c.data, Text))).scalars()
        assert set(texts) == {json.dumps(ODD)}


def test_rows_are_one_statement_until_they_are_many_bytes(store: Store) -> None:
    small = [_mail(f"small-{number}") for number in range(20)]
    middling = [_mail(f"middling-{number}", notice="x" * 60_000) for number in range(40)]
    sent = _sent(store)

    _written(store, outbox, small)
    assert len(sent) == 1
    _written(store, outbox, middling)

    if store.is_sqlite:
        assert len(sent) == 2  # row after row from where they are: nothing is put together
    else:
        assert len(sent) == 4
        assert max(sent) < 1_200_000
    with store.read() as tx:
        assert tx.execute(select(func.sum(func.length(outbox.c.notice)))).scalar_one() > 2_400_000


def test_large_row_is_copied_into_no_other_value_and_keeps_its_place(store: Store) -> None:
    large = "x" * 100_000
    keys = ["a", "b", "large-1", "large-2", "c", "d", "a"]
    rows = [_mail(key, notice=large if "large" in key else "small") for key in keys]
    sent = _sent(store)

    with store.begin() as tx:
        new = insert_returning(tx, outbox, rows, outbox.c.id, outbox.c.unique_key)

    assert [key for _, key in sorted(new)] == keys[:-1]
    if not store.is_sqlite:
        assert [size == len(large) for size in sent] == [False, True, True, False]


def test_large_bytes_and_large_json_go_alone_too(store: Store) -> None:
    raw, data = b"\0\xff" * 50_000, {"words": [{"text": "x" * 100_000}]}
    sent = _sent(store)

    _written(store, outbox, [_mail("one", raw=raw), _mail("two", raw=raw)])
    _written(store, timers, [_timer("one", data), _timer("two", data)])

    with store.read() as tx:
        assert list(tx.execute(select(outbox.c.raw)).scalars()) == [raw, raw]
        assert list(tx.execute(select(timers.c.data)).scalars()) == [data, data]
    assert len(sent) == (2 if store.is_sqlite else 4)


@pytest.mark.parametrize("odd", ["missing", "unknown"])
def test_rows_with_other_columns_are_refused(store: Store, odd: str) -> None:
    other = _mail("two")
    if odd == "missing":
        del other["due_at"]
    else:
        other["last_reply"] = "250 taken"

    with store.begin() as tx:
        with pytest.raises(ValueError, match="due_at" if odd == "missing" else "last_reply"):
            insert_rows(tx, outbox, [_mail("one"), other])
        with pytest.raises(ValueError, match="other columns"):
            insert_returning(tx, outbox, [_mail("one"), other], outbox.c.id)

    with store.read() as tx:
        assert tx.execute(select(outbox)).all() == []


def test_none_in_a_json_column_is_null_of_json_however_it_is_written(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(insert(timers), _timer("by itself"))
    _written(store, timers, [_timer("alone")])
    _written(store, timers, [_timer("first"), _timer("second")])

    with store.read() as tx:
        texts = tx.execute(select(cast(timers.c.data, Text))).scalars()
        assert list(texts) == ["null"] * 4
