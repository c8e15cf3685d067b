"""Who is who: agents, teams, organisations, as ``rules/people.yaml`` names them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NewType

PersonId = NewType("PersonId", int)


def fold(address: str) -> str:
    """The form in which addresses are compared: both halves in lower case.

    RFC 5321 §2.4 lets a host tell ``Ann@`` from ``ann@``; no desk can afford to.
    """
    return address.strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody who works tickets."""

    #: The unique login, as in ``/assign ann``.
    name: str
    full_name: str
    #: Folded; the first is where notices go.
    addresses: tuple[str, ...]
    language: str = "en"
    #: When he is told that his commands were done: ``errors`` (never) or ``always``.
    receipts: str = "errors"

    @property
    def address(self) -> str:
        return self.addresses[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A group of agents that owns tickets."""

    name: str
    members: tuple[str, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Whose people write from which domains."""

    name: str
    domains: tuple[str, ...]
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Everybody that the admins named."""

    agents: tuple[Agent, ...] = ()
    teams: tuple[Team, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    #: Folded addresses of people whose tickets rank higher.
    vips: frozenset[str] = frozenset()
    #: The team of a ticket that no rule routes, if any.
    default_team: str = ""
    #: Full names by folded address, where people.yaml knows better than the mail.
    names: dict[str, str] = field(default_factory=dict)

    def agent_at(self, address: str) -> Agent | None:
        """The agent who writes from this address."""
        return self._by_address.get(fold(address))

    def agent(self, name: str) -> Agent | None:
        """The agent of this login."""
        return self._by_name.get(name.lower())

    def team(self, name: str) -> Team | None:
        """The team of this name."""
        return self._teams.get(name.lower())

    def members(self, team: str) -> tuple[Agent, ...]:
        """The agents of a team; empty when there is no such team."""
        found = self.team(team)
        names = found.members if found else ()
        return tuple(agent for name in names if (agent := self.agent(name)))

    def teams_of(self, login: str) -> tuple[Team, ...]:
        """The teams that an agent belongs to."""
        return tuple(team for team in self.teams if login in team.members)

    def organisation_of(self, address: str) -> Organisation | None:
        """The organisation whose domain, or whose parent domain, the address is in."""
        domain = fold(address).rpartition("@")[2]
        while domain:
            if found := self._domains.get(domain):
                return found
            domain = domain.partition(".")[2]
        return None

    @cached_property
    def _by_address(self) -> dict[str, Agent]:
        return {address: agent for agent in self.agents for address in agent.addresses}

    @cached_property
    def _by_name(self) -> dict[str, Agent]:
        return {agent.name.lower(): agent for agent in self.agents}

    @cached_property
    def _teams(self) -> dict[str, Team]:
        return {team.name.lower(): team for team in self.teams}

    @cached_property
    def _domains(self) -> dict[str, Organisation]:
        return {domain.lower(): org for org in self.organisations for domain in org.domains}
