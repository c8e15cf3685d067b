"""The job that rings due timers: SLA warnings and breaches, each told once; the daily audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.desk.events import EventKind
from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.errors import StoreError
from daemon.store import clocks, tickets, timers
from daemon.store.clocks import ClockRow
from daemon.store.engine import Tx
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers import audit, tell
from workers.desk import Desk
from workers.notices.notice import Due, Kind
from workers.sla.agreement import choose
from workers.sla.clock import BREACH, WARNING
from workers.tell import Teller

_WAIT = timedelta(seconds=2)


def ring(desk: Desk, timer_id: int) -> None:
    """Ring this timer and every other that is due."""
    desk.staff.introduce(desk.rules.current().directory, desk.ctx.clock.now())
    while due := _claim(desk):
        with desk.ctx.store.begin() as tx:
            for timer in due:
                _ring_one(tx, desk, timer)
        desk.ctx.ring("deliver", 0)


def _claim(desk: Desk) -> list[Timer]:
    ctx, work = desk.ctx, desk.ctx.settings.work
    now = ctx.clock.now()
    lease = timedelta(seconds=work.lease_seconds)
    with ctx.store.begin() as tx:
        return timers.claim(tx, now=now, lease_until=now + lease, most=work.batch)


def _ring_one(tx: Tx, desk: Desk, timer: Timer) -> None:
    now = desk.ctx.clock.now()
    log = desk.ctx.log.bind(timer=timer.key, ticket=timer.ticket)
    try:
        with tx.begin_nested():
            writes = Writes(tx)
            if timer.kind == audit.KIND:
                audit.audit(writes, desk, now)
            else:
                _fire(_Ringing(writes, desk, timer, now))
            writes.flush()
            timers.done(tx, timer.id)
    except StoreError as err:
        timers.defer(tx, timer.id, until=now + _WAIT, error=str(err))
    except Exception as err:
        log.exception("ring_failed")
        _fail(tx, desk, timer, err)
    else:
        log.info("timer_rang")


def _fail(tx: Tx, desk: Desk, timer: Timer, err: Exception) -> None:
    error = f"{type(err).__name__}: {err}"
    if timer.attempts >= desk.ctx.settings.limits.attempts:
        timers.hold(tx, timer.id, error=error)
    else:
        until = desk.ctx.clock.now() + _WAIT * 2**timer.attempts
        timers.defer(tx, timer.id, until=until, error=error)


@dataclass(frozen=True, slots=True)
class _Ringing:
    """One timer being rung."""

    writes: Writes
    desk: Desk
    timer: Timer
    now: datetime

    @property
    def tx(self) -> Tx:
        return self.writes.tx

    @property
    def metric(self) -> str:
        return str(self.timer.data["metric"])


def _fire(ringing: _Ringing) -> None:
    """Tell of a warning or a breach, if its clock still runs and has come so far."""
    found = _running(ringing)
    if found is None:
        return
    clock, change = found
    is_missed = clock.due_at <= ringing.now
    if ringing.timer.kind == WARNING and not is_missed:
        _warn(ringing, clock, change)
    elif ringing.timer.kind == BREACH and is_missed and clock.breached_at is None:
        _breach(ringing, clock, change)
    # A warning that comes too late is left to its breach: one mail after a long sleep, not two.


def _running(ringing: _Ringing) -> tuple[ClockRow, Change] | None:
    if ringing.timer.ticket is None:
        return None
    ticket = tickets.get(ringing.tx, ringing.timer.ticket, lock=True)
    for clock in clocks.of(ringing.tx, ticket.number):
        if clock.metric == ringing.metric and clock.state == "running":
            return clock, Change(ticket)
    return None


def _warn(ringing: _Ringing, clock: ClockRow, change: Change) -> None:
    agreement = choose(ringing.desk.rules.current().agreements, change.ticket.priority)
    names = agreement.warning_to if agreement else ()
    _tell(ringing, clock, change.ticket, Kind.SLA_WARNING, names)
    _record(ringing, change, "warned")


def _breach(ringing: _Ringing, clock: ClockRow, change: Change) -> None:
    clocks.change(ringing.tx, clock.ticket, clock.metric, breached_at=clock.due_at)
    agreement = choose(ringing.desk.rules.current().agreements, change.ticket.priority)
    names = agreement.breach_to if agreement else ()
    _tell(ringing, clock, change.ticket, Kind.SLA_BREACH, names)
    _record(ringing, change, "breached")


def _record(ringing: _Ringing, change: Change, what: str) -> None:
    actor, metric = f"clock:{ringing.metric}", ringing.metric
    change.record(ringing.now, actor, EventKind.CLOCK, metric=metric, what=what)
    tickets.save(ringing.tx, change)


def _tell(
    ringing: _Ringing, clock: ClockRow, ticket: Ticket, kind: Kind, names: Sequence[str]
) -> None:
    directory = ringing.desk.rules.current().directory
    agents = recipients(directory, ticket, names)
    teller = Teller(ringing.writes, ringing.desk, ringing.now)
    teller.to_agents(
        agents,
        ticket,
        kind,
        unique=ringing.timer.key,
        due=(Due(metric=clock.metric, at=clock.due_at, is_breached=kind is Kind.SLA_BREACH),),
        metric=clock.metric,
        percent=int(ringing.timer.data.get("percent", 100)),
        handler=tell.handler_name(directory, ticket),
    )
    if "admins" in names or not agents:  # nobody is never told: at last the admins are
        teller.to_admins(
            ringing.timer.key,
            title=f"#{ticket.number}: {kind.value.replace('_', ' ')}",
            details=f"{clock.metric} is due {clock.due_at.isoformat()}: {ticket.subject}",
        )


def recipients(directory: Directory, ticket: Ticket, names: Sequence[str]) -> tuple[Agent, ...]:
    """Who ``owner``, ``team``, ``lead`` or a name stands for; an empty name falls to the team."""
    found: dict[str, Agent] = {}
    for name in names:
        for agent in _named(directory, ticket, name):
            found[agent.name] = agent
    if not found and "admins" not in names:
        found = {agent.name: agent for agent in tell.handlers(directory, ticket)}
    return tuple(found.values())


def _named(directory: Directory, ticket: Ticket, name: str) -> tuple[Agent, ...]:
    team = directory.team(ticket.team or directory.default_team)
    match name:
        case "owner":
            agent = directory.agent(ticket.owner)
        case "lead":
            agent = directory.agent(team.lead) if team and team.lead else None
        case "team":
            return directory.members(team.name) if team else ()
        case "admins":
            return ()
        case _:
            agent = directory.agent(name)
            if agent is None:
                return directory.members(name)
    return (agent,) if agent else ()
