"""Which time counts. Pure.

Lengths are exact: what ``add`` adds, ``between`` finds, to the microsecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Calendar(Protocol):
    """The questions of every clock; instants are aware, answers are in UTC."""

    @property
    def name(self) -> str:
        """What agreements call it."""
        ...

    @property
    def version(self) -> str:
        """The same for the same working time, whatever the name: frozen into every clock."""
        ...

    @property
    def zone(self) -> str:
        """Where its clocks hang, for telling local times."""
        ...

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The earliest instant with so much counted time since ``start``."""
        ...

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The counted time from ``a`` to ``b``; below zero where ``b`` is the earlier one."""
        ...

    def days_after(self, start: datetime, days: int) -> datetime:
        """The same local time on the so-manieth working day after that of ``start``."""
        ...


@dataclass(frozen=True, slots=True)
class AroundTheClock:
    """Every second counts, day and night."""

    name: str = "always"
    version: str = "always"
    zone: str = "UTC"

    def add(self, start: datetime, length: timedelta) -> datetime:
        # By way of UTC: local arithmetic is wrong by an hour where clocks change.
        return start.astimezone(UTC) + length

    def between(self, a: datetime, b: datetime) -> timedelta:
        return b.astimezone(UTC) - a.astimezone(UTC)

    def days_after(self, start: datetime, days: int) -> datetime:
        return self.add(start, timedelta(days=days))


ALWAYS: Calendar = AroundTheClock()
