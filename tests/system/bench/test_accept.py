"""The bench of accepting mail."""

from __future__ import annotations

from tests.system.bench.quick import left_out

_LINES = ("accept: target", "Postfix ", "postdesk smtp, SQLite", "postdesk smtp, PostgreSQL")


def test_accept_prints_every_line() -> None:
    assert left_out("accept", *_LINES) == []
