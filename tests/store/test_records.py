"""Many rows are written as one by one, on both databases: nothing is lost on the way to JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, Text, cast, select

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
        "gathers_until": AT,
        "notice": 'a "quoted" \\ text\r\n\U0001f5a8',
        "raw": bytes(range(256)),
        **values,
    }


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
    def timer(key: str) -> dict[str, Any]:
        return {
            "key": key,
            "kind": "sla",
            "ticket": None,
            "at": AT,
            "data": ODD,
            "state": "waiting",
            "due_at": AT,
            "attempts": 0,
        }

    _written(store, timers, [timer("alone")])
    _written(store, timers, [timer("first"), timer("second")])

    with store.read() as tx:
        assert [row.data for row in tx.execute(select(timers.c.data))] == [ODD] * 3
        texts = tx.execute(select(cast(timers.c.data, Text))).scalars()
        assert set(texts) == {json.dumps(ODD)}
