"""Until when somebody is away: one reading or none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.away import away_until

WRITTEN = date(2026, 3, 2)

TEXTS = {
    "en-back": ("I am out of the office and will be back on March 9, 2026.", "2026-03-09"),
    "en-range": ("Away from 2 March to 8 March, back on 9th of March.", "2026-03-09"),
    "iso": ("Out until 2026-03-09.", "2026-03-09"),
    "de": ("Ich bin bis zum 13.03.2026 nicht im Büro.", "2026-03-13"),
    "de-short": ("Ich bin vom 2.3. bis 6.3. abwesend.", "2026-03-06"),
    "de-word": ("Ich bin ab dem 9. März wieder erreichbar.", "2026-03-09"),
    "fr": ("Je serai absent jusqu'au 1er avril 2026.", "2026-04-01"),
    "es": ("Estaré fuera hasta el 9 de marzo de 2026.", "2026-03-09"),
    "ko": ("3월 9일까지 부재중입니다.", "2026-03-09"),
    "ko-range": ("휴가 기간: 3월 2일 ~ 9일", "2026-03-09"),
    "ko-year": ("2026년 3월 9일부터 근무합니다.", "2026-03-09"),
    "ko-dots": ("복귀일: 2026. 3. 9.", "2026-03-09"),
    "ja": ("3月9日まで不在です。", "2026-03-09"),
    "slash-one-reading": ("Back on 3/25/2026.", "2026-03-25"),
    "next-year": ("Back on 9 January.", None),
    "slash-two-readings": ("Back on 4/5/2026.", None),
    "past": ("Since 1 March 2026 I have a new number.", None),
    "far": ("My contract ends on 2029-01-01.", None),
    "none": ("I am away. In urgent cases call 02-123-4567.", None),
    "no-such-day": ("Back on 31 April 2026 or 30.2.2026.", None),
}


@pytest.mark.parametrize(("text", "until"), TEXTS.values(), ids=TEXTS)
def test_last_day_named_is(text: str, until: str | None) -> None:
    found = away_until(text, WRITTEN)

    assert (found.isoformat() if found else None) == until


def test_december_answers_for_january() -> None:
    assert away_until("Back on 9 January.", date(2025, 12, 20)) == date(2026, 1, 9)


@given(st.text(max_size=500), st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_any_text_is_read(text: str, written: date) -> None:
    found = away_until(text, written)

    assert found is None or found >= written
