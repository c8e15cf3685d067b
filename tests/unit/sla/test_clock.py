"""One clock: paused, stopped, reopened, re-targeted, to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.unit.sla.promises import HOUR, seoul, terms
from workers.sla import clock as clocks
from workers.sla.calendar import ALWAYS
from workers.sla.clock import Clock, ClockState

_MONDAY = seoul(2026, 3, 2, 16)


def _started(hours: float = 4) -> Clock:
    return clocks.start("resolve", terms(hours), _MONDAY)


def test_a_pause_moves_the_due_time_by_the_working_time_that_it_took() -> None:
    clock = _started()
    assert clock.due_at == seoul(2026, 3, 3, 11)

    paused = clocks.pause(clock, seoul(2026, 3, 2, 17))
    resumed = clocks.resume(paused, seoul(2026, 3, 3, 11))

    assert (paused.due_at, paused.consumed) == (None, HOUR)
    assert resumed.due_at == seoul(2026, 3, 3, 14)
    assert resumed.generation == clock.generation + 1


def test_two_pauses_in_one_day_add_up() -> None:
    clock = _started(8)
    for pause, resume in ((16, 17), (10, 12), (13, 14)):
        day = 2 if pause == 16 else 3
        clock = clocks.pause(clock, seoul(2026, 3, day, pause))
        clock = clocks.resume(clock, seoul(2026, 3, day, resume))

    # 17-18, 9-10, 12-13 are three of the eight hours.
    assert clock.consumed == 3 * HOUR
    assert clock.due_at == seoul(2026, 3, 4, 10)


def test_a_pause_over_the_weekend_costs_nothing() -> None:
    friday = clocks.start("resolve", terms(4), seoul(2026, 3, 6, 17))

    paused = clocks.pause(friday, seoul(2026, 3, 6, 18))

    assert clocks.resume(paused, seoul(2026, 3, 9, 9)).due_at == friday.due_at


def test_what_is_done_in_time_is_met_and_what_is_not_is_missed_at_its_due_time() -> None:
    clock = _started()

    in_time = clocks.stop(clock, seoul(2026, 3, 3, 10, 59))
    too_late = clocks.stop(clock, seoul(2026, 3, 3, 15))

    assert (in_time.state, in_time.breached_at) == (ClockState.STOPPED, None)
    assert too_late.breached_at == seoul(2026, 3, 3, 11)
    assert too_late.consumed == 8 * HOUR


def test_a_stop_that_is_learnt_of_late_clears_its_clock() -> None:
    told = clocks.settle(_started(), seoul(2026, 3, 3, 12))
    assert told.breached_at

    assert clocks.stop(told, seoul(2026, 3, 3, 10)).breached_at is None


def test_a_paused_clock_is_not_missed() -> None:
    paused = clocks.pause(_started(), seoul(2026, 3, 2, 17))

    assert clocks.settle(paused, seoul(2026, 5, 1)).breached_at is None


def test_reopening_goes_on_without_the_time_between() -> None:
    stopped = clocks.stop(_started(), seoul(2026, 3, 2, 17))

    again = clocks.reopen(stopped, seoul(2026, 3, 5, 9))

    assert (again.consumed, again.due_at) == (HOUR, seoul(2026, 3, 5, 12))
    assert (again.stopped_at, again.is_reopened) == (None, True)
    missed = clocks.settle(again, seoul(2026, 3, 5, 13))
    assert (missed.breached_at, missed.is_reopened) == (seoul(2026, 3, 5, 12), True)


def test_reopening_does_not_mend_what_was_missed() -> None:
    late = clocks.stop(_started(), seoul(2026, 3, 4, 9))

    again = clocks.reopen(late, seoul(2026, 3, 5, 9))

    assert (again.breached_at, again.is_reopened) == (seoul(2026, 3, 3, 11), False)


def test_reopening_starts_afresh_where_that_is_agreed() -> None:
    clock = clocks.start("resolve", terms(4, restarts=True), _MONDAY)

    again = clocks.reopen(clocks.stop(clock, seoul(2026, 3, 2, 18)), seoul(2026, 3, 5, 9))

    assert again.due_at == seoul(2026, 3, 5, 13)


def test_another_target_takes_over_what_was_used() -> None:
    changed = clocks.retarget(_started(), terms(8), seoul(2026, 3, 2, 17))

    assert (changed.consumed, changed.due_at) == (HOUR, seoul(2026, 3, 3, 15))


def test_another_target_counts_afresh_where_that_is_agreed() -> None:
    changed = clocks.retarget(_started(), terms(8, carries=False), seoul(2026, 3, 2, 17))

    assert changed.due_at == seoul(2026, 3, 3, 16)


def test_raising_a_priority_too_late_is_no_fault_of_anybody() -> None:
    at = seoul(2026, 3, 3, 9)

    changed = clocks.retarget(_started(), terms(1), at)

    assert (changed.breached_at, changed.due_at, changed.is_retargeted) == (at, at, True)


def test_what_was_missed_before_stays_missed_when_the_target_grows() -> None:
    changed = clocks.retarget(_started(), terms(80), seoul(2026, 3, 3, 15))

    assert (changed.breached_at, changed.is_retargeted) == (seoul(2026, 3, 3, 11), False)


def test_a_paused_clock_gets_its_new_target_when_it_goes_on() -> None:
    paused = clocks.pause(_started(), seoul(2026, 3, 2, 17))

    changed = clocks.retarget(paused, terms(2), seoul(2026, 3, 3, 9))

    assert (changed.state, changed.due_at) == (ClockState.PAUSED, None)
    assert clocks.resume(changed, seoul(2026, 3, 4, 9)).due_at == seoul(2026, 3, 4, 10)


def test_coming_down_the_ladder_lets_a_clock_climb_it_again() -> None:
    warned = replace(_started(), told=75)
    at = seoul(2026, 3, 3, 10)  # three of four hours

    assert clocks.retarget(warned, terms(3.5), at).told == 75
    assert clocks.retarget(warned, terms(40), at).told == 0


def test_what_is_promised_late_counts_from_the_arrival() -> None:
    at = seoul(2026, 3, 3, 10)

    late = clocks.start_late("resolve", terms(8), _MONDAY, at, 3 * HOUR, 1)
    too_late = clocks.start_late("resolve", terms(2), _MONDAY, at, 3 * HOUR, 1)

    assert (late.started_at, late.consumed, late.due_at) == (
        _MONDAY, 3 * HOUR, seoul(2026, 3, 3, 15),
    )  # fmt: skip
    assert (too_late.breached_at, too_late.is_retargeted) == (at, True)


def test_used_time_and_percent_are_of_the_instant() -> None:
    clock = clocks.start("respond", terms(10, ALWAYS), _MONDAY)

    assert clock.used(_MONDAY + 5 * HOUR) == 5 * HOUR
    assert clock.percent(_MONDAY + 5 * HOUR) == 50
    assert clock.used(_MONDAY - timedelta(days=1)) == timedelta(0)
