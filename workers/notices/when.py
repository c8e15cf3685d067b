"""Instants as a reader says them, in his language and the desk's time zone. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_datetime, get_timezone_name

from daemon.errors import SettingsError


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

    def _instant(self, at: datetime, language: str, year: int, forms: tuple[str, str]) -> str:
        """In the first of the two forms (CLDR); in the other where the year is not ``year``."""
        local = at.astimezone(self._zone)
        form = forms[local.year != year]
        return format_datetime(local, form, tzinfo=self._zone, locale=_locale(language))

    @staticmethod
    def brief(local: datetime, language: str, form: str) -> str:
        """In a form (CLDR), on the clocks that the instant was given by."""
        return format_datetime(local, form, tzinfo=local.tzinfo, locale=_locale(language))

    def _zone_name(self, language: str) -> str:
        """The zone in words, without regard to summer time."""
        if self._zone.key in {"UTC", "Etc/UTC"}:
            return "UTC"
        return get_timezone_name(self._zone, locale=_locale(language), zone_variant="generic")


@lru_cache(maxsize=64)  # reading one costs as much as writing an instant
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")
