"""The table from exceptions to replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon import errors
from daemon.smtp_data import Crowded, Endless
from daemon.smtp_reply import new_mark, new_queue_id, reply_to


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (errors.TooLarge(), "552 5.3.4"),
        (Endless(), "552 5.3.4"),
        (errors.NotAccepted(), "550 5.7.1"),
        (errors.StoreFull(), "452 4.3.1"),
        (Crowded(), "452 4.3.1"),
        (errors.StoreBusy(), "451 4.3.0"),
        (errors.StoreBroken(), "451 4.3.0"),
        (errors.SettingsError("x"), "451 4.3.0"),
        (ValueError("secret"), "451 4.3.0"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_reply_is_permanent_only_for_the_senders_fault(error: Exception, reply: str) -> None:
    said = reply_to(error, "abcd")

    assert said.startswith(reply)
    assert "secret" not in said
    assert said.endswith("id abcd") is said.startswith("4")


def test_queue_ids_differ_and_sort_by_time() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [new_queue_id(now + timedelta(milliseconds=number)) for number in range(1000)]

    assert ids == sorted(ids)
    assert len({new_queue_id(now) for _ in range(1000)}) == 1000
    assert {len(each) for each in ids} == {26}
    assert len(new_mark()) == 8
