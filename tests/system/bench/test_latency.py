"""The bench of how long a mail takes."""

from __future__ import annotations

from tests.system.bench.quick import left_out

_LINES = ("latency at", "p50", "p99", "SQLite, default mode", "PostgreSQL + Redis")


def test_latency_prints_every_line() -> None:
    assert left_out("latency", *_LINES) == []
