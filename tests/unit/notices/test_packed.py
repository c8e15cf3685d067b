"""A notice that the outbox keeps is the notice that was decided."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workers.notices.notice import File, Kind
from workers.notices.packed import packed, unpacked
from workers.notices.sample import sample, samples


def test_every_notice_comes_back_as_it_was() -> None:
    for notice in samples("ko"):
        assert unpacked(packed(notice)) == notice


@given(text=st.text(max_size=80), data=st.binary(max_size=200))
@example("\0\x1b\u2028\ufeff", bytes(range(256)))
def test_words_and_files_come_back_as_they_were(text: str, data: bytes) -> None:
    file = File(name=text, content_type="application/pdf", data=data)
    notice = replace(sample(Kind.PUBLIC_REPLY), text=text, files=(file,))
    assert unpacked(packed(notice)) == notice


def test_half_a_character_is_kept_as_a_question_mark() -> None:
    notice = replace(sample(Kind.PUBLIC_REPLY), text="so \ud83d what", title="\udcff")
    kept = unpacked(packed(notice))
    assert (kept.text, kept.title) == ("so ? what", "?")


def test_what_is_as_by_default_is_not_kept() -> None:
    assert "similar" not in json.loads(packed(sample(Kind.ACKNOWLEDGEMENT)))


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "a_later_one"}'])
def test_notice_of_another_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        unpacked(text)
