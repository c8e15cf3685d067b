"""Whom ``owner``, ``team``, ``lead``, ``manager`` or a name stands for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket

#: The role that stands for the admins' addresses, who are no agents.
ADMINS = "admins"


def stand_for(
    to: Sequence[Sequence[str]], directory: Directory, ticket: Ticket
) -> tuple[Agent, ...]:
    """Each name's people; of alternatives the first that stands for somebody."""
    found: dict[str, Agent] = {}
    for names in to:
        each = (_named(name, directory, ticket) for name in names)
        found |= {agent.name: agent for agent in next(filter(None, each), ())}
    return tuple(found.values())


def _named(name: str, directory: Directory, ticket: Ticket) -> tuple[Agent, ...]:
    team = directory.team(ticket.team or directory.default_team)
    match name:
        case "owner":
            agent = directory.agent(ticket.owner)
        case "lead":
            agent = directory.agent(team.lead) if team and team.lead else None
        case "manager":
            agent = directory.agent(team.manager) if team and team.manager else None
        case "team":
            return directory.members(team.name) if team else ()
        case _:
            agent = directory.agent(name)
            if agent is None:
                return directory.members(name)
    return (agent,) if agent else ()
