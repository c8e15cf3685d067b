"""A rule's time has come: it is asked, unless what it counted from has happened again."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.update import Change
from daemon.errors import UnknownTicket
from daemon.store import tickets
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers import clocks, ruling
from workers.desk import Desk
from workers.rules.trigger import Trigger
from workers.ruletimers import beginnings_of
from workers.ruling import Scene


def elapsed(writes: Writes, desk: Desk, timer: Timer, now: datetime) -> None:
    """Ask the rule of a timer, as it is now; a rule that is gone has nothing to say."""
    writes.flush()
    try:
        change = Change(tickets.get(writes.tx, timer.ticket or 0, lock=True))
    except UnknownTicket:
        return
    since = str(timer.data["since"])
    history = tickets.history(writes.tx, change.ticket.number)
    latest = max((event.seq for event in history if since in beginnings_of(event)), default=0)
    if latest != timer.data["seq"]:
        return
    scene = Scene(
        writes=writes,
        desk=desk,
        rules=desk.rules.current(),
        now=now,
        unique=f"timer{timer.id}",
    )
    ruled = ruling.happened(scene, change, Trigger.AFTER, rule=str(timer.data["rule"]))
    clocks.follow(writes, desk, scene.rules, change, now)
    tickets.save(writes.tx, change)
    ruled.carry_out()
