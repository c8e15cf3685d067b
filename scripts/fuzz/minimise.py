"""The smallest inputs that together go every way through the code that a corpus goes."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from scripts.fuzz.targets import check

_WATCHED = "/daemon/mail/"
#: From one line of a file to another.
_Way = tuple[str, int, int]


def minimise(corpus: Path, into: Path, *, most: int) -> int:
    """Copy them, named by what they hold, none above ``most`` bytes; returns how many."""
    inputs = sorted(
        {path.read_bytes() for path in corpus.iterdir()}, key=lambda one: (len(one), one)
    )
    known: set[_Way] = set()
    kept = 0
    for data in inputs:
        if len(data) <= most and (new := _ways(data) - known):
            known |= new
            (into / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
            kept += 1
    return kept


def _ways(data: bytes) -> set[_Way]:
    """Every step from line to line that the code under watch takes."""
    found: set[_Way] = set()
    last: dict[FrameType, int] = {}

    def step(frame: FrameType, event: str, _: Any) -> Any:
        if _WATCHED not in frame.f_code.co_filename:
            return None
        if event == "line":
            before = last.get(frame, 0)
            found.add((frame.f_code.co_filename, before, frame.f_lineno))
            last[frame] = frame.f_lineno
        return step

    sys.settrace(step)
    try:
        check(data)
    finally:
        sys.settrace(None)
    return found
