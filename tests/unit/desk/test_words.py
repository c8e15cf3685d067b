"""Text as words to be found by."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.desk.words import telling, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The VPN is down!", ("the", "vpn", "is", "down")),
        ("Error 0x80070005, again", ("error", "0x80070005", "again")),
        ("비밀번호를 잊었어요", ("비밀", "밀번", "번호", "호를", "잊었", "었어", "어요")),
        ("印刷", ("印刷",)),
        ("字", ("字",)),
        ("VPN에 연결", ("vpn", "에", "연결")),
        ("ＶＰＮ Straße", ("vpn", "strasse")),
        ("a_b-c.d", ("a", "b", "c", "d")),
        ("'); DROP--", ("drop",)),
        ("", ()),
    ],
)
def test_words_of_a_text(text: str, found: tuple[str, ...]) -> None:
    assert words(text) == found


def test_what_tells_nothing_is_left_out() -> None:
    assert telling("Re: the VPN is down, and the VPN is 2026 down") == ("vpn", "down")


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_in_ascii_a_word_is_letters_and_digits(text: str) -> None:
    assert words(text) == tuple(word[:40] for word in re.findall("[a-z0-9]+", text.lower()))


@given(st.text())
def test_words_have_nothing_that_a_database_could_obey(text: str) -> None:
    assert all((word and word.isalnum()) or not word.isascii() for word in words(text))
    assert not any(set(word) & set("'\"\\:&|!*() \x00") for word in words(text))


_HANGUL = st.text(alphabet="가나다라마바사", min_size=2, max_size=12)


@given(st.text(alphabet="ab ", max_size=5), _HANGUL, _HANGUL, _HANGUL)
def test_part_of_a_run_is_found_in_the_whole(lead: str, before: str, part: str, after: str) -> None:
    assert set(words(part)) <= set(words(f"{lead}{before}{part}{after}"))
