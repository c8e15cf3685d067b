"""Agents who said ``/away``: others hear what they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket
from daemon.store import preferences
from daemon.store.writes import Writes
from workers.staff import Staff


def away_until(writes: Writes, staff: Staff, agent: Agent, now: datetime) -> datetime | None:
    """When an agent is back; None while he is there."""
    return preferences.away_until(writes.tx, staff.person(writes, agent.address, now), now)


def stand_ins(
    writes: Writes, staff: Staff, directory: Directory, ticket: Ticket, now: datetime
) -> dict[str, Agent]:
    """The owner's team while he is away, by login; nobody while he is there."""
    owner = directory.agent(ticket.owner)
    if owner is None or away_until(writes, staff, owner, now) is None:
        return {}
    team = ticket.team or directory.default_team
    return {agent.name: agent for agent in directory.members(team)}


def with_stand_ins(
    writes: Writes,
    staff: Staff,
    directory: Directory,
    ticket: Ticket,
    agents: Sequence[Agent],
    now: datetime,
) -> tuple[Agent, ...]:
    """Those who are told, and the owner's team with him while he is away."""
    found = {agent.name: agent for agent in agents}
    if ticket.owner in found:
        found |= stand_ins(writes, staff, directory, ticket, now)
    return tuple(found.values())
