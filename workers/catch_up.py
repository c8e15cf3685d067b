"""Alerts as mails: one each in time; those that come late together, one mail to one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from daemon.desk.people import Agent
from daemon.store.writes import Writes
from workers import tell
from workers.alert import Alert
from workers.desk import Desk
from workers.notices.notice import Due, Kind
from workers.sla.ladder import BREACH, length_after
from workers.tell import Teller

#: What is told later than this was held up: the desk was down, or its clock wrong.
LATE = timedelta(minutes=15)


def post(writes: Writes, desk: Desk, alerts: Sequence[Alert], now: datetime) -> None:
    """Write the mails of these alerts."""
    for alert in alerts:
        post_one(writes, desk, alert, alert.agents, now)


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
            details=(line(alert),),
            handler=tell.handler_name(directory, ticket),
        )
    if alert.to_admins:
        teller.to_admins(
            f"{ticket.number}-{alert.key}",
            title=f"#{ticket.number}: {kind.value.replace('_', ' ')}",
            details=f"{line(alert)}: {ticket.subject}",
        )


def _due(alert: Alert) -> tuple[Due, ...]:
    clock = alert.clock
    if clock.due_at is None:
        return ()
    return (Due(metric=clock.metric, at=clock.due_at, is_breached=alert.rank >= BREACH),)


def kind_of(rank: int) -> Kind:
    """Which notice a rung is."""
    if rank < BREACH:
        return Kind.SLA_WARNING
    return Kind.SLA_BREACH


def line(alert: Alert) -> str:
    """What has happened, in words that stand in an event as well."""
    clock = alert.clock
    if alert.rank < BREACH:
        return f"{clock.metric}: {alert.rank}% used"
    what = f"{clock.metric}: missed"
    if alert.rank > BREACH:
        what = f"{clock.metric}: missed {_hours(length_after(alert.rank))} ago"
    if clock.is_retargeted:
        return f"{what}, by a change of its target"
    return f"{what}, after it was reopened" if clock.is_reopened else what


def _hours(length: timedelta) -> str:
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    return " ".join(
        part for part in (f"{hours}h" * bool(hours), f"{minutes}m" * bool(minutes)) if part
    )
