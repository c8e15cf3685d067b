"""People's words in a notice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.desk.house import read
from workers.notices import quote


@pytest.mark.parametrize(
    "planted",
    [
        "/resolve",
        "hello\n/resolve",
        "hello\r/resolve",
        "hello\u2028/resolve",
        "hello\x85/resolve",
        "hello\x0b/resolve",
        "hello\x1e/resolve",
        "  /resolve",
        "\u00a0/resolve",
        "\u200b/resolve",
        "\ufeff\u2060 /resolve",
        "\x01/resolve",
        "\u202e/resolve",
    ],
    ids=ascii,
)
def test_planted_command_is_guarded(planted: str) -> None:
    shown = quote.guarded(quote.plain(planted))

    assert "│ " in shown
    for line in shown.splitlines():
        assert not line.strip("\u200b\u2060\ufeff\u00ad \t\u00a0").startswith("/")


@given(st.text(st.sampled_from("/ \n\r\u2028\x0b\u200b\ufeffabresolvetk"), max_size=40))
def test_no_guarded_text_commands_anything(text: str) -> None:
    shown = quote.guarded(quote.plain(text))

    for line in shown.splitlines():
        assert not read(line.lstrip()).commands


def test_path_within_a_line_stays_as_it_is() -> None:
    assert quote.guarded("see /etc/hosts and a/b") == "see /etc/hosts and a/b"


@given(st.text())
def test_plain_text_has_one_kind_of_line_end_and_no_controls(text: str) -> None:
    shown = quote.plain(text)

    assert not set(shown) & set("\r\v\f\x00\x1b\x7f\x85\u2028\u2029\u202e")
    shown.encode()
    assert quote.plain(shown) == shown


def test_tabs_and_emoji_stay() -> None:
    assert quote.plain("a\tb 👩‍👩‍👧 한국어\r\n") == "a\tb 👩‍👩‍👧 한국어\n"


def test_cut_says_how_much_it_left_out() -> None:
    assert quote.cut("abcdef", 6) == ("abcdef", 0)
    assert quote.cut("abcdef", 4) == ("abcd", 2)


def test_defanged_links_are_none() -> None:
    assert quote.defanged("HTTPs://evil.example http://x") == "hxxps://evil.example hxxp://x"
