"""Until when somebody is away, as his automatic answer says in words. Pure.

A guess for an agent to read, never for a clock: no date at all rather than one of two readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

_NAMES: Final = (
    ("jan|januar|january|janvier|enero|gennaio|januari|janeiro|styczni?a?|января", 1),
    (
        "feb|februar|february|février|fevrier|febrero|febbraio|februari|fevereiro|luty|lutego|февраля",
        2,
    ),
    ("mar|märz|maerz|march|mars|marzo|maart|março|marzec|marca|марта", 3),
    ("apr|april|avril|abril|aprile|kwietnia|апреля", 4),
    ("mai|may|mayo|maggio|mei|maio|maja|мая", 5),
    ("jun|juni|june|juin|junio|giugno|junho|czerwca|июня", 6),
    ("jul|juli|july|juillet|julio|luglio|julho|lipca|июля", 7),
    ("aug|august|août|aout|agosto|augustus|sierpnia|августа", 8),
    ("sep|sept|september|septembre|septiembre|settembre|setembro|września|сентября", 9),
    ("oct|okt|oktober|october|octobre|octubre|ottobre|outubro|października|октября", 10),
    ("nov|november|novembre|noviembre|novembro|listopada|ноября", 11),
    ("dec|dez|dezember|december|décembre|decembre|diciembre|dicembre|dezembro|grudnia|декабря", 12),
)
_MONTHS: Final = {name: number for names, number in _NAMES for name in names.split("|")}
_MONTH: Final = "(?P<n>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR: Final = r"(?:,?\s{0,2}(?:de |del )?(?P<y>20[0-9]{2}))?"
#: A range's first day: ``3월 2일 ~ 9일``.
_FROM_DAY: Final = r"(?:[0-9]{1,2}\s?[일日]?(?:\s?\([^)]{1,3}\))?\s?[~∼〜～–-]\s?)?"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-03-09, 2026. 3. 9., 2026년 3월 9일, 2026年3月9日
        (
            r"(?<![0-9])(?P<y>20[0-9]{2})\s?[-/.년年]\s?(?P<m>[0-9]{1,2})\s?[-/.月월]\s?"
            rf"{_FROM_DAY}(?P<d>[0-9]{{1,2}})(?![0-9])"
        ),
        # 3월 9일, 3月9日
        (
            r"(?<![0-9년年.]\s)(?<![0-9년年.-])(?P<m>[0-9]{1,2})\s?[월月]\s?"
            rf"{_FROM_DAY}(?P<d>[0-9]{{1,2}})\s?[일日]"
        ),
        # 9.3.2026, 09.03.26, 9.3.
        (
            r"(?<![0-9.])(?<![0-9.]\s)(?P<d>[0-9]{1,2})\.\s?(?P<m>[0-9]{1,2})\."
            r"(?:\s?(?P<y>(?:20)?[0-9]{2})(?![0-9:.]))?"
        ),
        # 9 March 2026, 9th of March, 9. März, 9 de marzo de 2026, 1er mars
        (
            r"(?<![0-9])(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|\.|º|ª)?\s{0,2}(?:of |de |d[ie'’] ?)?"
            rf"{_MONTH}(?!\w){_YEAR}"
        ),
        # March 9th, 2026
        rf"(?<!\w){_MONTH}\s(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9:]){_YEAR}",
    )
)
#: 9/3/2026 and 3/9: the day or the month first.
_SLASHED: Final = re.compile(
    r"(?<![0-9/])(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2})(?:/(?P<y>(?:20)?[0-9]{2}))?(?![0-9/])"
)
_LONGEST: Final = timedelta(days=200)
_PAST: Final = timedelta(days=60)
_CHARACTERS: Final = 4000


def away_until(text: str, written: date) -> date | None:
    """The last day that the text names within the half-year after it was written, if any."""
    text = text[:_CHARACTERS]
    found = [day for day in _days(text, written) if written <= day <= written + _LONGEST]
    return max(found, default=None)


def _days(text: str, written: date) -> Iterator[date]:
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            month = parts.get("m") or _MONTHS[str(parts["n"]).lower()]
            yield from _day(parts.get("y"), int(month), int(found["d"]), written)
    for found in _SLASHED.finditer(text):
        yield from _either(found, written)


def _either(found: re.Match[str], written: date) -> Iterator[date]:
    """The reading that can be meant, if only one can."""
    one, other = int(found["a"]), int(found["b"])
    readings = {
        day for a, b in ((one, other), (other, one)) for day in _day(found["y"], a, b, written)
    }
    likely = [day for day in readings if written <= day <= written + _LONGEST]
    if len(likely) == 1:
        yield likely[0]


def _day(year: str | None, month: int, day: int, written: date) -> Iterator[date]:
    """That day; of a year that is not named, the next one that comes."""
    try:
        if year:
            yield date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
            return
        this = date(written.year, month, day)
        yield this if this >= written - _PAST else this.replace(year=written.year + 1)
    except ValueError:
        return
