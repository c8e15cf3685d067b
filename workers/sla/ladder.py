"""Ladders: who is told as a target comes near, is missed, and stays missed. Pure.

A rung has a rank: up to 100 the percent of the target, above it 100 and the minutes since the
breach. So rungs have an order, and a clock remembers with one number how far up it has told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workers.sla.calendar import Calendar

BREACH = 100
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step, and what happens on it."""

    rank: int
    #: Each is a role or a name, or several of which the first that stands for somebody counts.
    to: tuple[tuple[str, ...], ...] = ()
    #: Those who are told are asked for the reason.
    asks: bool = False
    #: By how many steps the ticket's priority is raised.
    raises: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What is repeated after the last rung, without end."""

    every: timedelta
    to: tuple[tuple[str, ...], ...]
    raises: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs from the lowest to the highest."""

    rungs: tuple[Rung, ...] = (Rung(rank=BREACH),)
    again: Again | None = None
    #: For how long an ``/ack`` keeps it still that names no time.
    quiet: timedelta = timedelta(hours=4)
    #: What the time after the breach is counted by; None: the agreement's calendar.
    calendar: Calendar | None = None

    def rung(self, rank: int) -> Rung:
        """What happens at a rank that timers were set for, whatever has been edited since."""
        found = next((rung for rung in self.rungs if rung.rank == rank), None)
        if found is None and self.again and rank > self.last:
            return Rung(rank=rank, to=self.again.to, raises=self.again.raises)
        return found or Rung(rank=rank)

    def above(self, rank: int) -> Rung | None:
        """The next rung, to whom it falls when nobody stands on this one."""
        return next((rung for rung in self.rungs if rung.rank > rank), None)

    @property
    def last(self) -> int:
        """The highest rung that stands alone."""
        return max((rung.rank for rung in self.rungs), default=BREACH)

    def next_repeat(self, rank: int) -> int | None:
        """The rank of the first repetition above this one."""
        if self.again is None:
            return None
        step = rank_after(self.again.every) - BREACH
        begun = max(self.last, BREACH)
        return begun + (max(0, rank - begun) // step + 1) * step


#: A breach is told, and nothing else.
PLAIN = Ladder()


def rank_after(length: timedelta) -> int:
    """The rank of an instant so long after the breach."""
    return BREACH + max(1, length // _MINUTE)


def length_after(rank: int) -> timedelta:
    """How long after the breach a rank is."""
    return (rank - BREACH) * _MINUTE
