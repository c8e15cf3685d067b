"""Alerts as mails: one each in time; those that come late together, one mail to one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from daemon.desk.people import Agent
from daemon.store.writes import Writes
from workers import tell
from workers.alert import Alert
from workers.desk import Desk
from workers.notices.notice import Block, Due, Kind
from workers.sla.ladder import BREACH, length_after
from workers.tell import Teller

#: What is told later than this was held up: the desk was down, or its clock wrong.
LATE = timedelta(minutes=15)
#: So many fit into one mail.
_ROWS = 500


def post(writes: Writes, desk: Desk, alerts: Sequence[Alert], now: datetime) -> None:
    """Write the mails of these alerts."""
    late = _by_agent(alert for alert in alerts if now - alert.wanted_at > LATE)
    together = {name: mine for name, mine in late.items() if len(mine) > 1}
    for alert in alerts:
        agents = [agent for agent in alert.agents if alert not in together.get(agent.name, ())]
        post_one(writes, desk, alert, agents, now)
    for name, mine in together.items():
        agent = next(agent for agent in mine[0].agents if agent.name == name)
        _post_together(writes, desk, agent, mine, now)


def _by_agent(alerts: Iterable[Alert]) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        for agent in alert.agents:
            found.setdefault(agent.name, []).append(alert)
    return found


def post_one(
    writes: Writes, desk: Desk, alert: Alert, agents: Sequence[Agent], now: datetime
) -> None:
    """The mails of one alert, in its ticket's thread."""
    teller, ticket, clock = Teller(writes, desk, now), alert.ticket, alert.clock
    directory = desk.rules.current().directory
    kind = kind_of(alert.rank)
    if agents:
        teller.to_agents(
            agents,
            ticket,
            kind,
            unique=alert.key,
            due=_due(alert),
            metric=clock.metric,
            percent=min(alert.rank, BREACH),
            handler=tell.handler_name(directory, ticket),
        )
    if alert.to_admins:
        teller.to_admins(
            f"{ticket.number}-{alert.key}",
            title=f"#{ticket.number}: {kind.value.replace('_', ' ')}",
            details=f"{clock.metric} was due {_when(alert)}: {ticket.subject}",
        )


def _post_together(
    writes: Writes, desk: Desk, agent: Agent, alerts: Sequence[Alert], now: datetime
) -> None:
    """The most pressing first, in as many mails as it takes."""
    ordered = sorted(alerts, key=lambda alert: (-alert.rank, alert.ticket.priority))
    for begin in range(0, len(ordered), _ROWS):
        some = ordered[begin : begin + _ROWS]
        Teller(writes, desk, now).to_agent(
            agent,
            Kind.CATCH_UP,
            unique=f"{some[0].ticket.number}-{some[0].key}-{len(some)}",
            blocks=(Block(rows=tuple(_row(alert) for alert in some)),),
        )


def _row(alert: Alert) -> tuple[str, str, str, str]:
    ticket, used = alert.ticket, f"{min(alert.rank, BREACH)}%"
    if alert.rank > BREACH:
        used = f"{used} +{_hours(length_after(alert.rank))}"
    return f"#{ticket.number}", alert.clock.metric, used, ticket.subject


def _due(alert: Alert) -> tuple[Due, ...]:
    clock = alert.clock
    if clock.due_at is None:
        return ()
    return (Due(metric=clock.metric, at=clock.due_at, is_breached=alert.rank >= BREACH),)


def kind_of(rank: int) -> Kind:
    """Which notice a rung is."""
    if rank < BREACH:
        return Kind.SLA_WARNING
    return Kind.SLA_BREACH if rank == BREACH else Kind.ESCALATION


def _hours(length: timedelta) -> str:
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    return " ".join(
        part for part in (f"{hours}h" * bool(hours), f"{minutes}m" * bool(minutes)) if part
    )


def _when(alert: Alert) -> str:
    at = alert.clock.due_at
    return at.isoformat(timespec="minutes") if at else "before it was paused"
