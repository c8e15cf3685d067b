"""The daily check of the clocks: those that are kept against those that the histories make."""

from __future__ import annotations

from datetime import datetime

from daemon.store import clocks, timers
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers.desk import Desk
from workers.reckon import reckon
from workers.tell import Teller

KIND = "check_clocks"
#: A transaction must not keep arrivals waiting: so many tickets, and the rest in another one.
_MOST = 50


def plan(writes: Writes, at: datetime, after: int = 0) -> None:
    """Check the open tickets after a number."""
    key = f"{KIND}:{at.date()}:{after}"
    timers.add(writes, [Timer(key=key, kind=KIND, at=at, data={"after": after})])


def check(writes: Writes, desk: Desk, timer: Timer, now: datetime) -> None:
    """Log every clock that is not as its history has it, and tell the admins once a day."""
    tx, ctx = writes.tx, desk.ctx
    numbers = clocks.tickets_after(tx, timer.data["after"], most=_MOST, only_open=True)
    found = [
        f"#{number} {line}"
        for number in numbers
        for line in reckon(tx, desk.calendars, number, now)
    ]
    for line in found:
        ctx.log.error("clock_apart", problem=line)
    if found:
        Teller(writes, desk, now).to_admins(
            f"{KIND}-{timer.at.date()}",
            title="Clocks are not as their tickets' histories have them: postdesk sla check",
            details="\n".join(found[:20]),
        )
    if len(numbers) == _MOST:
        plan(writes, timer.at, numbers[-1])
