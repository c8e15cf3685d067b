"""Whether the simulated month came to what it had to come to."""

from __future__ import annotations

import logging
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import select

from daemon.store import clocks as rows
from daemon.store.tables import events, outbox
from scripts.chaos.month import START, Month
from scripts.chaos.oracle import Told, Watch
from workers.clocks import clock_of
from workers.finishing import worded
from workers.reckon import reckon
from workers.sla.clock import Clock, settle
from workers.sla.history import TOLD

_T = TypeVar("_T")
_MINUTE = timedelta(minutes=1)
_NAMES = {"ann@desk.test": "ann", "bo@desk.test": "bo", "cho@desk.test": "cho"}
_ALERTS = frozenset({"sla_warning", "sla_breach", "escalation"})


def simulate(count: int, seed: int) -> int:
    """A month of so many tickets in a folder of its own; prints it, 1 if a promise was broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        month = Month(Path(folder), seed=seed)
        month.run(count)
        broken = verdict(month)
    print("\n".join(broken))
    print(
        f"{count} tickets, {len(month.oracle.told)} alerts, {month.store.deaths} deaths,"
        f" {month.naps} naps, {month.jumps} jumps: {len(broken)} promises broken"
    )
    return 1 if broken else 0


def verdict(month: Month) -> list[str]:
    """Every promise that was broken; none: the month is right."""
    found = list(_apart("told", Counter(month.oracle.told), Counter(_told(month))))
    wanted = Counter(
        (name, told.ticket, told.minute) for told in month.oracle.told for name in told.who
    )
    found += _apart("mailed", wanted, Counter(_mailed(month)))
    for ticket in sorted({ticket for ticket, _ in month.oracle.watches}):
        with month.store.read() as tx:
            lines = reckon(tx, month.desk.calendars, ticket, month.clock.now())
            found += [f"#{ticket} {line}" for line in lines]
            kept = {row.metric: clock_of(row, month.desk.calendars) for row in rows.of(tx, ticket)}
        for watch in month.oracle.of(ticket):
            found += _clock_apart(watch, kept[watch.metric], month)
    return found


def _apart(what: str, wanted: Counter[_T], found: Counter[_T]) -> Iterator[str]:
    for each in wanted - found:
        yield f"not {what}: {each}"
    for each in found - wanted:
        yield f"{what} and should not be: {each}"


def _minute(at: datetime) -> int:
    return (at - START) // _MINUTE


def _told(month: Month) -> Iterator[Told]:
    """What the tickets' histories say."""
    with month.store.read() as tx:
        for row in tx.execute(select(events).where(events.c.kind == "clock")):
            if row.data["what"] in TOLD:
                who = tuple(sorted(row.data["to"]))
                minute = _minute(row.at)
                yield Told(row.ticket, row.data["metric"], row.data["rank"], minute, who)


def _mailed(month: Month) -> Iterator[tuple[str, int, int]]:
    """Who was written to about which ticket, and when."""
    with month.store.read() as tx:
        for row in tx.execute(select(outbox)):
            name, minute = _NAMES[row.recipient], _minute(row.created_at)
            if row.kind in _ALERTS:
                yield name, row.ticket, minute
            elif row.kind == "catch_up":
                mail = message_from_bytes(worded(month.desk, row.notice), policy=policy.default)
                part = mail.get_body(("plain",))
                text = str(part.get_content()) if part else ""
                for number in re.findall(r"^ +#(\d+) ", text, re.MULTILINE):
                    yield name, int(number), minute


def _clock_apart(watch: Watch, clock: Clock, month: Month) -> Iterator[str]:
    now = month.clock.now()
    clock = settle(clock, now)
    watch.look(month.now)
    wanted = (
        watch.state, watch.at(month.now), watch.missed, watch.told,
        watch.retargeted and watch.missed is not None,
    )  # fmt: skip
    missed = None if clock.breached_at is None else _minute(clock.breached_at)
    found = (
        clock.state.value, clock.used(now) // _MINUTE, missed, clock.told, clock.is_retargeted,
    )  # fmt: skip
    if wanted != found:
        yield f"#{watch.ticket} {watch.metric} should be {wanted} and is {found}"
