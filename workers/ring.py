"""The job that rings due timers: SLA warnings and breaches, each told once."""

from __future__ import annotations

from collections.abc import Sequence
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
from workers import tell
from workers.desk import Desk
from workers.notices.notice import Due, Kind
from workers.rules.load import RuleSet
from workers.sla.agreement import choose
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
            _RINGS[timer.kind](tx, desk, timer, now)
            timers.done(tx, timer.id)
    except StoreError as err:
        timers.defer(tx, timer.id, until=now + _WAIT, error=str(err))
    except Exception as err:
        log.exception("ring_failed")
        _fail(tx, desk, timer, err, now)
    else:
        log.info("timer_rang")


def _fail(tx: Tx, desk: Desk, timer: Timer, err: Exception, now: datetime) -> None:
    error = f"{type(err).__name__}: {err}"
    if timer.attempts >= desk.ctx.settings.limits.attempts:
        timers.hold(tx, timer.id, error=error)
    else:
        timers.defer(tx, timer.id, until=now + _WAIT * 2**timer.attempts, error=error)


def _warn(tx: Tx, desk: Desk, timer: Timer, now: datetime) -> None:
    """This much of a target is used; after a long sleep the breach speaks instead."""
    clock, change = _running(tx, timer)
    if clock is None or change is None or clock.due_at <= now:
        return
    rules = desk.rules.current()
    agreement = choose(rules.agreements, change.ticket.priority)
    names = agreement.warning_to if agreement else ()
    _tell(tx, desk, rules, change, clock, timer, Kind.SLA_WARNING, names, now)
    change.record(now, f"clock:{clock.metric}", EventKind.CLOCK, metric=clock.metric, what="warned")
    tickets.save(tx, change)


def _breach(tx: Tx, desk: Desk, timer: Timer, now: datetime) -> None:
    """A target is missed."""
    clock, change = _running(tx, timer)
    if clock is None or change is None or clock.due_at > now or clock.breached_at is not None:
        return
    clocks.change(tx, change.ticket.number, clock.metric, breached_at=clock.due_at)
    rules = desk.rules.current()
    agreement = choose(rules.agreements, change.ticket.priority)
    names = agreement.breach_to if agreement else ()
    _tell(tx, desk, rules, change, clock, timer, Kind.SLA_BREACH, names, now)
    change.record(
        now, f"clock:{clock.metric}", EventKind.CLOCK, metric=clock.metric, what="breached"
    )
    tickets.save(tx, change)


_RINGS = {"sla_warn": _warn, "sla_breach": _breach}


def _running(tx: Tx, timer: Timer) -> tuple[ClockRow | None, Change | None]:
    if timer.ticket is None:
        return None, None
    ticket = tickets.get(tx, timer.ticket, lock=True)
    for clock in clocks.of(tx, ticket.number):
        if clock.metric == timer.data["metric"] and clock.state == "running":
            return clock, Change(ticket)
    return None, None


def _tell(  # noqa: PLR0913
    tx: Tx,
    desk: Desk,
    rules: RuleSet,
    change: Change,
    clock: ClockRow,
    timer: Timer,
    kind: Kind,
    names: Sequence[str],
    now: datetime,
) -> None:
    ticket = change.ticket
    agents = recipients(rules.directory, ticket, names)
    teller = Teller(tx, desk, now)
    if not agents:  # nobody is never told: at last the admins are
        teller.to_admins(
            timer.key,
            title=f"#{ticket.number}: {kind.value.replace('_', ' ')}, and nobody to tell",
            details=f"{clock.metric} was due {clock.due_at.isoformat()}: {ticket.subject}",
        )
        teller.close()
        return
    is_breached = kind is Kind.SLA_BREACH
    teller.to_agents(
        agents,
        ticket,
        kind,
        unique=timer.key.replace(":", "-"),
        due=(Due(metric=clock.metric, at=clock.due_at, is_breached=is_breached),),
        metric=clock.metric,
        percent=int(timer.data.get("percent", 100)),
        handler=tell.handler_name(rules.directory, ticket),
    )
    teller.close()


def recipients(directory: Directory, ticket: Ticket, names: Sequence[str]) -> tuple[Agent, ...]:
    """Who ``owner``, ``team``, ``lead`` or a name stands for; an empty name falls to the team."""
    found: dict[str, Agent] = {}
    for name in names:
        for agent in _named(directory, ticket, name):
            found[agent.name] = agent
    if not found:
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
        case _:
            agent = directory.agent(name)
            if agent is None:
                return directory.members(name)
    return (agent,) if agent else ()
