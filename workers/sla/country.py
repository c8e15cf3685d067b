"""Public holidays of countries and of their parts, from the ``holidays`` library. Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

#: The years that are looked up once, when the rules are read; a calendar keeps what it found.
YEARS = range(2020, 2051)


@lru_cache
def countries() -> dict[str, tuple[str, ...]]:
    """Every country that is known, by its two letters, and its parts with days of their own."""
    # Not at the top: the library takes a third of a second, and most desks name no country.
    from holidays import list_supported_countries

    return {
        country: tuple(parts)
        for country, parts in list_supported_countries().items()
        if len(country) == len("KR")
    }


@lru_cache
def holidays_of(country: str, part: str = "") -> frozenset[date]:
    """The public holidays of a known country, with those of a known part of it."""
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=part or None, years=YEARS))
