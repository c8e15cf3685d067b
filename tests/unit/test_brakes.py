"""The decision whether a machine answers: every brake, and where it lets go again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon.settings import Limits
from workers.brakes import Past, Sender, decide

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIMITS = Limits()
PERSON = Sender(is_checked=True, is_robotic=False)
STRANGER = Sender(is_checked=False, is_robotic=False)
ROBOT = Sender(is_checked=True, is_robotic=True)


def past(*minutes: float, to_all: int = 0, to_domain: int = 0) -> Past:
    """Answers so many minutes ago, the newest first."""
    times = tuple(NOW - timedelta(minutes=each) for each in minutes)
    return Past(to_one=times, to_all=to_all, to_domain=to_domain)


@pytest.mark.parametrize(
    ("sender", "before", "why"),
    [
        (PERSON, past(), ""),
        (PERSON, past(*range(999)), ""),
        (PERSON, past(*(each / 2 for each in range(1000))), "1000 answers in a day"),
        (STRANGER, past(1, 2), ""),
        (STRANGER, past(1, 2, 9), "three answers within ten minutes: silence for a day"),
        (STRANGER, past(1, 2, 12), ""),
        (STRANGER, past(1400, 1401, 1402), "three answers within ten minutes: silence for a day"),
        (STRANGER, past(1441, 1442, 1443), ""),
        (STRANGER, past(100, 200, 300, 400), ""),
        (STRANGER, past(100, 200, 300, 400, 500), "5 answers in a day"),
        (STRANGER, past(100, 200, 300, 400, 1441), ""),
        (STRANGER, past(to_all=199), ""),
        (STRANGER, past(to_all=200), "200 answers in a minute to all"),
        (PERSON, past(to_all=200), ""),
        (STRANGER, Past(is_of_a_flood=True), "500 new people in an hour"),
        (PERSON, Past(is_of_a_flood=True), ""),
        (ROBOT, past(), ""),
        (ROBOT, past(59), "a robot gets one answer in an hour"),
        (ROBOT, past(61), ""),
        (ROBOT, past(61, 122), ""),
        (ROBOT, past(61, 122, 183), "a robot gets three answers"),
        (ROBOT, past(to_domain=2), ""),
        (ROBOT, past(to_domain=3), "robots of one domain get three answers in an hour"),
    ],
)
def test_decision(sender: Sender, before: Past, why: str) -> None:
    assert decide(sender, before, LIMITS, NOW) == why
