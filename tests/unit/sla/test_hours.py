"""Working hours: the vectors of the service desk's reference, and what must hold everywhere."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.errors import ConfigError
from tests.unit.sla.calendars import CALENDARS, SUNDAYS, at, calendar, hours, working_days
from workers.sla.calendar import Calendar
from workers.sla.hours import Hours
from workers.sla.week import Week, week_of

_HOUR = timedelta(hours=1)
_SEOUL, _LUNCH = CALENDARS["Seoul"], CALENDARS["Seoul with lunch"]
_NEW_YORK, _PARIS = CALENDARS["New York around the clock"], CALENDARS["Paris on Sundays"]

VECTORS = [
    pytest.param(
        _SEOUL, at("Asia/Seoul", 2026, 3, 6, 17), 4 * _HOUR, "2026-03-09T12:00:00+09:00",
        id="over the weekend",
    ),
    pytest.param(
        _SEOUL, at("Asia/Seoul", 2026, 3, 7, 12), _HOUR, "2026-03-09T10:00:00+09:00",
        id="begun on a Saturday",
    ),
    pytest.param(
        _SEOUL, at("Asia/Seoul", 2026, 2, 13, 17, 30), _HOUR, "2026-02-19T09:30:00+09:00",
        id="over holidays",
    ),
    pytest.param(
        _LUNCH, at("Asia/Seoul", 2026, 3, 10, 11, 30), _HOUR, "2026-03-10T13:30:00+09:00",
        id="over lunch",
    ),
    pytest.param(
        _LUNCH, at("Asia/Seoul", 2026, 3, 10, 11, 30), _HOUR / 2, "2026-03-10T12:00:00+09:00",
        id="to the end of a window",
    ),
    pytest.param(
        _NEW_YORK, at("America/New_York", 2026, 3, 8, 1, 30), 4 * _HOUR,
        "2026-03-08T06:30:00-04:00", id="over a gap",
    ),
    pytest.param(
        _NEW_YORK, at("America/New_York", 2026, 11, 1, 0, 30), 4 * _HOUR,
        "2026-11-01T03:30:00-05:00", id="over an overlap",
    ),
    pytest.param(
        _PARIS, at("Europe/Paris", 2026, 3, 29), 6 * _HOUR, "2026-04-05T01:00:00+02:00",
        id="six hours of which five exist",
    ),
    pytest.param(
        _PARIS, at("Europe/Paris", 2026, 10, 25), 6 * _HOUR, "2026-10-25T05:00:00+01:00",
        id="six hours where seven exist",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("counted", "start", "length", "due"), VECTORS)
def test_due_is_as_the_reference_has_it(
    counted: Calendar, start: datetime, length: timedelta, due: str
) -> None:
    found = counted.add(start, length)

    assert found.astimezone(start.tzinfo).isoformat() == due
    assert counted.between(start, found) == length


def test_nothing_added_stays_outside_of_hours() -> None:
    saturday = at("Asia/Seoul", 2026, 3, 7, 12)

    assert _SEOUL.add(saturday, timedelta(0)) == saturday


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Paris", "Australia/Lord_Howe"])
def test_windows_that_touch_count_every_hour_once(zone: str) -> None:
    pieces = calendar(zone, (hours((0, 1.5), (1.5, 2.25), (2.25, 2.75), (2.75, 24)),) * 7)
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    assert pieces.between(begin, end) == end - begin


def test_a_window_inside_of_a_gap_has_no_length() -> None:
    gap = calendar("America/New_York", (hours((2.25, 2.75)),) * 7)
    day = at("America/New_York", 2026, 3, 8)

    assert gap.between(day, day.astimezone(UTC) + timedelta(hours=23)) == timedelta(0)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    shift = calendar("America/New_York", working_days((22, 30)), date(2026, 7, 3))
    thursday, friday = (
        at("America/New_York", 2026, 7, 2, 23),
        at("America/New_York", 2026, 7, 3, 23),
    )

    assert shift.between(thursday, thursday + timedelta(days=1)) == 7 * _HOUR
    assert shift.add(friday, _HOUR).astimezone(friday.tzinfo).isoformat() == (
        "2026-07-06T23:00:00-04:00"
    )


@pytest.mark.parametrize(
    ("start", "days", "found"),
    [
        ((2026, 3, 6, 17), 2, (2026, 3, 10, 17)),
        ((2026, 3, 6, 20), 2, (2026, 3, 11, 9)),
        ((2026, 3, 7, 11), 1, (2026, 3, 9, 11)),
        ((2026, 2, 13, 10), 1, (2026, 2, 19, 10)),
        ((2026, 3, 6, 18), 1, (2026, 3, 10, 9)),
    ],
)
def test_business_days_are_counted_without_those_that_are_none(
    start: tuple[int, ...], days: int, found: tuple[int, ...]
) -> None:
    assert _SEOUL.days_after(at("Asia/Seoul", *start), days) == at("Asia/Seoul", *found)


def test_a_calendar_without_working_time_ends_its_search() -> None:
    idle = calendar("UTC", ((),) * 7)

    with pytest.raises(ConfigError, match="no working time in 10 years"):
        idle.add(datetime(2026, 1, 1, tzinfo=UTC), _HOUR)
    with pytest.raises(ConfigError, match="no working time in 10 years"):
        idle.days_after(datetime(2026, 1, 1, tzinfo=UTC), 1)


def test_a_kept_calendar_is_the_same_one() -> None:
    week = Week(
        zone="Europe/Paris",
        windows=SUNDAYS,
        holidays=frozenset({date(2026, 5, 1)}),
        yearly=frozenset({(12, 24)}),
    )

    again = week_of(week.as_json())

    assert (again, again.version) == (week, week.version)
    assert Hours("other name", week).version == week.version
    assert Week(zone="Europe/Rome", windows=SUNDAYS).version != week.version


_NAMES = st.sampled_from(sorted(CALENDARS))
_INSTANTS = st.datetimes(datetime(2008, 1, 1), datetime(2038, 1, 1), timezones=st.just(UTC))
_LENGTHS = st.timedeltas(timedelta(0), timedelta(hours=400))


@settings(max_examples=60, deadline=None)
@given(name=_NAMES, start=_INSTANTS, length=_LENGTHS, more=_LENGTHS)
def test_what_is_added_lies_between_in_any_pieces(
    name: str, start: datetime, length: timedelta, more: timedelta
) -> None:
    _check(CALENDARS[name], start, length, more)


def _check(counted: Calendar, start: datetime, length: timedelta, more: timedelta) -> None:
    due = counted.add(start, length)
    later = counted.add(start, length + more)

    assert counted.between(start, due) == length
    assert counted.between(due, start) == -length
    assert start <= due <= later
    assert counted.add(due, more) == later
    assert counted.between(start, due) + counted.between(due, later) == length + more


def test_twenty_thousand_random_questions_have_the_right_answers() -> None:
    """With seeded chance, so that a failure comes again."""
    chance = random.Random(4_2026)
    first = datetime(2020, 1, 1, tzinfo=UTC)
    for counted in CALENDARS.values():
        for _ in range(2_000):
            start = first + timedelta(seconds=chance.randrange(10 * 365 * 86_400))
            length = timedelta(seconds=chance.randrange(200 * 3600))
            _check(counted, start, length, timedelta(seconds=chance.randrange(50 * 3600)))


_ASK = """
from datetime import timedelta
from tests.unit.sla.calendars import CALENDARS, at
start = at("UTC", 2026, 3, 6, 17, 21)
for name, counted in CALENDARS.items():
    print(name, [counted.add(start, timedelta(hours=h)).isoformat() for h in range(0, 900, 7)])
"""


def test_the_answers_do_not_depend_on_the_time_zone_of_the_process() -> None:
    root = Path(__file__).parents[3]

    def answers(zone: str) -> str:
        environment = {**os.environ, "TZ": zone, "PYTHONPATH": str(root)}
        run = subprocess.run(
            [sys.executable, "-c", _ASK],
            env=environment, cwd=root, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return run.stdout

    zones = ("UTC", "Asia/Seoul", "America/St_Johns", "Pacific/Kiritimati")
    assert len({answers(zone) for zone in zones}) == 1


def test_a_day_that_a_zone_left_out_has_no_hours() -> None:
    apia, zone = CALENDARS["Apia, where a day is missing"], ZoneInfo("Pacific/Apia")
    begin, end = datetime(2011, 12, 29, tzinfo=zone), datetime(2012, 1, 1, tzinfo=zone)

    assert apia.between(begin, end) == 2 * 9 * _HOUR
