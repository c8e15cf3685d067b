"""Clocks: when a target of a ticket is due, and which timers ring for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workers.sla.agreement import Agreement, Target

WARNING = "sla_warn"
BREACH = "sla_breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One running target of one ticket."""

    metric: str
    target: timedelta
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    #: Percent of the target that is used at ``warn_at``.
    warn: int = 75
    #: Counts up whenever the clock is set anew: timers of different settings differ in their keys.
    generation: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A deadline of a clock, before it is a row."""

    #: Unique for ever: the same deadline decided twice is one timer, and one mail.
    key: str
    kind: str
    at: datetime
    percent: int


def start(agreement: Agreement, priority: str, at: datetime) -> tuple[Clock, ...]:
    """The clocks that the agreement sets for this priority, counted from ``at``."""
    return tuple(_clock(agreement, target, at) for target in agreement.targets.get(priority, ()))


def _clock(agreement: Agreement, target: Target, at: datetime) -> Clock:
    seconds = target.within.total_seconds()
    return Clock(
        metric=target.metric,
        target=target.within,
        started_at=at.astimezone(UTC),
        due_at=agreement.calendar.add(at, seconds),
        warn_at=agreement.calendar.add(at, seconds * agreement.warn / 100),
        warn=agreement.warn,
    )


def timers(clock: Clock, ticket: int) -> tuple[Timer, ...]:
    """The warning and the breach of a clock, in the order in which they ring."""
    key = f"sla:{ticket}:{clock.metric}:{clock.generation}"
    return (
        Timer(key=f"{key}:warn{clock.warn}", kind=WARNING, at=clock.warn_at, percent=clock.warn),
        Timer(key=f"{key}:breach", kind=BREACH, at=clock.due_at, percent=100),
    )
