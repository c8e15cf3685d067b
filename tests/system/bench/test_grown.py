"""The bench of a desk with many tickets."""

from __future__ import annotations

from tests.system.bench.quick import left_out

_LINES = ("grown: 300 tickets", "empty", "full", "cost")


def test_grown_prints_every_line() -> None:
    assert left_out("grown", *_LINES) == []
