"""A clock: one target of one ticket, and all that can happen to it. Pure.

Every step takes the instant at which it happens and returns the clock after it; what has been
missed by then is missed first, so that the order in which a desk learns of things changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from workers.sla.agreement import Terms

_NONE = timedelta(0)


class ClockState(StrEnum):
    """Whether time counts."""

    RUNNING = "running"
    PAUSED = "paused"
    #: What was promised is done.
    STOPPED = "stopped"
    #: It counts for nothing: the ticket was withdrawn, or nothing is promised any more.
    CANCELLED = "cancelled"


LIVE = frozenset({ClockState.RUNNING, ClockState.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One target of one ticket."""

    metric: str
    #: Counts the clocks of this metric on the ticket, from 1.
    serial: int = 1
    #: Which task or step of an approval it is for; else empty.
    subject: str = ""
    terms: Terms
    state: ClockState = ClockState.RUNNING
    started_at: datetime
    #: Up to here ``consumed`` is counted; a running clock counts on from here.
    since: datetime
    consumed: timedelta = _NONE
    #: None while it is paused.
    due_at: datetime | None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    #: It was missed in the instant in which its target was changed: shown apart, blamed on nobody.
    is_retargeted: bool = False
    #: It had been met when its ticket was reopened.
    is_reopened: bool = False
    #: Counts up whenever it is set anew: timers of different settings differ in their keys.
    generation: int = 1
    #: The highest rank of the ladder that somebody was told of.
    told: int = 0
    #: Until then nobody above the breach is told: somebody has acknowledged it.
    quiet_until: datetime | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What tells the clocks of a ticket apart."""
        return self.metric, self.serial

    @property
    def is_live(self) -> bool:
        """True while what was promised is still owed."""
        return self.state in LIVE

    def used(self, at: datetime) -> timedelta:
        """The counted time up to an instant."""
        if self.state is not ClockState.RUNNING or at <= self.since:
            return self.consumed
        return self.consumed + self.terms.calendar.between(self.since, at)

    def percent(self, at: datetime) -> int:
        """The part of the target that is used."""
        return int(100 * self.used(at) / self.terms.within)


def start(metric: str, terms: Terms, at: datetime, *, serial: int = 1, subject: str = "") -> Clock:
    """A clock that counts from now on."""
    at = at.astimezone(UTC)
    return Clock(
        metric=metric,
        serial=serial,
        subject=subject,
        terms=terms,
        started_at=at,
        since=at,
        due_at=terms.calendar.add(at, terms.within),
    )


def start_late(
    metric: str, terms: Terms, started_at: datetime, at: datetime, spent: timedelta, serial: int
) -> Clock:
    """A clock for what is promised only now and has counted since before.

    If more was spent than is promised, it is missed in this instant.
    """
    clock = start(metric, terms, started_at, serial=serial)
    return retarget(replace(clock, due_at=None, since=at, consumed=spent), terms, at)


def settle(clock: Clock, at: datetime) -> Clock:
    """The clock as of an instant: missed if it was due by then."""
    if clock.state is not ClockState.RUNNING or clock.breached_at or clock.due_at is None:
        return clock
    return replace(clock, breached_at=clock.due_at) if clock.due_at <= at else clock


def pause(clock: Clock, at: datetime) -> Clock:
    """Time counts no more, until it is resumed."""
    clock = _counted(clock, at)
    due_at = clock.due_at if clock.breached_at else None
    return replace(clock, state=ClockState.PAUSED, due_at=due_at)


def resume(clock: Clock, at: datetime) -> Clock:
    """Time counts again; what had been left is left."""
    return _going_on(replace(clock, state=ClockState.RUNNING), at)


def stop(clock: Clock, at: datetime) -> Clock:
    """What was promised is done. What is learnt late is not held against it."""
    return replace(_counted(clock, at), state=ClockState.STOPPED, stopped_at=at)


def cancel(clock: Clock, at: datetime) -> Clock:
    """It counts for nothing."""
    return replace(_counted(clock, at), state=ClockState.CANCELLED, stopped_at=at)


def reopen(clock: Clock, at: datetime) -> Clock:
    """What was done was not: the same clock goes on, and the time between is left out."""
    if clock.terms.restarts:
        clock = replace(clock, consumed=_NONE, told=0)
    clock = replace(
        clock,
        state=ClockState.RUNNING,
        stopped_at=None,
        is_reopened=clock.is_reopened or clock.breached_at is None,
    )
    return _going_on(clock, at)


def revive(clock: Clock, at: datetime) -> Clock:
    """It was withdrawn and is owed after all: it goes on with the time that it had used."""
    return _going_on(replace(clock, state=ClockState.RUNNING, stopped_at=None), at)


def retarget(clock: Clock, terms: Terms, at: datetime) -> Clock:
    """Another target from now on; the time used so far counts, unless otherwise agreed."""
    clock = _counted(clock, at)
    consumed = clock.consumed if terms.carries else _NONE
    percent = int(100 * consumed / terms.within)
    # Having come down the ladder, the clock may climb it again; having climbed, it tells no
    # second time of what was told.
    told = clock.told if clock.breached_at or clock.told <= percent else 0
    clock = replace(clock, terms=terms, consumed=consumed, told=told, generation=_next(clock))
    if clock.breached_at:
        return clock
    if consumed >= terms.within:
        return replace(clock, breached_at=at, due_at=at, is_retargeted=True)
    if clock.state is ClockState.PAUSED:
        return clock
    return replace(clock, due_at=terms.calendar.add(clock.since, terms.within - consumed))


def acknowledge(clock: Clock, until: datetime) -> Clock:
    """Somebody is at it: nobody above the breach is told until then."""
    return replace(clock, quiet_until=until, generation=_next(clock))


def tell(clock: Clock, rank: int) -> Clock:
    """People were told of this rung."""
    return replace(clock, told=max(clock.told, rank))


def _counted(clock: Clock, at: datetime) -> Clock:
    """The clock with its time counted up to an instant, and missed if it was due by then.

    What was taken as missed by a time that has not come yet is not: the time of the machine was
    wrong, or what happened is learnt of late.
    """
    clock = settle(clock, at)
    if clock.breached_at and clock.breached_at > at:
        clock = replace(clock, breached_at=None, is_retargeted=False)
    return replace(clock, consumed=clock.used(at), since=max(clock.since, at))


def _going_on(clock: Clock, at: datetime) -> Clock:
    clock = replace(clock, since=max(clock.since, at), generation=_next(clock))
    if clock.breached_at:
        return clock
    left = clock.terms.within - clock.consumed
    return replace(clock, due_at=clock.terms.calendar.add(clock.since, left))


def _next(clock: Clock) -> int:
    return clock.generation + 1
