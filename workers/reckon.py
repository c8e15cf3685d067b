"""Stored clocks against their tickets' histories: what is kept must be what happened."""

from __future__ import annotations

from datetime import datetime

from daemon.store import clocks, tickets
from daemon.store.engine import Tx
from workers.calendars import Calendars
from workers.clocks import clock_of
from workers.sla.history import differences, replay


def reckon(tx: Tx, calendars: Calendars, ticket: int, now: datetime) -> tuple[str, ...]:
    """In what the clocks of a ticket are not as its history makes them; nothing: they are."""
    history = tickets.history(tx, ticket)
    if not history:
        return ()
    stored = {
        clock.key: clock for row in clocks.of(tx, ticket) for clock in (clock_of(row, calendars),)
    }
    again = {clock.key: clock for clock in replay(history, calendars.of).clocks}
    found = [
        f"{_name(key)} is kept, but nothing started it" for key in stored.keys() - again.keys()
    ]
    found += [f"{_name(key)} was started, but is not kept" for key in again.keys() - stored.keys()]
    for key in stored.keys() & again.keys():
        found += [f"{_name(key)}: {line}" for line in differences(stored[key], again[key], now)]
    return tuple(sorted(found))


def _name(key: tuple[str, int]) -> str:
    metric, serial = key
    return metric if serial == 1 else f"{metric} {serial}"
