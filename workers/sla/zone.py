"""From what a wall clock shows to the instant at which it shows it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which the zone's clocks show this time or have passed it.

    One rule for both bounds of a window, so that windows that touch on paper touch in time: where
    the clocks jump over it, the jump itself; where they show it twice, the first time.
    """
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == local:
        return early
    # Read with the offset after the jump it lies before the jump, and the other way round.
    return _jump(local.replace(tzinfo=zone, fold=1).astimezone(UTC), early, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the new offset between two instants of which only one has it."""
    before = before.replace(microsecond=0)
    seconds = -(-(after - before) // _SECOND)
    new = (before + seconds * _SECOND).astimezone(zone).utcoffset()
    low, high = 0, seconds
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(zone).utcoffset() == new:
            high = middle
        else:
            low = middle
    return before + high * _SECOND
