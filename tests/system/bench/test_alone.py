"""The parts of the bench that run no whole desk."""

from __future__ import annotations

import pytest

from tests.system.bench.quick import left_out

_LINES = {
    "parse": ("parse, median", "3 KB plain", "25 MB attachment", "hostile: target", "openings"),
    "timers": ("timers: 200 clocks are open", "50 due", "CPU a timer", "SQLite"),
    "rules": ("rules: target", "100 rules", "one by one", "compiled"),
}


@pytest.mark.parametrize("part", _LINES)
def test_bench_prints_every_line(part: str) -> None:
    assert left_out(part, *_LINES[part]) == []
