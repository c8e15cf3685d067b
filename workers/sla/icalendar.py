"""Whole days out of an iCalendar file (RFC 5545), as calendars of holidays are published. Pure.

Only what such files hold: all-day events, of one day or several, some of them every year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_UNFOLD = re.compile(r"\r?\n[ \t]")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
#: An event that is longer is no holiday: its end is a mistake.
LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days that a file names."""

    single: frozenset[date] = frozenset()
    #: (month, day)
    yearly: frozenset[tuple[int, int]] = frozenset()
    #: What was not understood, and in which line its event begins.
    mistakes: tuple[tuple[int, str], ...] = ()


def read(text: str) -> Days:
    """The all-day events of the file; those with a time of day are no holidays and are left out."""
    single: set[date] = set()
    yearly: set[tuple[int, int]] = set()
    mistakes: list[tuple[int, str]] = []
    for line, event in _events(text):
        days = _days(event)
        rule = event.get("RRULE", "")
        if days is None:
            mistakes.append((line, "an event has no date that can be read"))
        elif not rule:
            single.update(days)
        elif re.fullmatch(r"FREQ=YEARLY(;INTERVAL=1)?", rule):
            yearly.update((day.month, day.day) for day in days)
        else:
            mistakes.append((line, f"the rule {rule} is none of a day every year"))
    return Days(single=frozenset(single), yearly=frozenset(yearly), mistakes=tuple(mistakes))


def _events(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each event's properties, with the parameters of none but DTSTART told apart."""
    event: dict[str, str] | None = None
    begun = line = 0
    for folded in re.split(r"\r?\n(?![ \t])", text):
        line += 1
        name, _, value = _UNFOLD.sub("", folded).partition(":")
        name = name.partition(";")[0].upper()
        if (name, value.strip().upper()) == ("BEGIN", "VEVENT"):
            event, begun = {}, line
        elif (name, value.strip().upper()) == ("END", "VEVENT") and event is not None:
            yield begun, event
            event = None
        elif event is not None:
            event.setdefault(name, value.strip())
        line += folded.count("\n")


def _days(event: dict[str, str]) -> list[date] | None:
    """The days from DTSTART to before DTEND; none where it begins at a time of day."""
    begin = _date(event.get("DTSTART", ""))
    if begin is None:
        return [] if "T" in event.get("DTSTART", "") else None
    end = _date(event.get("DTEND", "")) or begin + _DAY
    length = max(1, (end - begin).days)
    return [begin + index * _DAY for index in range(length)] if length <= LONGEST else None


def _date(value: str) -> date | None:
    form = _DATE.fullmatch(value)
    try:
        return date(int(form[1]), int(form[2]), int(form[3])) if form else None
    except ValueError:
        return None
