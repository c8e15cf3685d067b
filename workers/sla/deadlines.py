"""How far up its ladder a clock is, and when it comes to the next rung. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from workers.sla.calendar import Calendar
from workers.sla.clock import Clock, ClockState
from workers.sla.ladder import BREACH, Ladder, length_after, rank_after

#: No rank at all.
NOTHING = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The next rung of a clock, before it is a row."""

    #: Unique for ever: the same rung decided twice is one timer, and one mail.
    key: str
    at: datetime
    rank: int


def prefix(ticket: int, clock: Clock) -> str:
    """How the keys of a clock's timers begin."""
    return f"sla:{ticket}:{clock.metric}:{clock.serial}:"


def highest(clock: Clock, ladder: Ladder, at: datetime) -> int:
    """The highest rung that the clock has come to and that is still worth telling."""
    if clock.state is ClockState.CANCELLED:
        return NOTHING
    if clock.breached_at is not None:
        return max(BREACH, _climbed(clock, clock.breached_at, ladder, at))
    if clock.state is ClockState.STOPPED:
        return NOTHING  # what was done in time needs no warning any more
    used = clock.used(at)
    passed = (rung.rank for rung in ladder.rungs if rung.rank < BREACH)
    return max((rank for rank in passed if mark(clock, rank) <= used), default=NOTHING)


def following(clock: Clock, ladder: Ladder, ticket: int, told: int) -> Deadline | None:
    """When the clock comes to the first rung above one that was told; None: never."""
    if not clock.is_live:
        return None
    # A change of the target may take a clock that is paused up its ladder: that is told at once.
    if clock.state is ClockState.PAUSED and highest(clock, ladder, clock.since) <= told:
        return None
    rank = _above(clock, ladder, told)
    if rank is None:
        return None
    key = f"{prefix(ticket, clock)}{clock.generation}:{rank}"
    return Deadline(key=key, rank=rank, at=_instant(clock, ladder, rank))


def mark(clock: Clock, rank: int) -> timedelta:
    """How much of the target is used at a rung below the breach."""
    return clock.terms.within * rank / BREACH


def _above(clock: Clock, ladder: Ladder, told: int) -> int | None:
    ranks = {rung.rank for rung in ladder.rungs} | {BREACH}
    if clock.breached_at is not None:
        told = max(told, BREACH - 1)
    coming = [rank for rank in ranks if rank > told]
    return min(coming) if coming else ladder.next_repeat(told)


def _instant(clock: Clock, ladder: Ladder, rank: int) -> datetime:
    if rank > BREACH:
        assert clock.breached_at is not None or clock.due_at is not None
        missed_at = clock.breached_at or clock.due_at or clock.since
        at = _counted_by(clock, ladder).add(missed_at, length_after(rank))
        return max(at, clock.quiet_until or at)
    if rank == BREACH:
        return clock.breached_at or clock.due_at or clock.since
    left = mark(clock, rank) - clock.consumed
    return clock.terms.calendar.add(clock.since, left)


def _climbed(clock: Clock, missed_at: datetime, ladder: Ladder, at: datetime) -> int:
    """The highest rung after the breach; nobody climbs while it is paused, or acknowledged."""
    is_quiet = clock.quiet_until is not None and at < clock.quiet_until
    if clock.state is not ClockState.RUNNING or is_quiet or at <= missed_at:
        return NOTHING
    passed = _counted_by(clock, ladder).between(missed_at, at)
    limit = rank_after(passed) if passed >= timedelta(minutes=1) else BREACH
    single = max((rung.rank for rung in ladder.rungs if rung.rank <= limit), default=NOTHING)
    if ladder.again is None:
        return single
    coming = ladder.next_repeat(limit)
    assert coming is not None
    latest = coming - (rank_after(ladder.again.every) - BREACH)
    return latest if latest > ladder.last else single


def _counted_by(clock: Clock, ladder: Ladder) -> Calendar:
    return ladder.calendar or clock.terms.calendar
