"""A clock comes to a rung of its ladder: who is told of what, once.

A timer only wakes: how far the clock has come is worked out from the clock itself. So timers that
ring late, twice or for a setting that is no longer its own tell nothing wrong, and after a long
sleep the highest rung alone speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from daemon.desk.events import EventKind
from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.store import clocks as rows
from daemon.store import tickets
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers import absence, clocks, tell
from workers.desk import Desk
from workers.rules.priority import PRIORITIES
from workers.rules.roles import ADMINS, stand_for
from workers.rules.ruleset import RuleSet
from workers.sla import clock as steps
from workers.sla.clock import Clock, settle
from workers.sla.deadlines import highest
from workers.sla.ladder import BREACH, Ladder, Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Somebody is to be told of a clock."""

    #: Distinguishes it for ever from all others.
    key: str
    ticket: Ticket
    clock: Clock
    rank: int
    agents: tuple[Agent, ...]
    to_admins: bool
    #: Those who are told are asked for the reason.
    asks: bool
    #: When it should have been told.
    wanted_at: datetime


def climb(writes: Writes, desk: Desk, timer: Timer, now: datetime) -> Alert | None:
    """Record how far the clock of a timer has come, and set the next timer."""
    assert timer.ticket is not None
    rules = desk.rules.current()
    ticket = tickets.get(writes.tx, timer.ticket, lock=True)
    found = _clock(writes, desk, timer)
    if found is None:
        return None
    clock, ladder = settle(found, now), clocks.ladder_of(rules, found)
    rank = highest(clock, ladder, now)
    if rank > found.told:
        clock = steps.tell(clock, rank)
    if clock != found:
        rows.save(writes.tx, clocks.row_of(clock, ticket.number))
    clocks.next_rung(writes, rules, ticket.number, clock, clock.told)
    if rank <= found.told:
        return None
    return _tell(writes, desk, rules, _Step(ticket, found, clock, ladder, rank, timer.at), now)


def pass_over(writes: Writes, desk: Desk, timer: Timer) -> None:
    """Set the timer after one that cannot be rung."""
    clock = _clock(writes, desk, timer)
    if clock and timer.ticket is not None:
        clocks.next_rung(writes, desk.rules.current(), timer.ticket, clock, timer.data["rank"])


def _clock(writes: Writes, desk: Desk, timer: Timer) -> Clock | None:
    assert timer.ticket is not None
    key = (timer.data["metric"], timer.data["serial"])
    known = clocks.load(writes, desk.calendars, timer.ticket)
    return next((clock for clock in known if clock.key == key), None)


@dataclass(frozen=True, slots=True)
class _Step:
    """A clock's way from what was told before to what is told now."""

    ticket: Ticket
    before: Clock
    after: Clock
    ladder: Ladder
    rank: int
    wanted_at: datetime

    @property
    def rung(self) -> Rung:
        return self.ladder.rung(self.rank)

    @property
    def raises(self) -> int:
        """By how many steps the rungs on the way raise the priority."""
        rungs = self.ladder.rungs
        passed = [rung.raises for rung in rungs if self.before.told < rung.rank < self.rank]
        return sum(passed) + self.rung.raises


def _tell(writes: Writes, desk: Desk, rules: RuleSet, step: _Step, now: datetime) -> Alert:
    change, clock = Change(step.ticket), step.after
    agents, to_admins = audience(rules.directory, step.ticket, step.ladder, step.rank)
    agents = absence.with_stand_ins(writes, desk.staff, rules.directory, step.ticket, agents, now)
    names = [agent.name for agent in agents]
    change.record(
        now,
        f"clock:{clock.metric}",
        EventKind.CLOCK,
        what=_word(step.rank),
        metric=clock.metric,
        serial=clock.serial,
        rank=step.rank,
        due_at=clock.due_at.isoformat() if clock.due_at else None,
        to=[*names, *([ADMINS] if to_admins else [])],
        **_circumstances(clock, step),
    )
    _raise_priority(change, step, now)
    if len(change.events) > 1:
        clocks.follow(writes, desk, rules, change, now)
    tickets.save(writes.tx, change)
    return Alert(
        key=f"{clock.metric}-{clock.serial}-{clock.generation}-{step.rank}",
        ticket=change.ticket,
        clock=clock,
        rank=step.rank,
        agents=agents,
        to_admins=to_admins,
        asks=step.rung.asks or step.rank == BREACH,
        wanted_at=step.wanted_at,
    )


def _word(rank: int) -> str:
    if rank == BREACH:
        return "breached"
    return "warned" if rank < BREACH else "escalated"


def _circumstances(clock: Clock, step: _Step) -> dict[str, bool]:
    """What a report must know before it blames anybody."""
    if step.rank != BREACH:
        return {}
    return {
        name: True
        for name, holds in (
            ("retargeted", clock.is_retargeted),
            ("after_reopen", clock.is_reopened),
            ("asks", True),
        )
        if holds
    }


def _raise_priority(change: Change, step: _Step, now: datetime) -> None:
    priority = change.ticket.priority
    if not step.raises or priority not in PRIORITIES:
        return
    place = max(0, PRIORITIES.index(priority) - step.raises)
    fields = {"priority": PRIORITIES[place], "priority_reason": "ladder"}
    if place != PRIORITIES.index(priority):
        actor = f"clock:{step.after.metric}"
        change.set(now, actor, fields, why=f"{step.after.metric} is late")


def audience(
    directory: Directory, ticket: Ticket, ladder: Ladder, rank: int
) -> tuple[tuple[Agent, ...], bool]:
    """Who stands on a rung; nobody there: on the next one, at last who works the ticket.

    And whether the admins are told: where they are named, and where there is nobody else.
    """
    rung: Rung | None = ladder.rung(rank)
    while rung is not None:
        agents = stand_for(tuple(map(_before_admins, rung.to)), directory, ticket)
        to_admins = any(
            ADMINS in names and not stand_for((_before_admins(names),), directory, ticket)
            for names in rung.to
        )
        if agents or to_admins:
            return agents, to_admins
        rung = ladder.above(rung.rank)
    agents = tell.handlers(directory, ticket) or directory.members(directory.default_team)
    return agents, not agents


def _before_admins(names: Sequence[str]) -> tuple[str, ...]:
    """Alternatives up to the admins, who are always there."""
    return tuple(takewhile(lambda name: name != ADMINS, names))
