"""What a simulated month must come to: clocks counted minute by minute, without any of our code.

It shares nothing with ``workers/sla``: a calendar is a list of minutes, each counted or not, and a
clock is asked again and again how far it has come.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

#: Hours of a working day and holidays, by zone; without hours every minute counts.
OFFICES: Mapping[str, tuple[tuple[tuple[int, int], ...], tuple[date, ...]]] = {
    "Asia/Seoul": (((9, 12), (13, 18)), (date(2026, 3, 16),)),
    "Europe/Paris": (((8, 18),), ()),
    "UTC": ((), ()),
}
WARNINGS = (50, 75, 90)
BREACH = 100
#: After the breach: a rung of its own, and what is repeated, in minutes.
LATER, AGAIN = 120, 2400


class Minutes:
    """How many minutes of a calendar have counted by each minute."""

    def __init__(self, zone: str, start: datetime, count: int) -> None:
        spans, holidays = OFFICES[zone]
        there = ZoneInfo(zone)

        def counts(hour: int) -> bool:
            local = (start + timedelta(hours=hour)).astimezone(there)
            if not spans:
                return True
            is_free = local.weekday() > 4 or local.date() in holidays
            return not is_free and any(a <= local.hour < b for a, b in spans)

        # Hours begin and end on the hour, and so do the clocks' changes here.
        hours = [counts(hour) for hour in range(count // 60)]
        minutes = (counted for counted in hours for _ in range(60))
        self.passed = [0, *accumulate(minutes)]

    def between(self, a: int, b: int) -> int:
        return self.passed[b] - self.passed[a]

    def after(self, a: int, length: int) -> int:
        """The first minute by which so many have counted since ``a``."""
        return bisect_left(self.passed, self.passed[a] + length) if length > 0 else a


@dataclass(slots=True)
class Watch:
    """One clock, as a person would keep it on paper."""

    ticket: int
    metric: str
    minutes: Minutes
    target: int
    since: int
    used: int = 0
    state: str = "running"
    missed: int | None = None
    told: int = 0
    quiet: int = 0
    retargeted: bool = False

    def at(self, now: int) -> int:
        """Minutes used by now."""
        if self.state != "running" or now <= self.since:
            return self.used
        return self.used + self.minutes.between(self.since, now)

    def look(self, now: int) -> None:
        """Note a miss that has come by now."""
        if self.state == "running" and self.missed is None and self.at(now) >= self.target:
            self.missed = self.minutes.after(self.since, self.target - self.used)

    def turn(self, now: int, state: str) -> None:
        """Go over to another state; what was missed by a time that has not come yet is not."""
        if self.missed is not None and self.missed > now:
            self.missed, self.retargeted = None, False
        self.look(now)
        self.used, self.since, self.state = self.at(now), now, state

    def retarget(self, now: int, target: int) -> None:
        self.turn(now, self.state)
        self.target = target
        if self.missed is None:
            if self.told > 100 * self.used // target:
                self.told = 0
            if self.used >= target:
                self.missed, self.retargeted = now, True

    def rank(self, now: int) -> int:
        """How far up its ladder it is."""
        if self.state == "cancelled":
            return 0
        missed = self.missed
        if missed is None and self.state == "running" and self.at(now) >= self.target:
            missed = self.minutes.after(self.since, self.target - self.used)
        if missed is not None:
            is_climbing = self.state == "running" and now >= self.quiet
            late = self.minutes.between(missed, now) if is_climbing and now > missed else 0
            if late < LATER:
                return BREACH
            return BREACH + LATER + (late - LATER) // AGAIN * AGAIN
        if self.state == "stopped":
            return 0
        used = self.at(now)
        return max((each for each in WARNINGS if used * 100 >= each * self.target), default=0)

    def next_look(self, now: int) -> int | None:
        """The next minute at which it could come to something new."""
        if self.state != "running":
            return None
        if self.missed is None:
            marks = [each * self.target / 100 for each in (*WARNINGS, BREACH)]
            left = [mark - self.at(now) for mark in marks if mark > self.at(now)]
            start = max(now, self.since)
            return self.minutes.after(start, -int(-min(left) // 1)) if left else now
        late = self.minutes.between(self.missed, now) if now > self.missed else 0
        step = LATER if late < LATER else LATER + ((late - LATER) // AGAIN + 1) * AGAIN
        coming = self.minutes.after(self.missed, step)
        # What came while it was acknowledged is looked at when that ends.
        return self.quiet if now < self.quiet and late >= LATER else max(coming, self.quiet)


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """One thing that people had to be told."""

    ticket: int
    metric: str
    rank: int
    minute: int
    who: tuple[str, ...]


@dataclass(slots=True)
class Oracle:
    """Every clock of the month, and what was to be told of it."""

    watches: dict[tuple[int, str], Watch] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def of(self, ticket: int) -> Sequence[Watch]:
        return [watch for watch in self.watches.values() if watch.ticket == ticket]

    def ring(self, watch: Watch, now: int, who: Callable[[int], tuple[str, ...]]) -> None:
        """Somebody looks at the clock now: the highest new rung is told, and that alone."""
        watch.look(now)
        rank = watch.rank(now)
        if rank > watch.told:
            watch.told = rank
            told = Told(watch.ticket, watch.metric, rank, now, who(rank))
            self.told.append(told)
