"""One pass over a text finds what one search for each pattern finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.rules import scan
from workers.rules.scan import HEAVY_MOST, Scanner, is_heavy, mistake_in

_WORDS = st.lists(st.text("abc한 .*", min_size=1, max_size=4), max_size=8)


@settings(deadline=None)
@given(words=_WORDS, texts=st.lists(st.text("abc한 .*", max_size=30), max_size=3))
def test_scanner_finds_exactly_the_words_that_are_there(words: list[str], texts: list[str]) -> None:
    found = Scanner(words, is_literal=True).hits(texts)

    assert found == {word for word in words for text in texts if word in text}


@settings(deadline=None, max_examples=30)
@given(words=_WORDS, text=st.text("abc한 .*", max_size=30))
def test_scanner_divides_what_is_too_large_together(words: list[str], text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_SET_MEMORY", 1 << 11)
        found = Scanner(words, is_literal=True).hits([text, text])

    assert found == {word for word in words if word in text}


_WIDE = [rf"a\pL{{{number}}}x" for number in range(10, 50)]


def test_heavy_patterns_look_at_the_beginning_of_a_text() -> None:
    scanner = Scanner([*_WIDE, "vpn"], is_literal=False)
    word = "a" + "b" * 20 + "x"

    assert not scanner.is_one_pass
    assert scanner.hits([word]) == {r"a\pL{20}x"}
    assert scanner.hits([" " * (HEAVY_MOST - len(word)) + word + " vpn"]) == {r"a\pL{20}x", "vpn"}
    assert scanner.hits([" " * HEAVY_MOST + word + " vpn"]) == {"vpn"}


@pytest.mark.parametrize(
    ("pattern", "heavy"),
    [
        (r"\bvpn\b", False),
        (r"(foo|bar).*baz", False),
        (r"a{40}", False),
        (r".{9}", False),
        (r".{10}", True),
        (r"x.{0,40}y", True),
        (r"[ab]{5,}", False),
        (r"(ab){12}", True),
        (r"\p{Hangul}{2,20}", True),
        (r"\pL{9}", True),
    ],
)
def test_pattern_is_heavy_by_its_counts_and_its_size(pattern: str, heavy: bool) -> None:
    assert is_heavy(pattern) is heavy


def test_hostile_pattern_and_text_are_linear() -> None:
    # Ends at all: a backtracking matcher needs more than the age of the universe.
    scanner = Scanner([r"(a+)+$", r"(a|a)*b", r"(.*)*x"], is_literal=False)

    assert scanner.hits(["a" * 65_000 + "!"]) == frozenset()


def test_mistake_in_pattern_is_told_and_nothing_is_printed(capfd: object) -> None:
    assert mistake_in("a(b") == "missing ): a(b"
    assert mistake_in("a{2}") == ""
    assert "re2" not in str(capfd.readouterr())  # type: ignore[attr-defined]
