"""One pass over a text finds what one search for each pattern finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.rules.scan import Scanner, mistake_in

_WORDS = st.lists(st.text("abc한 .*", min_size=1, max_size=4), max_size=8)


@settings(deadline=None)
@given(words=_WORDS, texts=st.lists(st.text("abc한 .*", max_size=30), max_size=3))
def test_scanner_finds_exactly_the_words_that_are_there(words: list[str], texts: list[str]) -> None:
    found = Scanner(words, is_literal=True).hits(texts)

    assert found == {word for word in words for text in texts if word in text}


def test_scanner_of_patterns_too_large_for_one_automaton_still_finds() -> None:
    patterns = [rf"a\pL{{{number}}}x" for number in range(10, 50)]
    text = "a" + "b" * 20 + "x"
    scanner = Scanner(patterns, is_literal=False)

    assert not scanner.is_one_pass
    assert scanner.hits([text]) == {r"a\pL{20}x"}


def test_hostile_pattern_and_text_are_linear() -> None:
    # Ends at all: a backtracking matcher needs more than the age of the universe.
    scanner = Scanner([r"(a+)+$", r"(a|a)*b", r"(.*)*x"], is_literal=False)

    assert scanner.hits(["a" * 65_000 + "!"]) == frozenset()


def test_mistake_in_pattern_is_told_and_nothing_is_printed(capfd: object) -> None:
    assert mistake_in("a(b") == "missing ): a(b"
    assert mistake_in("a{2}") == ""
    assert "re2" not in str(capfd.readouterr())  # type: ignore[attr-defined]
