"""Days of an iCalendar file."""

from __future__ import annotations

from datetime import date

from workers.sla.country import countries, holidays_of
from workers.sla.icalendar import read

_FILE = """\
BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
SUMMARY:Two days\r
DTSTART;VALUE=DATE:20260601\r
DTEND;VALUE=DATE:20260603\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20260\r
 815\r
RRULE:FREQ=YEARLY\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART:20260704T090000Z\r
SUMMARY:a meeting\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20260101\r
RRULE:FREQ=WEEKLY\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20261399\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_all_day_events_are_holidays_and_meetings_are_none() -> None:
    days = read(_FILE)

    assert days.single == {date(2026, 6, 1), date(2026, 6, 2)}
    assert days.yearly == {(8, 15)}
    assert days.mistakes == (
        (16, "the rule FREQ=WEEKLY is none of a day every year"),
        (20, "an event has no date that can be read"),
    )


def test_what_is_no_calendar_names_no_days() -> None:
    assert read("Dear all,\nwe are closed tomorrow.\n").single == frozenset()


def test_public_holidays_of_a_country_and_of_a_part_of_it() -> None:
    assert date(2026, 2, 17) in holidays_of("KR")
    assert date(2026, 1, 6) in holidays_of("DE", "BY")
    assert date(2026, 1, 6) not in holidays_of("DE", "BE")
    assert "BY" in countries()["DE"]
