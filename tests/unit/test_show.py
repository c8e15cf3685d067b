"""What is printed moves no cursor and stands in columns."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import show

_ANY = st.text(alphabet=st.characters(exclude_categories=[]), max_size=200)


@given(text=_ANY)
def test_safe_leaves_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = show.safe(text)

    unsafe = {"Cc", "Cs", "Zl", "Zp"}
    assert not any(unicodedata.category(character) in unsafe for character in shown)
    assert not any(unicodedata.bidirectional(character) in _BIDI for character in shown)
    shown.encode()


_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(text=st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_safe_leaves_writing_alone(text: str) -> None:
    assert show.safe(text) == text


def test_safe_keeps_lines_where_asked() -> None:
    assert show.safe("a\nb\tc", lines=True) == "a\nb\\tc"
    assert show.safe("a\nb") == "a\\nb"


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("프린터", 6), ("e\u0301", 1), ("ｱ", 1), ("Ａ", 2), ("", 0)]
)
def test_width_is_what_a_terminal_gives(text: str, columns: int) -> None:
    assert show.width(text) == columns


def test_table_aligns_wide_characters_and_cuts_long_cells() -> None:
    lines = show.table(("A", "B"), [("프린터", 1), ("x" * 99, None), ("가" * 99, "\x1b[0m")])

    starts = [show.width(line[: line.index(mark)]) for line, mark in _marks(lines.splitlines())]
    assert starts == [62, 62, 62]
    assert "x" * 59 + "…" in lines
    assert "\x1b" not in lines


def _marks(lines: list[str]) -> list[tuple[str, str]]:
    return [(lines[0], "B"), (lines[1], "1"), (lines[3], "\\x1b")]


def test_pairs_leave_out_what_is_empty() -> None:
    assert show.pairs([("a", 1), ("bcd", ""), ("ef", None), ("g", 0)]) == "a  1\ng  0"


def test_no_cell_of_a_spreadsheet_is_a_formula() -> None:
    rows = [("=1+1", -2, "-2", " @x", "\tx", "plain, with comma"), (None, 1, "a=b", "＝1", "", "x")]

    assert show.csv_text(("a", "b", "c", "d", "e", "f"), rows).splitlines() == [
        "a,b,c,d,e,f",
        "'=1+1,-2,'-2,' @x,'\\tx,\"plain, with comma\"",
        ",1,a=b,'＝1,,x",
    ]
