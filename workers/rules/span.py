"""Lengths of time in conditions and timers: of the wall (``2d``) or of work (``2bd``). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

MOST = timedelta(days=3650)
EXPECTED = "expected such as 30m, 4h, 2d, 1w, or in working time 4bh, 2bd"

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_FORM = re.compile(r"(\d{1,7})(?:([mhdw])|b([mhd]))", re.ASCII)


class WorkingTime(Protocol):
    """What a span asks of a calendar."""

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The earliest instant with so much counted time since ``start``."""
        ...

    def days_after(self, start: datetime, days: int) -> datetime:
        """The same local time on the so-manieth working day after that of ``start``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How long."""

    #: Of the wall; or of working time, where it is shorter than a day.
    length: timedelta = timedelta(0)
    #: Whole working days, whatever hours they have.
    days: int = 0
    is_working: bool = False
    #: As it was written.
    text: str = ""

    def after(self, start: datetime, calendar: WorkingTime) -> datetime:
        """The instant at which the span that begins there is over."""
        if not self.is_working:
            return start + self.length
        if self.days:
            return calendar.days_after(start, self.days)
        return calendar.add(start, self.length)


def parse(text: str) -> Span | None:
    """The span that a text says: a number and a unit, with ``b`` for working time."""
    form = _FORM.fullmatch(text.strip())
    if form is None:
        return None
    number, unit = int(form[1]), form[2] or form[3]
    if not number or number * _UNITS[unit] > MOST:
        return None
    is_working = bool(form[3])
    if is_working and unit == "d":
        return Span(days=number, is_working=True, text=text)
    return Span(length=number * _UNITS[unit], is_working=is_working, text=text)
