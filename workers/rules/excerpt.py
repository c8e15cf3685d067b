"""The line of a mistake, with a caret below its place. Pure."""

from __future__ import annotations

import unicodedata

from workers.rules.document import split_lines

_WIDTH = 100


def excerpt(raw: bytes, line: int, column: int) -> str:
    """Two lines for a terminal; empty when the file has no such line."""
    lines = split_lines(raw.decode("utf-8-sig", "replace"))
    if not 0 < line <= len(lines):
        return ""
    # A very long line is shown from somewhere before the place.
    start = max(0, column - 1 - _WIDTH // 2)
    shown = lines[line - 1][start : start + _WIDTH].replace("\t", " ")
    before = shown[: column - 1 - start]
    number = f"{line:>5} | "
    visible = "".join(char if char.isprintable() else "\ufffd" for char in shown)
    return f"{number}{visible}\n{' ' * (len(number) + _columns(before))}^"


def _columns(text: str) -> int:
    """The cells that a terminal gives a text: Hangul and other wide letters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
