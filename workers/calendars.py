"""Calendars by version: those of the rules in force, and those that clocks were started with."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from daemon.errors import ConfigError
from daemon.store import clocks
from daemon.store.clocks import KeptCalendar
from daemon.store.engine import Store
from workers.sla.agreement import Agreement
from workers.sla.calendar import ALWAYS, Calendar
from workers.sla.hours import Hours
from workers.sla.week import week_of


class Calendars:
    """Every calendar that a clock may count by; a version never changes once it is kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, Calendar] = {ALWAYS.version: ALWAYS}

    def introduce(self, agreements: Iterable[Agreement]) -> None:
        """Keep the calendars of these agreements; to be called outside of any transaction."""
        wanted = {each.calendar.version: each.calendar for each in agreements}
        new = [each for version, each in wanted.items() if version not in self._known]
        if not new:
            return
        with self._lock:
            with self._store.begin() as tx:
                clocks.keep_calendars(tx, [_kept(each) for each in new if isinstance(each, Hours)])
            self._known = {**self._known, **{each.version: each for each in new}}

    def of(self, version: str) -> Calendar:
        """The calendar of this version, as it was. Raises ConfigError when nobody kept it."""
        if version not in self._known:
            self._recall()
        if version not in self._known:
            raise ConfigError(f"no calendar of the version {version} was kept")
        return self._known[version]

    def _recall(self) -> None:
        with self._lock:
            with self._store.read() as tx:
                kept = {
                    each.version: Hours(each.name, week_of(each.week))
                    for each in clocks.kept_calendars(tx)
                }
            self._known = {**kept, **self._known}


def _kept(calendar: Hours) -> KeptCalendar:
    return KeptCalendar(version=calendar.version, name=calendar.name, week=calendar.week.as_json())
