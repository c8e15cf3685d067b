"""Robots that do not say that they are some: answered a few times, then kept in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.mail import loop
from daemon.store.tables import events, inbox, outbox, tickets
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers.brakes import TAG


def test_strangers_are_answered_thrice_at_once_and_five_times_a_day(work: Work) -> None:
    for word in ("one", "two", "three", "four", "five", "six"):
        work.arrive(bytes(mail("x@else.test", f"Word {word}", f"It is {word}.")), trusted=False)
    for word in ("one", "two", "three", "four", "five", "six"):
        work.arrive(bytes(mail("y@else.test", f"Word {word}", f"It is {word}.")), trusted=False)
        work.take_in()
        work.clock.advance(timedelta(minutes=11))

    assert answered(work, "x@else.test") == 3
    assert answered(work, "y@else.test") == 5
    assert len(work.rows(tickets)) == 12


def test_spellings_of_one_address_share_its_brake(work: Work) -> None:
    for number, word in enumerate(("one", "two", "three", "four")):
        who = "x@else.test" if number % 2 else "X@Else.test"
        work.arrive(bytes(mail(who, f"Word {word}", f"It is {word}.")), trusted=False)
    work.take_in()

    assert answered(work, "x@else.test") == 3


def test_people_on_a_checked_road_are_answered_each_time(work: Work) -> None:
    for word in ("printer", "chair", "lamp", "door", "phone", "desk"):
        work.arrive(bytes(mail("carol@acme.test", f"The {word}", f"My {word} is broken.")))
    work.take_in()

    assert answered(work, "carol@acme.test") == 6


def test_vacation_robot_is_answered_once_an_hour_and_three_times_in_all(work: Work) -> None:
    for hour in range(6):
        for number in range(3):
            text = f"I am away until the 24th.\n{hour}:{number}"
            work.arrive(bytes(mail("robot@acme.test", f"Away {hour}{number}", text)))
            work.take_in()
            work.clock.advance(timedelta(minutes=20, seconds=1))

    assert answered(work, "robot@acme.test") == 3
    assert len(work.rows(tickets)) == 18


def test_a_brake_leaves_its_reason_and_a_tag_on_the_ticket(work: Work) -> None:
    for number in range(2):
        work.arrive(bytes(mail("robot@acme.test", f"Away {number}", "I am away.")))
        work.take_in()

    first, second = work.rows(tickets)
    assert (first.tags, second.tags) == ([], [TAG])
    whys = {row.data.get("why") for row in work.rows(events) if row.ticket == second.number}
    assert "a robot gets one answer in an hour" in whys


def test_robot_that_quotes_our_number_from_ever_other_addresses_is_stopped(work: Work) -> None:
    for number in range(9):
        subject = f"Your request 77{number}: [#{number}] received" if number else "Hello"
        work.arrive(bytes(mail(f"case{number}@crm.test", subject, f"Thank you! {'x' * number}")))
        work.take_in()
        work.clock.advance(timedelta(seconds=5))

    # The first of them is no robot yet.
    assert sum(answered(work, f"case{number}@crm.test") for number in range(9)) == 1 + 3


def test_answers_to_the_people_of_a_domain_leave_its_robots_theirs(work: Work) -> None:
    for number, word in enumerate(("printer", "chair", "lamp", "door")):
        work.arrive(bytes(mail(f"person{number}@crm.test", f"The {word}", f"My {word} broke.")))
    work.take_in()
    for number in range(5):
        work.arrive(bytes(mail(f"robot{number}@crm.test", "Case: [#1] received", "We are on it.")))
    work.take_in()

    assert sum(answered(work, f"person{number}@crm.test") for number in range(4)) == 4
    assert sum(answered(work, f"robot{number}@crm.test") for number in range(5)) == 3


@pytest.mark.parametrize(("received", "state"), [(50, "done"), (51, "held")])
def test_mail_that_went_in_a_circle_is_held(work: Work, received: int, state: str) -> None:
    trace = b"Received: from a.test by b.test; Mon, 23 Nov 2026 10:00:00 +0000\r\n" * received
    work.arrive(trace + bytes(mail("carol@acme.test", "Circle", "Round and round.")))
    work.take_in()

    [row] = work.rows(inbox)
    assert (row.state, row.subject) == (state, "Circle")


def test_own_mark_is_kept_in_silence_and_a_false_one_is_ignored(work: Work) -> None:
    own = loop.mark(work.desk.ctx.keys)
    work.arrive(bytes(mail("list@acme.test", "Back again", "Yours.", X_Loop=own)))
    work.arrive(bytes(mail("carol@acme.test", "False", "Mine.", X_Loop=own[:-1])))
    work.take_in()

    assert [(row.state, row.fate) for row in work.rows(inbox)] == [
        ("done", "automatic"),
        ("done", "ticket"),
    ]
    assert answered(work, "list@acme.test") == 0
    assert answered(work, "carol@acme.test") == 1


def test_every_mail_of_ours_has_the_mark(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()

    field = f"\r\nX-Loop: {loop.mark(work.desk.ctx.keys)}\r\n".encode()
    assert [row.raw.count(field) for row in work.rows(outbox)] == [1, 1, 1]


def answered(work: Work, address: str) -> int:
    """How many automatic mails somebody was sent."""
    return sum(row.is_automatic and row.recipient == address for row in work.rows(outbox))
