"""The job that rings due timers: clocks, tickets that waited long enough, the daily audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from daemon.errors import StoreError
from daemon.store import timers
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers import (
    alert,
    audit,
    audit_clocks,
    catch_up,
    clocks,
    digests,
    patience,
    ruletimers,
    waiting,
)
from workers.alert import Alert
from workers.desk import Desk
from workers.elapsed import elapsed

_WAIT = timedelta(seconds=2)
#: So many are rung in one transaction: enough that what comes late comes in one mail, and few
#: enough that an arrival does not wait for them.
MOST = 100


def ring(desk: Desk, timer_id: int) -> None:
    """Ring this timer and every other that is due."""
    desk.introduce()
    while due := _claim(desk):
        _ring_batch(desk, due)
        desk.ctx.ring("deliver", 0)


def _claim(desk: Desk) -> list[Timer]:
    ctx, work = desk.ctx, desk.ctx.settings.work
    now = ctx.clock.now()
    lease = timedelta(seconds=work.lease_seconds)
    with ctx.store.begin() as tx:
        return timers.claim(tx, now=now, lease_until=now + lease, most=MOST)


def _ring_batch(desk: Desk, due: Sequence[Timer]) -> None:
    """All in one transaction; when one fails, all are rolled back and each has its own."""
    if len(due) > 1:
        try:
            _ring_together(desk, due)
        except Exception as err:  # noqa: BLE001  whatever it was, it comes again below, alone
            desk.ctx.log.info("ring_divided", timers=len(due), error=type(err).__name__)
        else:
            return
    for timer in due:
        _ring_alone(desk, timer)


def _ring_alone(desk: Desk, timer: Timer) -> None:
    try:
        _ring_together(desk, [timer])
    except StoreError as err:
        with desk.ctx.store.begin() as tx:
            timers.defer(tx, timer.id, until=desk.ctx.clock.now() + _WAIT, error=str(err))
    except Exception as err:
        desk.ctx.log.exception("ring_failed", timer=timer.key, ticket=timer.ticket)
        _fail(desk, timer, err)


def _audit(writes: Writes, desk: Desk, timer: Timer, now: datetime) -> None:
    audit.audit(writes, desk, now)


#: What rings for which kind of timer.
_KINDS: Mapping[str, Callable[[Writes, Desk, Timer, datetime], Alert | None]] = {
    clocks.KIND: alert.climb,
    patience.KIND: waiting.ring,
    audit.KIND: _audit,
    audit_clocks.KIND: audit_clocks.check,
    ruletimers.KIND: elapsed,
    digests.KIND: digests.send,
}


def _ring_together(desk: Desk, due: Sequence[Timer]) -> None:
    """What the timers cause, its mails, and that they have rung: all of it or nothing."""
    now = desk.ctx.clock.now()
    with desk.ctx.store.begin() as tx:
        writes = Writes(tx)
        rung = (_KINDS[timer.kind](writes, desk, timer, now) for timer in due)
        catch_up.post(writes, desk, [found for found in rung if found], now)
        writes.flush()
        for timer in due:
            timers.done(tx, timer.id)
    for timer in due:
        desk.ctx.log.info("timer_rang", timer=timer.key, ticket=timer.ticket)


def _fail(desk: Desk, timer: Timer, err: Exception) -> None:
    """Tried again a few times, then held; what would have come after it comes all the same."""
    error, now = f"{type(err).__name__}: {err}", desk.ctx.clock.now()
    with desk.ctx.store.begin() as tx:
        if timer.attempts < desk.ctx.settings.limits.attempts:
            timers.defer(tx, timer.id, until=now + _WAIT * 2**timer.attempts, error=error)
            return
        timers.hold(tx, timer.id, error=error)
        if timer.kind == clocks.KIND:
            writes = Writes(tx)
            alert.pass_over(writes, desk, timer)
            writes.flush()
