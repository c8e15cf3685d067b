"""Ladders: how far up a clock is, and when it comes to the next rung."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.unit.sla.promises import HOUR, seoul, terms
from workers.sla import clock as clocks
from workers.sla.calendar import ALWAYS
from workers.sla.clock import Clock, settle, tell
from workers.sla.deadlines import following, highest
from workers.sla.ladder import BREACH, Again, Ladder, Rung, length_after, rank_after

_MONDAY = seoul(2026, 3, 2, 16)
_LADDER = Ladder(
    rungs=(
        Rung(rank=50),
        Rung(rank=75),
        Rung(rank=BREACH),
        Rung(rank=rank_after(2 * HOUR)),
    ),
    again=Again(every=4 * HOUR, to=(("admins",),)),
)


def _started(hours: float = 4) -> Clock:
    return clocks.start("resolve", terms(hours), _MONDAY)


def _climbed(clock: Clock, ladder: Ladder, until: datetime) -> list[tuple[datetime, int]]:
    """Every rung that is told up to an instant when each timer rings in time."""
    told = []
    while deadline := following(clock, ladder, 1, clock.told):
        if deadline.at > until:
            return told
        clock = settle(clock, deadline.at)
        rank = highest(clock, ladder, deadline.at)
        assert rank == deadline.rank
        told.append((deadline.at, rank))
        clock = tell(clock, rank)
    return told


def test_each_rung_comes_at_its_instant_in_business_time() -> None:
    assert _climbed(_started(), _LADDER, seoul(2026, 3, 5, 12)) == [
        (seoul(2026, 3, 2, 18), 50),
        (seoul(2026, 3, 3, 10), 75),
        (seoul(2026, 3, 3, 11), 100),
        (seoul(2026, 3, 3, 13), 220),
        (seoul(2026, 3, 3, 17), 460),
        (seoul(2026, 3, 4, 12), 700),
        (seoul(2026, 3, 4, 16), 940),
        (seoul(2026, 3, 5, 11), 1180),
    ]


def test_the_time_after_a_breach_may_have_a_calendar_of_its_own() -> None:
    around = Ladder(rungs=(Rung(rank=BREACH), Rung(rank=rank_after(12 * HOUR))), calendar=ALWAYS)

    assert _climbed(_started(), around, seoul(2026, 4, 1)) == [
        (seoul(2026, 3, 3, 11), 100),
        (seoul(2026, 3, 3, 23), 820),
    ]


def test_after_a_long_sleep_the_highest_rung_alone_speaks() -> None:
    clock = settle(_started(), seoul(2026, 3, 4, 13))

    assert highest(clock, _LADDER, seoul(2026, 3, 4, 13)) == 700
    after = following(tell(clock, 700), _LADDER, 1, 700)
    assert after
    assert (after.at, after.rank) == (seoul(2026, 3, 4, 16), 940)


def test_a_clock_that_was_stopped_in_time_tells_nothing() -> None:
    stopped = clocks.stop(_started(), seoul(2026, 3, 3, 10, 30))

    assert highest(stopped, _LADDER, seoul(2026, 3, 4, 9)) == 0
    assert following(stopped, _LADDER, 1, 0) is None


def test_a_clock_that_was_stopped_too_late_tells_its_breach_and_climbs_no_further() -> None:
    stopped = clocks.stop(_started(), seoul(2026, 3, 4, 13))

    assert highest(stopped, _LADDER, seoul(2026, 3, 9, 9)) == BREACH


def test_a_withdrawn_clock_tells_nothing() -> None:
    withdrawn = clocks.cancel(_started(), seoul(2026, 3, 4, 13))

    assert highest(withdrawn, _LADDER, seoul(2026, 3, 9, 9)) == 0


def test_a_paused_clock_stays_where_it_is_and_goes_on_from_there() -> None:
    clock = clocks.pause(tell(_started(), 50), seoul(2026, 3, 3, 9))
    assert following(clock, _LADDER, 1, 50) is None
    assert highest(clock, _LADDER, seoul(2026, 3, 9, 9)) == 50

    again = following(clocks.resume(clock, seoul(2026, 3, 5, 9)), _LADDER, 1, 50)

    assert again
    assert (again.at, again.rank) == (seoul(2026, 3, 5, 10), 75)


def test_an_acknowledgement_puts_off_what_comes_after_the_breach() -> None:
    missed = tell(settle(_started(), seoul(2026, 3, 3, 11)), BREACH)
    quiet = clocks.acknowledge(missed, seoul(2026, 3, 3, 17, 30))

    assert highest(quiet, _LADDER, seoul(2026, 3, 3, 14)) == BREACH
    after = following(quiet, _LADDER, 1, BREACH)
    assert after
    assert after.at == seoul(2026, 3, 3, 17, 30)
    assert highest(quiet, _LADDER, after.at) == 460


def test_only_the_highest_threshold_that_a_new_target_passes_fires() -> None:
    changed = clocks.retarget(_started(12), terms(4), seoul(2026, 3, 3, 10))

    first = following(changed, _LADDER, 1, changed.told)

    assert first
    assert first.at <= seoul(2026, 3, 3, 10)
    assert highest(changed, _LADDER, seoul(2026, 3, 3, 10)) == 75


def test_keys_differ_by_ticket_metric_serial_setting_and_rung() -> None:
    clock = _started()
    changed = clocks.retarget(clock, terms(4), _MONDAY)
    second = clocks.start("resolve", terms(4), _MONDAY, serial=2)
    deadlines = [
        following(each, _LADDER, ticket, told)
        for each in (clock, changed, second, clocks.start("respond", terms(4), _MONDAY))
        for ticket in (1, 11)
        for told in (0, 50)
    ]

    assert len({each.key for each in deadlines if each}) == len(deadlines) == 16


def test_a_rung_that_is_no_more_on_the_ladder_is_an_empty_one() -> None:
    assert _LADDER.rung(60) == Rung(rank=60)
    assert _LADDER.rung(460).to == (("admins",),)
    assert _LADDER.above(100) == Rung(rank=220)
    assert _LADDER.above(220) is None


def test_ranks_are_minutes_after_the_breach() -> None:
    assert rank_after(timedelta(minutes=90)) == 190
    assert length_after(190) == timedelta(minutes=90)


def test_a_paused_clock_tells_what_a_new_target_makes_of_it_at_once() -> None:
    at = seoul(2026, 3, 3, 9)
    paused = clocks.pause(_started(), at)

    passed = clocks.retarget(paused, terms(3), at)
    missed = clocks.retarget(paused, terms(1), at)

    for clock, rank in ((passed, 50), (missed, BREACH)):
        deadline = following(clock, _LADDER, 1, 0)
        assert deadline
        assert deadline.at == at
        assert highest(clock, _LADDER, at) == rank
    assert following(tell(passed, 50), _LADDER, 1, 50) is None
