"""A ticket's clocks follow what happens to it, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.events import EventKind
from daemon.desk.update import Change
from daemon.store import clocks, timers
from daemon.store.engine import Tx
from daemon.store.writes import Writes


def follow(tx: Tx, change: Change, now: datetime) -> None:
    """Stop the clocks whose end this change is: the first answer, the resolution."""
    before, after = change.before, change.ticket
    if before.first_response_at is None and after.first_response_at is not None:
        _stop(tx, change, "respond", now)
    if after.is_done and not before.is_done:
        for clock in clocks.of(tx, after.number):
            if clock.state == "running":
                _stop(tx, change, clock.metric, now)


def resume(writes: Writes, change: Change, now: datetime) -> None:
    """A reopened ticket's resolve clock goes on; the time that it spent resolved is left out."""
    if not change.before.is_done or change.ticket.is_done:
        return
    for clock in clocks.of(writes.tx, change.ticket.number):
        if clock.metric != "resolve" or clock.stopped_at is None:
            continue
        due_at = clock.due_at + (now - clock.stopped_at)
        clocks.change(
            writes.tx, clock.ticket, "resolve", state="running", stopped_at=None, due_at=due_at
        )
        generation = change.ticket.last_event
        key = f"sla:{clock.ticket}:resolve:{generation}:breach"
        data = {"metric": "resolve", "percent": 100}
        if clock.breached_at is None:
            wanted = timers.Timer(
                key=key, kind="sla_breach", at=due_at, ticket=clock.ticket, data=data
            )
            timers.add(writes, [wanted])
        change.record(
            now,
            "clock:resolve",
            EventKind.CLOCK,
            metric="resolve",
            what="resumed",
            due_at=due_at.isoformat(),
        )


def _stop(tx: Tx, change: Change, metric: str, now: datetime) -> None:
    clocks.change(tx, change.ticket.number, metric, state="stopped", stopped_at=now)
    timers.cancel(tx, change.ticket.number, metric)
    change.record(now, f"clock:{metric}", EventKind.CLOCK, metric=metric, what="stopped")
