"""What answers do to a ticket, and which moves each type's table has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.desk.events import EventKind, evolve
from daemon.desk.people import PersonId
from daemon.desk.states import CATEGORY, MOVES, check_move
from daemon.desk.ticket import State, Ticket, TicketNumber, Type
from daemon.desk.update import Change, answered, heard, may_reopen, moved
from daemon.errors import IllegalMove

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TICKET = Ticket(number=TicketNumber(7), requester=PersonId(3), created_at=START, updated_at=START)


def _after(state: State) -> Change:
    change = Change(TICKET)
    change.set(START, "agent:ann", moved(TICKET, state, START), why="/test")
    return change


def test_first_answer_is_remembered_once() -> None:
    change = Change(TICKET)
    answered(change, START + timedelta(hours=1), "agent:ann")
    answered(change, START + timedelta(hours=2), "agent:ann")

    assert change.ticket.first_response_at == START + timedelta(hours=1)
    assert change.ticket.state is State.OPEN


def test_an_answer_reopens_what_was_resolved() -> None:
    change = _after(State.RESOLVED)
    heard(change, START + timedelta(days=1), "person:3")

    assert change.ticket.state is State.OPEN
    assert change.ticket.resolved_at is None
    assert change.ticket.reopen_count == 1


@pytest.mark.parametrize(("days", "may"), [(1, True), (14, True), (15, False)])
def test_a_late_answer_does_not_reopen(days: int, may: bool) -> None:
    ticket = _after(State.RESOLVED).ticket

    assert may_reopen(ticket, START + timedelta(days=days), timedelta(days=14)) is may


def test_a_change_keeps_what_was_before_it() -> None:
    change = _after(State.OPEN)

    [event] = change.events
    assert event.data == {"set": {"state": "open"}, "was": {"state": "new"}, "why": "/test"}


@pytest.mark.parametrize("kind", Type)
def test_every_move_is_checked_by_the_table(kind: Type) -> None:
    for old in State:
        for new in State:
            if new in MOVES[kind].get(old, ()):
                check_move(kind, old, new)
            else:
                with pytest.raises(IllegalMove):
                    check_move(kind, old, new)


@pytest.mark.parametrize("kind", Type)
def test_every_state_of_a_type_is_reached_and_has_a_meaning(kind: Type) -> None:
    reached = {State.NEW}.union(*MOVES[kind].values())

    assert reached == set(MOVES[kind])
    assert reached <= set(CATEGORY)


def test_only_a_request_waits_for_approval() -> None:
    check_move(Type.REQUEST, State.NEW, State.APPROVAL)

    with pytest.raises(IllegalMove, match="legal: cancelled, open, resolved, waiting"):
        check_move(Type.INCIDENT, State.NEW, State.APPROVAL)


_STEPS = st.one_of(st.sampled_from(State), st.sampled_from(["answered", "heard"]))


@given(st.lists(_STEPS, max_size=12))
def test_the_ticket_is_the_sum_of_its_events(steps: list[State | str]) -> None:
    change = Change(TICKET)
    for hour, step in enumerate(steps):
        at = START + timedelta(hours=hour)
        if isinstance(step, State):
            change.set(at, "agent:ann", moved(change.ticket, step, at))
        elif step == "answered":
            answered(change, at, "agent:ann")
        else:
            heard(change, at, "person:3")

    folded = TICKET
    for event in change.events:
        folded = evolve(folded, event)
    assert folded == change.ticket
    assert [event.seq for event in change.events] == list(range(1, len(change.events) + 1))
    assert all(event.kind is EventKind.CHANGED for event in change.events)
