"""Numbers as a reader of plain text sees them: bars and sparklines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_LEVELS: Final = "▁▂▃▄▅▆▇█"
_WIDTH: Final = 8


def bar(percent: int) -> str:
    """``████░░░░ 50%``: a cell whose HTML form is drawn from its number."""
    return f"{share(percent)} {percent}%"


def share(percent: int) -> str:
    """``████░░░░``: a bar that says no number."""
    full = min(_WIDTH, max(0, round(percent * _WIDTH / 100)))
    return f"{'█' * full}{'░' * (_WIDTH - full)}"


def sparkline(values: Sequence[int]) -> str:
    """A letter for each value, the highest being full."""
    top = max(values, default=0)
    return "".join(
        _LEVELS[round(value * (len(_LEVELS) - 1) / top)] if top else "▁" for value in values
    )
