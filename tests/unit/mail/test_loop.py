"""The mark by which our own mails are known: signed, and nothing else is one."""

from __future__ import annotations

import pytest

from daemon.mail.loop import is_ours, mark

KEYS = (b"k" * 32,)


def test_own_mark_is_known_among_others() -> None:
    assert is_ours(KEYS, ["postmaster@else.test", mark(KEYS)])


def test_mark_of_an_older_key_is_still_ours() -> None:
    assert is_ours((b"n" * 32, *KEYS), [mark(KEYS)])


@pytest.mark.parametrize(
    "value",
    ["", "postdesk-", "postdesk", mark((b"x" * 32,)), mark(KEYS)[:-1], f"{mark(KEYS)}a", "é"],
)
def test_false_mark_is_none(value: str) -> None:
    assert not is_ours(KEYS, [value])
