"""A bound on how long an admin's template may go on (security.md F12)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

#: Lines of a compiled template: about a second; the largest of ours takes some hundred.
_MOST: Final = 1_000_000
_TEMPLATE: Final = ".j2"


@contextmanager
def bounded(most: int = _MOST) -> Iterator[None]:
    """Raises RuntimeError in a template of this thread that has gone through so many lines.

    Counted, not timed: what a busy machine does slowly is no fault of the template's.
    """
    left = most

    def count(_frame: FrameType, event: str, _value: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left < 0:
                raise RuntimeError(f"goes on for more than {most:,} lines: a loop without end?")
        return count

    def enter(frame: FrameType, _event: str, _value: Any) -> Any:
        return count if frame.f_code.co_filename.endswith(_TEMPLATE) else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)
