"""Instants and durations as people write them: ``fri 14:00``, ``+3d``, ``2h30m``. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from daemon.desk.verbs.catalogue import UNITS, WEEKDAYS, value_of
from daemon.errors import TicketError

_PART: Final = re.compile(r"(\d{1,6})\s?([^\W\d_]+)")
_DURATION: Final = re.compile(r"(?:\d{1,6}\s?[^\W\d_]+\s?)+")
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})")
_FARTHEST: Final = timedelta(days=3_660)
_DAYS: Final = {name: number for number, names in enumerate(WEEKDAYS) for name in names}
_FORMS: Final = 'a time like "fri 14:00", "2026-03-09 09:00", "tomorrow" or "+3d"'


def duration(text: str) -> timedelta:
    """``2h30m``, ``20 min``, ``1d``; a bare number is minutes. Raises TicketError."""
    folded = text.strip().casefold()
    if folded.isdecimal() and len(folded) <= 6:
        return timedelta(minutes=int(folded))
    if not _DURATION.fullmatch(folded):
        raise TicketError('"%(text)s" is no duration; write it like 20m, 2h30m or 3d', text=text)
    seconds = 0
    for amount, unit in _PART.findall(folded):
        if unit not in UNITS:
            raise TicketError(
                '"%(unit)s" is no unit of time; write it like 20m, 2h30m or 3d', unit=unit
            )
        seconds += int(amount) * UNITS[unit]
    if seconds > _FARTHEST.total_seconds():
        raise TicketError('"%(text)s" is too long', text=text)
    return timedelta(seconds=seconds)


def instant(text: str, now: datetime, zone: tzinfo, *, hour: int) -> datetime:
    """When somebody means; ``hour`` is that of a day without a time. Raises TicketError."""
    words = text.strip().casefold()
    if words.startswith("+"):
        return now + duration(words[1:])
    first, _, rest = words.partition(" ")
    local = now.astimezone(zone)
    day = _day(first, local)
    clock = _time(rest.strip() if day else words)
    if (day is None and clock is None) or (day and rest.strip() and clock is None):
        raise TicketError('"%(text)s" is no %(forms)s', text=text, forms=_FORMS)
    found = datetime.combine(day or local.date(), clock or time(hour), zone)
    if day is None and found <= local:
        found = datetime.combine(local.date() + timedelta(days=1), clock or time(hour), zone)
    # The last days of the calendar are no instants in every zone.
    if found > now + _FARTHEST:
        raise TicketError('"%(text)s" is too far ahead', text=text)
    return found


def _day(word: str, local: datetime) -> date | None:
    """The next day of that name, today's left out; or the date that is written."""
    if word in _DAYS:
        ahead = (_DAYS[word] - local.weekday() - 1) % 7 + 1
        return local.date() + timedelta(days=ahead)
    if value_of(word) in {"today", "tomorrow"}:
        return local.date() + timedelta(days=value_of(word) == "tomorrow")
    found = _DATE.fullmatch(word)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as err:
        raise TicketError('"%(word)s" is no day of the calendar', word=word) from err


def _time(word: str) -> time | None:
    found = _TIME.fullmatch(word)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))
