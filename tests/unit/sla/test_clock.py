"""Clocks: when a target is due, and the timers that ring for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.sla.agreement import Agreement, Target, choose
from workers.sla.calendar import ALWAYS
from workers.sla.clock import Timer, start, timers

_AGREEMENT = Agreement(
    name="standard",
    targets={
        "P1": (
            Target(metric="respond", within=timedelta(hours=1)),
            Target(metric="resolve", within=timedelta(hours=4)),
        )
    },
)
_AT = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
_INSTANTS = st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones(), allow_imaginary=False
)


def test_every_target_of_the_priority_starts_a_clock() -> None:
    respond, resolve = start(_AGREEMENT, "P1", _AT)

    assert (respond.metric, respond.target) == ("respond", timedelta(hours=1))
    assert respond.started_at == _AT
    assert respond.due_at == _AT + timedelta(hours=1)
    assert respond.warn_at == _AT + timedelta(minutes=45)
    assert resolve.due_at == _AT + timedelta(hours=4)


def test_priority_without_targets_starts_none() -> None:
    assert start(_AGREEMENT, "P2", _AT) == ()
    assert choose([_AGREEMENT], "P2") is None
    assert choose([_AGREEMENT], "P1") is _AGREEMENT


def test_timers_are_a_warning_and_a_breach_with_keys_of_their_own() -> None:
    respond, _ = start(_AGREEMENT, "P1", _AT)

    assert timers(respond, 17) == (
        Timer(
            key="sla:17:respond:1:warn75",
            kind="sla_warn",
            at=_AT + timedelta(minutes=45),
            percent=75,
        ),
        Timer(
            key="sla:17:respond:1:breach",
            kind="sla_breach",
            at=_AT + timedelta(hours=1),
            percent=100,
        ),
    )


def test_no_two_timers_share_a_key() -> None:
    keys = [
        timer.key
        for ticket in (1, 11, 111)
        for clock in start(_AGREEMENT, "P1", _AT)
        for timer in timers(clock, ticket)
    ]

    assert len(set(keys)) == len(keys) == 12


@pytest.mark.parametrize(
    ("local", "due"),
    [
        (datetime(2026, 3, 8, 1, 30), "2026-03-08T06:30:00-04:00"),
        (datetime(2026, 11, 1, 0, 30), "2026-11-01T03:30:00-05:00"),
    ],
)
def test_four_hours_are_four_hours_when_the_clocks_change(local: datetime, due: str) -> None:
    zone = ZoneInfo("America/New_York")

    found = ALWAYS.add(local.replace(tzinfo=zone), 4 * 3600)

    assert found.astimezone(zone).isoformat() == due


@settings(deadline=None)
@given(at=_INSTANTS, seconds=st.integers(0, 10**8))
def test_what_is_added_lies_between(at: datetime, seconds: int) -> None:
    assert ALWAYS.between(at, ALWAYS.add(at, seconds)) == seconds


@settings(deadline=None)
@given(at=_INSTANTS, seconds=st.integers(0, 10**8), more=st.integers(0, 10**8))
def test_adding_is_additive_and_monotone(at: datetime, seconds: int, more: int) -> None:
    once = ALWAYS.add(at, seconds + more)

    assert ALWAYS.add(ALWAYS.add(at, seconds), more) == once
    assert once >= ALWAYS.add(at, seconds)
