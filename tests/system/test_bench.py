"""The bench runs, checks its own counts and prints every line; figures are for people."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LINES = {
    "accept": ("accept: target", "Postfix ", "postdesk smtp, SQLite", "postdesk smtp, PostgreSQL"),
    "way": ("way: target", "SQLite, default mode", "PostgreSQL + Redis", "peak memory", "work"),
    "latency": ("latency at", "p50", "p99", "SQLite, default mode", "PostgreSQL + Redis"),
    "grown": ("grown: 300 tickets", "empty", "full", "cost"),
    "parse": ("parse, median", "3 KB plain", "25 MB attachment", "hostile: target", "openings"),
    "timers": ("timers: 200 clocks are open", "50 due", "CPU a timer", "SQLite"),
    "rules": ("rules: target", "100 rules", "one by one", "compiled"),
    "brokers": ("brokers", "local", "redis", "idle", "run"),
}


@pytest.mark.parametrize("part", _LINES)
def test_bench_prints_every_line(part: str) -> None:
    words = [sys.executable, "-P", "-m", "scripts.bench", part, "--quick"]

    result = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith("machine: ")
    assert [line for line in _LINES[part] if line not in result.stdout] == []
