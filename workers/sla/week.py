"""A calendar as written: a week's windows in a time zone, without its holidays. Pure.

Plain values only, so that the calendar that a clock was started with can be kept and read back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

#: In the order of ``date.weekday()``.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Working time from one local time to another, as lengths since midnight."""

    begin: timedelta
    #: Above 24 hours where the window ends on the next day.
    end: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """When people work. A window belongs to the day on which it begins, and so does a holiday."""

    zone: str
    #: Monday first; no two windows of the week overlap.
    windows: tuple[tuple[Window, ...], ...]
    #: Days on which no window begins.
    holidays: frozenset[date] = frozenset()
    #: The same, every year: (month, day).
    yearly: frozenset[tuple[int, int]] = frozenset()

    @property
    def version(self) -> str:
        """Changes with the working time, and only with it."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The windows that begin on this local date."""
        if day in self.holidays or (day.month, day.day) in self.yearly:
            return ()
        return self.windows[day.weekday()]

    def as_json(self) -> dict[str, Any]:
        """What ``week_of`` reads."""
        return {
            "zone": self.zone,
            "windows": [
                [[_seconds(window.begin), _seconds(window.end)] for window in day]
                for day in self.windows
            ],
            "holidays": sorted(day.isoformat() for day in self.holidays),
            "yearly": sorted([month, day] for month, day in self.yearly),
        }


def week_of(kept: Mapping[str, Any]) -> Week:
    """The week that ``as_json`` wrote."""
    return Week(
        zone=kept["zone"],
        windows=tuple(
            tuple(Window(timedelta(seconds=begin), timedelta(seconds=end)) for begin, end in day)
            for day in kept["windows"]
        ),
        holidays=frozenset(date.fromisoformat(day) for day in kept["holidays"]),
        yearly=frozenset((month, day) for month, day in kept["yearly"]),
    )


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
