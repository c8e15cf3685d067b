"""Who is there to take a ticket, and what each has to do: asked only when a rule looks for one."""

from __future__ import annotations

from datetime import datetime, timedelta

from daemon.desk.people import Agent
from daemon.desk.ticket import Ticket
from daemon.store import workload
from daemon.store.writes import Writes
from workers import absence
from workers.rules.owner import Staffing
from workers.rules.ruleset import RuleSet
from workers.staff import Staff

_SOON = timedelta(minutes=1)


def of(writes: Writes, staff: Staff, rules: RuleSet, ticket: Ticket, now: datetime) -> Staffing:
    """The members of the ticket's team, as they are now."""
    directory, tx = rules.directory, writes.tx
    team = directory.members(ticket.team or directory.default_team)
    names = [agent.name for agent in team]
    service = rules.services.named(ticket.service)
    owner = directory.agent(service.owner) if service else None
    people = {agent.name: agent for agent in (*team, *((owner,) if owner else ()))}
    return Staffing(
        present=frozenset(
            name
            for name, agent in people.items()
            if _is_on_shift(agent, rules, now)
            and absence.away_until(writes, staff, agent, now) is None
        ),
        load=workload.open_tickets(tx, names),
        newest=workload.newest(tx, names),
        before=workload.owners_before(tx, ticket.requester, ticket.number),
    )


def _is_on_shift(agent: Agent, rules: RuleSet, now: datetime) -> bool:
    """The next minute counts in the calendar of his working hours."""
    calendar = rules.calendars.by_name.get(agent.shift)
    return calendar is None or calendar.between(now, now + _SOON) > timedelta(0)
