"""calendars.yaml: when people work, and which days are holidays. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from workers.rules import schema
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Node, Sequence
from workers.sla import icalendar
from workers.sla.calendar import ALWAYS, Calendar
from workers.sla.country import YEARS, countries, holidays_of
from workers.sla.hours import PATIENCE, Hours
from workers.sla.week import DAY, DAYS, Week, Window

FILE = "calendars.yaml"

#: In a regular expression that editors understand, too.
SPAN = r"(\d{1,2})(?::(\d\d))? ?[-–] ?(\d{1,2})(?::(\d\d))?"
_SPAN = re.compile(SPAN, re.ASCII)
_YEARLY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
#: The file's only key, and what there is to say of a calendar and of its holidays.
KEYS = ("calendars",)
CALENDAR = ("time_zone", "hours", "holidays")
CALENDAR_NEEDS = ("time_zone", "hours")
HOLIDAYS = ("country", "part", "dates", "without", "files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendars:
    """Every calendar that agreements may name; without the file only that of all hours."""

    by_name: Map[str, Calendar] = field(default_factory=lambda: {ALWAYS.name: ALWAYS})

    def named(self, node: Node, found: Findings) -> Calendar:
        """The calendar that a node names."""
        name = schema.choice(node, found, what="calendar", known=tuple(self.by_name))
        return self.by_name.get(name, ALWAYS)


def read(root: Mapping, files: Map[str, bytes], found: Findings) -> Calendars:
    """The calendars of the file; ``files`` are those beside it that end in ``.ics``."""
    parts = schema.keys(root, found, of=FILE, known=KEYS, needed=KEYS)
    entries = schema.items(parts["calendars"].value, found) if "calendars" in parts else ()
    calendars: dict[str, Calendar] = {ALWAYS.name: ALWAYS}
    for entry in entries:
        if entry.key.text == ALWAYS.name:
            found.add(entry.key.mark, "'always' cannot be defined", "it is every hour there is")
            continue
        calendar = _calendar(entry, files, found)
        if calendar is not None:
            calendars[entry.key.text] = calendar
    return Calendars(by_name=calendars)


def _calendar(entry: Entry, files: Map[str, bytes], found: Findings) -> Calendar | None:
    before = len(found.errors)
    what = f"calendar {entry.key.text!r}"
    fields = schema.keys(entry.value, found, of=what, known=CALENDAR, needed=CALENDAR_NEEDS)
    zone = zone_of(fields["time_zone"].value, found) if "time_zone" in fields else ""
    windows = _week(fields["hours"].value, found) if "hours" in fields else ()
    days = _holidays(fields["holidays"].value, files, found) if "holidays" in fields else _Days()
    if len(found.errors) > before:
        return None
    if not zone:
        found.add(entry.key.mark, f"{what} says nothing", "expected 'time_zone: …' and 'hours: …'")
        return None
    week = Week(
        zone=zone,
        windows=windows,
        holidays=frozenset(days.single - days.without),
        yearly=frozenset(days.yearly),
    )
    hours = Hours(entry.key.text, week)
    if not any(hours.works_in(year) for year in YEARS[:PATIENCE]):
        hint = f"none from {YEARS[0]} to {YEARS[PATIENCE - 1]}"
        found.add(entry.key.mark, f"{what} has no working time", hint)
        return None
    return hours


def zone_of(node: Node, found: Findings) -> str:
    """A time zone of the world, or empty."""
    name = schema.text(node, found)
    if name in available_timezones():
        ZoneInfo(name)
        return name
    if name:
        found.unknown(node.mark, "time zone", name, sorted(available_timezones()))
    return ""


def _week(node: Node, found: Findings) -> tuple[tuple[Window, ...], ...]:
    """``mon-fri: 9-18`` and ``sat: [9-12, 13-15]``; a day that is not named is free."""
    days: dict[int, tuple[Window, ...]] = {}
    lines: dict[int, int] = {}
    for entry in schema.items(node, found):
        windows = _windows(entry.value, found)
        for day in _days(entry, found):
            first = lines.setdefault(day, entry.key.mark.line)
            if day in days:
                found.add(entry.key.mark, f"{DAYS[day]} has hours already", f"in line {first}")
            days[day] = windows
    week = tuple(days.get(day, ()) for day in range(len(DAYS)))
    _check_overlap(node, week, found)
    return week


def _days(entry: Entry, found: Findings) -> range | tuple[int, ...]:
    word = entry.key.text.lower()
    if word == "daily":
        return range(len(DAYS))
    first, dash, last = (part.strip() for part in word.partition("-"))
    if first in DAYS and (not dash or last in DAYS):
        begin, end = DAYS.index(first), DAYS.index(last or first)
        if begin <= end:
            return range(begin, end + 1)
        return (*range(begin, len(DAYS)), *range(end + 1))
    found.unknown(entry.key.mark, "day", entry.key.text, (*DAYS, "daily"))
    return ()


def _windows(node: Node, found: Findings) -> tuple[Window, ...]:
    # A plain 9-18 is a text to YAML, and so is a list of such.
    if isinstance(node, Sequence) and not node.items:
        return ()
    windows = (_window(text, place, found) for text, place in schema.texts(node, found))
    return tuple(sorted(window for window in windows if window))


def _window(text: str, node: Node, found: Findings) -> Window | None:
    form = _SPAN.fullmatch(text)
    hint = "expected such as 9-18, 8:30-12:00, 22-6"
    if form is None:
        found.add(node.mark, f"{text!r} is no span of hours", hint)
        return None
    begin, end = _clock_time(form[1], form[2]), _clock_time(form[3], form[4])
    if begin >= DAY or end > DAY:
        found.add(node.mark, f"{text!r} is no span of hours", "a day has 24 hours")
        return None
    # The end of a night shift is a time of the next day; equal times are a whole day.
    return Window(begin, end if end > begin else end + DAY)


def _clock_time(hours: str, minutes: str | None) -> timedelta:
    return timedelta(hours=int(hours), minutes=int(minutes or 0))


def _check_overlap(node: Node, week: tuple[tuple[Window, ...], ...], found: Findings) -> None:
    """Also from one day into the next, and from Sunday into Monday."""
    spans = [
        (day * DAY + window.begin, day * DAY + window.end, DAYS[day % len(DAYS)])
        for day, windows in enumerate((*week, week[0]))
        for window in windows
    ]
    for (_, end, first), (begin, _, second) in pairwise(spans):
        if begin < end:
            days = first if first == second else f"{first} and {second}"
            hint = "an hour can only be worked once"
            found.add(node.mark, f"the hours of {days} overlap", hint)
            return


@dataclass(slots=True)
class _Days:
    """The holidays of one calendar."""

    single: set[date] = field(default_factory=set)
    yearly: set[tuple[int, int]] = field(default_factory=set)
    #: Days that are worked although the country has a holiday.
    without: set[date] = field(default_factory=set)


def _holidays(node: Node, files: Map[str, bytes], found: Findings) -> _Days:
    fields = schema.keys(node, found, of="'holidays'", known=HOLIDAYS)
    days = _Days()
    if "country" in fields:
        days.single |= _of_country(fields, found)
    elif "part" in fields:
        found.add(fields["part"].key.mark, "'part' of which country?", "expected 'country: …'")
    for name, into in (("dates", days.single), ("without", days.without)):
        if name in fields:
            for text, place in schema.listed(fields[name].value, found):
                _date(text, place, into, days.yearly if name == "dates" else None, found)
    if "files" in fields:
        for name, place in schema.texts(fields["files"].value, found):
            _file(name, place, files, days, found)
    return days


def _of_country(fields: dict[str, Entry], found: Findings) -> frozenset[date]:
    known = countries()
    node = fields["country"].value
    country = schema.choice(node, found, what="country", known=tuple(known))
    if not country:
        return frozenset()
    part = ""
    if "part" in fields:
        what = f"part of {country}"
        part = schema.choice(fields["part"].value, found, what=what, known=known[country])
    return holidays_of(country, part)


def _date(
    text: str,
    node: Node,
    into: set[date],
    yearly: set[tuple[int, int]] | None,
    found: Findings,
) -> None:
    form = _YEARLY.fullmatch(text) if yearly is not None else None
    try:
        if form and yearly is not None:
            # A leap year, so that 02-29 is a day, too.
            day = date(2024, int(form[1]), int(form[2]))
            yearly.add((day.month, day.day))
        else:
            into.add(date.fromisoformat(text))
    except ValueError:
        hint = "expected such as 2026-05-01" + (
            "" if yearly is None else ", or 12-24 for every year"
        )
        found.add(node.mark, f"{text!r} is not a date", hint)


def _file(name: str, node: Node, files: Map[str, bytes], days: _Days, found: Findings) -> None:
    if name not in files:
        found.unknown(node.mark, "file", name, sorted(files))
        return
    read_ = icalendar.read(files[name].decode("utf-8-sig", errors="replace"))
    days.single |= read_.single
    days.yearly |= read_.yearly
    for line, mistake in read_.mistakes:
        found.add(node.mark, f"{name}, line {line}: {mistake}", "mend the file, or list the dates")
