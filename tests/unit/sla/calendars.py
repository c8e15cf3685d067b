"""Calendars of very different places, by name."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from workers.sla.calendar import ALWAYS, Calendar
from workers.sla.hours import Hours
from workers.sla.week import Week, Window


def hours(*spans: tuple[float, float]) -> tuple[Window, ...]:
    """Windows of a day, in hours since midnight."""
    return tuple(Window(timedelta(hours=begin), timedelta(hours=end)) for begin, end in spans)


def working_days(*spans: tuple[float, float]) -> tuple[tuple[Window, ...], ...]:
    """The same from Monday to Friday."""
    return (hours(*spans),) * 5 + ((), ())


def calendar(zone: str, windows: tuple[tuple[Window, ...], ...], *holidays: date) -> Hours:
    """Working hours in a zone."""
    return Hours(zone, Week(zone=zone, windows=windows, holidays=frozenset(holidays)))


def at(zone: str, *when: int) -> datetime:
    """A local time of a zone."""
    return datetime(*when, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type, misc]


SUNDAYS = ((),) * 6 + (hours((0, 6)),)
SEOUL_HOLIDAYS = tuple(date(2026, 2, day) for day in (16, 17, 18))

CALENDARS: dict[str, Calendar] = {
    "always": ALWAYS,
    "Seoul": calendar("Asia/Seoul", working_days((9, 18)), *SEOUL_HOLIDAYS),
    "Seoul with lunch": calendar("Asia/Seoul", working_days((9, 12), (13, 18))),
    "New York around the clock": calendar("America/New_York", (hours((0, 24)),) * 7),
    "Paris on Sundays": calendar("Europe/Paris", SUNDAYS),
    "Paris": calendar("Europe/Paris", working_days((8.5, 12), (13.5, 17.75))),
    "Kolkata": calendar("Asia/Kolkata", (hours((9.5, 18.5)),) * 6 + ((),)),
    "Lord Howe at night": calendar("Australia/Lord_Howe", (hours((0, 4), (22, 24)),) * 7),
    "night shift in New York": calendar("America/New_York", working_days((22, 30))),
    "Apia, where a day is missing": calendar("Pacific/Apia", (hours((8, 17)),) * 7),
}
