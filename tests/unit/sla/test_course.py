"""From a ticket's events to its clocks; and from its history to the same clocks again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sla.promises import HOUR, SEOUL, History, seoul, terms
from workers.sla.calendar import ALWAYS, Calendar
from workers.sla.clock import ClockState
from workers.sla.history import differences, replay

_PROMISE = {
    "P3": {
        "respond": terms(2),
        "resolve": terms(16),
        "next": terms(4),
        "update": terms(8),
        "own": terms(8),
        "task": terms(8),
        "supply": terms(40),
    },
    "P1": {"respond": terms(1, ALWAYS), "resolve": terms(4, ALWAYS)},
    "P2": {"resolve": terms(8, pauses=frozenset())},
}
_CALENDARS = {SEOUL.version: SEOUL, ALWAYS.version: ALWAYS}
_MONDAY = seoul(2026, 3, 2, 9)


#: What pauses an agreed clock, and what does not.
_WAITS = st.lists(
    st.tuples(
        st.integers(1, 40 * 60),
        st.sampled_from(
            [
                {"state": "waiting", "wait_reason": "customer"},
                {"state": "waiting", "wait_reason": "vendor"},
                {"state": "open", "wait_reason": ""},
                {"state": "resolved", "wait_reason": ""},
            ]
        ),
    ),
    max_size=8,
)


def _calendar_of(version: str) -> Calendar:
    return _CALENDARS[version]


@pytest.fixture
def history() -> History:
    return History(_PROMISE, _MONDAY)


def test_a_ticket_starts_what_is_promised_of_every_ticket(history: History) -> None:
    assert history.steps() == ["respond started", "resolve started", "own started"]
    assert history.of("respond").due_at == seoul(2026, 3, 2, 11)


def test_the_first_answer_stops_the_response_and_starts_the_news(history: History) -> None:
    when = _MONDAY + HOUR
    history.set(when, first_response_at=when.isoformat())
    history.message(when, "out")

    assert history.of("respond").stopped_at == when
    assert history.of("update").due_at == seoul(2026, 3, 2, 18)


def test_a_note_and_an_automatic_mail_change_nothing(history: History) -> None:
    history.message(_MONDAY + HOUR, "out", "internal")

    assert history.steps() == ["respond started", "resolve started", "own started"]


def test_the_oldest_message_that_is_not_answered_counts(history: History) -> None:
    first = _MONDAY + HOUR
    history.set(first, first_response_at=first.isoformat())
    history.message(first + HOUR, "in")
    history.message(first + 2 * HOUR, "in")

    assert history.of("next").started_at == first + HOUR

    history.message(first + 3 * HOUR, "out")
    history.message(first + 4 * HOUR, "in")

    assert [clock.serial for clock in history.clocks if clock.metric == "next"] == [1, 2]
    assert history.of("next").started_at == first + 4 * HOUR


def test_a_wait_that_is_agreed_pauses_the_work_and_nothing_else(history: History) -> None:
    history.set(_MONDAY + HOUR, state="waiting", wait_reason="customer")

    states = {clock.metric: clock.state for clock in history.clocks}
    assert states == {
        "respond": ClockState.RUNNING,
        "resolve": ClockState.PAUSED,
        "own": ClockState.PAUSED,
    }

    history.set(_MONDAY + 4 * HOUR, state="open", wait_reason="")

    assert history.of("resolve").due_at == seoul(2026, 3, 4, 10)


def test_a_wait_for_a_supplier_is_his_clock_and_stops_none_of_ours(history: History) -> None:
    history.set(_MONDAY + HOUR, state="waiting", wait_reason="vendor")

    assert history.of("resolve").state is ClockState.RUNNING
    assert history.of("supply").started_at == _MONDAY + HOUR

    history.set(_MONDAY + 2 * HOUR, wait_reason="customer")

    assert history.of("resolve").state is ClockState.PAUSED
    assert history.of("supply").state is ClockState.STOPPED


def test_waiting_until_a_time_pauses(history: History) -> None:
    until = seoul(2026, 3, 4, 9)
    history.set(_MONDAY + HOUR, state="waiting", wait_until=until.isoformat())

    assert history.of("resolve").state is ClockState.PAUSED


def test_a_hand_over_is_another_clock_of_another_team(history: History) -> None:
    history.set(_MONDAY + HOUR, team="network")

    first, second = (clock for clock in history.clocks if clock.metric == "own")
    assert (first.stopped_at, second.started_at) == (_MONDAY + HOUR, _MONDAY + HOUR)
    assert second.serial == 2


def test_resolution_stops_and_reopening_goes_on(history: History) -> None:
    history.set(_MONDAY + HOUR, state="resolved")
    assert {clock.state for clock in history.clocks} == {ClockState.STOPPED}

    history.set(_MONDAY + 3 * HOUR, state="open")

    assert history.of("resolve").due_at == seoul(2026, 3, 3, 18)
    assert history.of("respond").state is ClockState.STOPPED


@pytest.mark.parametrize("fields", [{"state": "cancelled"}, {"state": "rejected"}])
def test_what_is_withdrawn_counts_for_nothing(history: History, fields: dict[str, Any]) -> None:
    history.set(_MONDAY + HOUR, **fields)

    assert {clock.state for clock in history.clocks} == {ClockState.CANCELLED}


def test_a_duplicate_is_measured_where_it_belongs_to(history: History) -> None:
    history.set(_MONDAY + HOUR, state="resolved", resolution_code="duplicate")

    assert {clock.state for clock in history.clocks} == {ClockState.CANCELLED}


def test_a_priority_re_targets_and_drops(history: History) -> None:
    history.set(_MONDAY + HOUR, priority="P2")

    assert history.steps()[3:] == ["respond dropped", "resolve retargeted", "own dropped"]
    assert history.of("resolve").due_at == seoul(2026, 3, 2, 17)


def test_a_priority_with_more_promises_counts_them_from_the_arrival(history: History) -> None:
    quiet = History({"P1": _PROMISE["P1"]}, _MONDAY)
    assert quiet.steps() == []

    quiet.set(_MONDAY + 2 * HOUR, priority="P1")

    assert quiet.steps() == ["respond caught_up", "resolve caught_up"]
    assert quiet.of("respond").is_retargeted
    assert quiet.of("resolve").due_at == _MONDAY + 4 * HOUR


def test_a_clock_that_starts_while_the_customer_is_waited_for_is_paused() -> None:
    history = History({"P1": _PROMISE["P3"]}, _MONDAY)
    history.set(_MONDAY + HOUR, state="waiting", wait_reason="customer")
    history.set(_MONDAY + 2 * HOUR, priority="P1")

    assert history.of("resolve").state is ClockState.PAUSED
    assert history.of("respond").state is ClockState.RUNNING


def test_what_is_promised_late_does_not_count_the_time_of_waiting() -> None:
    history = History({"P1": _PROMISE["P1"]}, _MONDAY)
    history.set(_MONDAY + HOUR, state="waiting", wait_reason="customer")
    history.set(_MONDAY + 30 * HOUR, state="open", wait_reason="")
    history.set(_MONDAY + 31 * HOUR, priority="P1")

    resolve, respond = history.of("resolve"), history.of("respond")
    assert resolve.consumed == 2 * HOUR
    assert (resolve.due_at, resolve.breached_at) == (_MONDAY + 33 * HOUR, None)
    # An answer was owed all the time.
    assert (respond.consumed, respond.is_retargeted) == (31 * HOUR, True)


def test_what_is_promised_late_does_not_count_the_time_after_the_end() -> None:
    history = History({"P1": _PROMISE["P1"]}, _MONDAY)
    history.set(_MONDAY + HOUR, state="resolved")
    history.set(_MONDAY + 50 * HOUR, state="open")
    history.set(_MONDAY + 50 * HOUR, priority="P1")

    assert history.of("resolve").due_at == _MONDAY + 53 * HOUR


def test_what_is_promised_late_counts_a_wait_that_is_not_agreed() -> None:
    history = History({"P2": _PROMISE["P2"]}, _MONDAY)
    history.set(_MONDAY + HOUR, state="waiting", wait_reason="customer")
    history.set(_MONDAY + 4 * HOUR, state="open", wait_reason="")
    history.set(_MONDAY + 5 * HOUR, priority="P2")

    assert history.of("resolve").consumed == 5 * HOUR


@settings(max_examples=80, deadline=None)
@given(happenings=_WAITS)
def test_what_is_promised_late_stands_as_if_promised_from_the_beginning(
    happenings: list[tuple[int, dict[str, str]]],
) -> None:
    early, when = History({"P3": _PROMISE["P1"], "P1": _PROMISE["P1"]}, _MONDAY), _MONDAY
    late = History({"P1": _PROMISE["P1"]}, _MONDAY)
    for minutes, what in [*happenings, (1, {"state": "open", "wait_reason": ""})]:
        when += timedelta(minutes=minutes)
        early.set(when, **what)
        late.set(when, **what)
    late.set(when, priority="P1")

    assert late.of("resolve").consumed == early.of("resolve").used(when)


def test_clocks_of_tasks_are_opened_and_closed_by_name(history: History) -> None:
    history.clock(_MONDAY, what="opened", metric="task", subject="1")
    history.clock(_MONDAY + HOUR, what="opened", metric="task", subject="2")
    history.clock(_MONDAY + 2 * HOUR, what="closed", metric="task", subject="1")

    first, second = (clock for clock in history.clocks if clock.metric == "task")
    assert (first.subject, first.state) == ("1", ClockState.STOPPED)
    assert (second.subject, second.state) == ("2", ClockState.RUNNING)


def test_an_acknowledgement_stops_the_ladder_and_not_the_clock(history: History) -> None:
    until = _MONDAY + 4 * HOUR
    history.clock(_MONDAY + HOUR, what="acknowledged", until=until.isoformat())

    resolve = history.of("resolve")
    assert (resolve.quiet_until, resolve.state) == (until, ClockState.RUNNING)


_HAPPENINGS = st.lists(
    st.tuples(
        st.integers(1, 40 * 60),
        st.sampled_from(
            [
                {"state": "waiting", "wait_reason": "customer"},
                {"state": "waiting", "wait_reason": "vendor"},
                {"state": "waiting", "wait_reason": ""},
                {"state": "open", "wait_reason": ""},
                {"state": "resolved"},
                {"state": "cancelled"},
                {"priority": "P1"},
                {"priority": "P2"},
                {"priority": "P3"},
                {"priority": "P4"},
                {"team": "network"},
                {"team": "support"},
                {"owner": "ann"},
                "in",
                "out",
                "answer",
                "acknowledge",
                "task",
            ]
        ),
    ),
    max_size=14,
)


@settings(max_examples=80, deadline=None)
@given(happenings=_HAPPENINGS)
def test_a_history_makes_the_same_clocks_again(happenings: list[tuple[int, Any]]) -> None:
    history, when = History(_PROMISE, _MONDAY), _MONDAY
    for minutes, what in happenings:
        when += timedelta(minutes=minutes)
        _happen(history, when, what)

    again = replay(history.events, _calendar_of)

    assert [clock.key for clock in again.clocks] == [clock.key for clock in history.clocks]
    for stored, recomputed in zip(history.clocks, again.clocks, strict=True):
        assert list(differences(stored, recomputed, when)) == []
        assert stored.consumed <= when - stored.started_at


def _happen(history: History, when: Any, what: Any) -> None:
    match what:
        case "in" | "out":
            history.message(when, what)
        case "answer":
            history.set(when, first_response_at=when.isoformat())
            history.message(when, "out")
        case "acknowledge":
            until = (when + 4 * HOUR).isoformat()
            history.clock(when, what="acknowledged", until=until)
        case "task":
            history.clock(when, what="opened", metric="task", subject=when.isoformat())
        case _:
            history.set(when, **what)
