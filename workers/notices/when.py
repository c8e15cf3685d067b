"""Instants as a reader says them, in his language and the desk's time zone. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_datetime, get_timezone_name

from daemon.errors import SettingsError

#: By language: this year, another year. The library's own long forms read oddly in Korean, and
#: its short ones put the month first in English.
_PATTERNS: Final = {
    "en": ("EEE d MMM, HH:mm", "EEE d MMM y, HH:mm"),
    "ko": ("M월 d일 (EEE) HH:mm", "y년 M월 d일 (EEE) HH:mm"),
}


class Times:
    """The desk's time zone; remembers what it wrote, for one instant goes to many readers."""

    def __init__(self, timezone: str) -> None:
        try:
            self._zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError) as err:
            hint = "a name of the IANA list, as Asia/Seoul or UTC"
            raise SettingsError(f"timezone {timezone!r} is not known", hint=hint) from err
        self.instant = lru_cache(maxsize=4096)(self._instant)
        self.zone = lru_cache(maxsize=64)(self._zone_name)

    def _instant(self, at: datetime, language: str, year: int) -> str:
        """``Tue 10 Mar, 10:00``; with the year where it is not ``year``."""
        local = at.astimezone(self._zone)
        patterns = _PATTERNS.get(language)
        pattern = patterns[local.year != year] if patterns else "medium"
        return format_datetime(local, pattern, tzinfo=self._zone, locale=_locale(language))

    def _zone_name(self, language: str) -> str:
        """The zone in words, without regard to summer time."""
        if self._zone.key in {"UTC", "Etc/UTC"}:
            return "UTC"
        return get_timezone_name(self._zone, locale=_locale(language), zone_variant="generic")


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")
