"""The bench of the brokers."""

from __future__ import annotations

from tests.system.bench.quick import left_out

_LINES = ("brokers", "local", "redis", "idle", "run")


def test_brokers_prints_every_line() -> None:
    assert left_out("brokers", *_LINES) == []
