"""Working hours: a week's windows in a time zone, less the holidays, laid out in time. Pure.

The windows of a year are worked out once, with the working time up to each; a question is then two
searches among sorted numbers, so that asking a hundred thousand clocks is cheap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

from daemon.errors import ConfigError
from workers.sla.week import DAY, Week
from workers.sla.zone import instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MIDNIGHT = datetime.min.time()
#: A calendar without working time for so long has none.
PATIENCE = 10


@dataclass(frozen=True, slots=True)
class _Timeline:
    """The windows of some years, in microseconds since 1970."""

    first_year: int
    last_year: int
    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    #: The working time up to the end of each window.
    totals: tuple[int, ...] = ()

    def worked(self, at: int) -> int:
        """The working time of these years before the instant."""
        index = bisect_right(self.begins, at)
        if index == 0:
            return 0
        return self.totals[index - 1] - max(0, self.ends[index - 1] - at)

    def reach(self, worked: int) -> int | None:
        """The earliest instant with so much working time; None: later than these years."""
        index = bisect_left(self.totals, worked)
        if index == len(self.totals):
            return None
        return self.ends[index] - (self.totals[index] - worked)


class Hours:
    """A calendar of working hours."""

    def __init__(self, name: str, week: Week) -> None:
        self.name, self.week = name, week
        self._zone = ZoneInfo(week.zone)
        # Replaced as a whole when it grows: threads see the old one or the new one.
        self._timeline: _Timeline | None = None

    @property
    def zone(self) -> str:
        """Where its clocks hang."""
        return self.week.zone

    @cached_property
    def version(self) -> str:
        """That of its week: the name makes no difference."""
        return self.week.version

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The earliest instant with so much working time since ``start``.

        Nothing added leaves ``start`` as it is, in the night, too; the end of a window belongs to
        the window. Raises ConfigError when there is no working time in ten years.
        """
        at, more = _micros(start), length // _MICROSECOND
        if more <= 0:
            return start.astimezone(UTC)
        last = start.astimezone(UTC).year
        timeline = self._reaching(last - 1, last + 1)
        wanted = timeline.worked(at) + more
        while (found := timeline.reach(wanted)) is None:
            last = self._next_working_year(timeline.last_year)
            timeline = self._reaching(timeline.first_year, last)
            wanted = timeline.worked(at) + more
        return _EPOCH + timedelta(microseconds=found)

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The working time from ``a`` to ``b``."""
        first, last = sorted((a.astimezone(UTC).year, b.astimezone(UTC).year))
        timeline = self._reaching(first - 1, last + 1)
        return timedelta(microseconds=timeline.worked(_micros(b)) - timeline.worked(_micros(a)))

    def days_after(self, start: datetime, days: int) -> datetime:
        """The same local time on a later working day, or when work begins again after it."""
        local = start.astimezone(self._zone).replace(tzinfo=None)
        day, left, idle = local.date(), days, 0
        while left:
            day += DAY
            works = bool(self.week.windows_on(day))
            left, idle = left - works, 0 if works else idle + 1
            if idle > PATIENCE * 366:
                raise _without_time(self.name)
        at = instant(datetime.combine(day, local.time()), self._zone)
        # The end of a window belongs to it, but nobody begins to work then.
        return self.add(at, _MICROSECOND) - _MICROSECOND

    def works_in(self, year: int) -> bool:
        """True when there is working time in windows that begin in this local year."""
        return any(self._windows(year))

    def _next_working_year(self, year: int) -> int:
        for later in range(year + 1, year + 1 + PATIENCE):
            if self.works_in(later):
                return later
        raise _without_time(self.name)

    def _reaching(self, first: int, last: int) -> _Timeline:
        known = self._timeline
        if (
            known is None
            or last < known.first_year - PATIENCE
            or first > known.last_year + PATIENCE
        ):
            known = _Timeline(first, first - 1)
        if known.first_year <= first and last <= known.last_year:
            return known
        earlier = range(first, known.first_year)
        later = range(known.last_year + 1, last + 1)
        windows = [
            *(window for year in earlier for window in self._windows(year)),
            *zip(known.begins, known.ends, strict=True),
            *(window for year in later for window in self._windows(year)),
        ]
        grown = _Timeline(
            min(first, known.first_year),
            max(last, known.last_year),
            tuple(begin for begin, _ in windows),
            tuple(end for _, end in windows),
            tuple(accumulate(end - begin for begin, end in windows)),
        )
        self._timeline = grown
        return grown

    def _windows(self, year: int) -> list[tuple[int, int]]:
        """The windows of a local year in time; what a jump of the clocks swallows is none."""
        day, found = date(year, 1, 1), []
        while day.year == year:
            midnight = datetime.combine(day, _MIDNIGHT)
            for window in self.week.windows_on(day):
                begin = _micros(instant(midnight + window.begin, self._zone))
                end = _micros(instant(midnight + window.end, self._zone))
                if begin < end:
                    found.append((begin, end))
            day += DAY
        return found


def _micros(at: datetime) -> int:
    return (at.astimezone(UTC) - _EPOCH) // _MICROSECOND


def _without_time(name: str) -> ConfigError:
    return ConfigError(f"the calendar {name!r} has no working time in {PATIENCE} years")
