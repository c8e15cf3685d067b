"""Who gets a ticket when a rule does not name him: among those who are there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket
from workers.rules.rule import Pick
from workers.rules.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """Who is there just now, and what each has to do."""

    #: Agents who are on shift and not away, by login.
    present: frozenset[str]
    #: Open tickets of each owner.
    load: Mapping[str, int] = field(default_factory=dict)
    #: The number of the newest ticket that each owner has, in the order of giving.
    newest: Mapping[str, int] = field(default_factory=dict)
    #: Who last worked for the requester, newest first.
    before: tuple[str, ...] = ()


def pick(
    wanted: Pick, ticket: Ticket, directory: Directory, services: Services, staffing: Staffing
) -> str:
    """The login of the owner; empty where nobody of the team is there."""
    team = directory.members(ticket.team or directory.default_team)
    there = [
        agent
        for agent in team
        if agent.name in staffing.present and _has_skill(agent, wanted.skill)
    ]
    names: tuple[str, ...]
    match wanted.strategy:
        case "owner-of-service":
            service = services.named(ticket.service)
            names = (service.owner,) if service and service.owner in staffing.present else ()
        case "last-agent":
            names = tuple(name for name in staffing.before if name in {one.name for one in there})
        case "round-robin":
            names = _ordered(there, staffing.newest)
        case _:
            names = _ordered(there, staffing.load)
    return names[0] if names else ""


def _has_skill(agent: Agent, skill: str) -> bool:
    return not skill or skill in {each.casefold() for each in agent.skills}


def _ordered(there: list[Agent], by: Mapping[str, int]) -> tuple[str, ...]:
    """Least first; of equals, in the order of the team."""
    return tuple(agent.name for agent in sorted(there, key=lambda agent: by.get(agent.name, 0)))
