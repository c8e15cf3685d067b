"""The bench of the whole way of a mail."""

from __future__ import annotations

from tests.system.bench.quick import left_out

_LINES = ("way: target", "SQLite, default mode", "PostgreSQL + Redis", "peak memory", "work")


def test_way_prints_every_line() -> None:
    assert left_out("way", *_LINES) == []
