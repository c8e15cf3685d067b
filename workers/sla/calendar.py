"""Which time counts. Pure.

Only the calendar that counts all of it is here; one with windows and holidays is one more class.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Calendar(Protocol):
    """The two questions of every clock; instants are aware, answers are in UTC."""

    def add(self, start: datetime, seconds: float) -> datetime:
        """The earliest instant at which so many counted seconds have passed since ``start``."""
        ...

    def between(self, a: datetime, b: datetime) -> float:
        """The counted seconds from ``a`` to ``b``."""
        ...


@dataclass(frozen=True, slots=True)
class AroundTheClock:
    """Every second counts, day and night."""

    def add(self, start: datetime, seconds: float) -> datetime:
        # By way of UTC: local arithmetic is wrong by an hour where clocks change.
        return start.astimezone(UTC) + timedelta(seconds=seconds)

    def between(self, a: datetime, b: datetime) -> float:
        return (b.astimezone(UTC) - a.astimezone(UTC)).total_seconds()


ALWAYS: Calendar = AroundTheClock()
