"""Who is who: agents, teams, organisations, as ``rules/people.yaml`` names them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NewType

from daemon.mail.mailbox import fold

__all__ = ["Agent", "Contact", "Directory", "Organisation", "PersonId", "Team", "fold"]

PersonId = NewType("PersonId", int)


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
    #: What he is good at, for rules that pick an owner.
    skills: tuple[str, ...] = ()
    #: The calendar of his working hours; empty: always there.
    shift: str = ""
    #: Where he lives, such as Asia/Seoul; empty: where the desk does.
    timezone: str = ""

    @property
    def address(self) -> str:
        return self.addresses[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A group of agents that owns tickets."""

    name: str
    members: tuple[str, ...]
    lead: str = ""
    #: Whom the lead answers to: the last rungs of a ladder.
    manager: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Whose people write from which domains."""

    name: str
    domains: tuple[str, ...]
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody who needs help, known to write from several addresses."""

    #: A short name in people.yaml.
    name: str
    full_name: str = ""
    #: Folded; the first is where mail to him goes.
    addresses: tuple[str, ...]
    language: str = ""
    organisation: str = ""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Everybody that the admins named."""

    agents: tuple[Agent, ...] = ()
    teams: tuple[Team, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    contacts: tuple[Contact, ...] = ()
    #: Folded addresses of people whose tickets rank higher.
    vips: frozenset[str] = frozenset()
    #: The team of a ticket that no rule routes, if any.
    default_team: str = ""
    #: Full names by folded address, where people.yaml knows better than the mail.
    names: dict[str, str] = field(default_factory=dict)
    #: Addresses, or ``@domain``, that send forms on behalf of those who filled them in.
    forms: frozenset[str] = frozenset()
    #: Addresses, or ``@domain``, of mailing lists: never answered, never watchers.
    lists: frozenset[str] = frozenset()
    #: Domains in which ``ann+anything@`` is ``ann@``.
    plus_domains: frozenset[str] = frozenset()

    def key(self, address: str) -> str:
        """The address as a key: folded, and without its extension where the admin says so."""
        folded = fold(address)
        local, at, domain = folded.rpartition("@")
        is_extended = domain in self.plus_domains and "+" in local[1:]
        return f"{local[0]}{local[1:].partition('+')[0]}{at}{domain}" if is_extended else folded

    def contact_at(self, address: str) -> Contact | None:
        """The contact who writes from this address."""
        return self._contacts.get(self.key(address))

    def same_as(self, address: str) -> tuple[str, ...]:
        """Every address of whoever writes from this one, the main one first."""
        known = self.agent_at(address) or self.contact_at(address)
        return known.addresses if known else (self.key(address),)

    def is_vip(self, address: str) -> bool:
        """True for whoever is named in ``vips``, by whichever of his addresses."""
        return not self.vips.isdisjoint(self.same_as(address))

    def is_form(self, address: str) -> bool:
        """True for an address that sends forms."""
        return _is_in(self.forms, self.key(address))

    def is_list(self, address: str) -> bool:
        """True for a mailing list's address."""
        return _is_in(self.lists, self.key(address))

    def agent_at(self, address: str) -> Agent | None:
        """The agent who writes from this address."""
        return self._by_address.get(self.key(address))

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
        """His by name in ``people``; else whose domain, or parent domain, the address is in."""
        contact = self.contact_at(address)
        if contact and contact.organisation:
            return self._organisations.get(contact.organisation)
        domain = fold(address).rpartition("@")[2]
        while domain:
            if found := self._domains.get(domain):
                return found
            domain = domain.partition(".")[2]
        return None

    @cached_property
    def _by_address(self) -> dict[str, Agent]:
        return {self.key(each): agent for agent in self.agents for each in agent.addresses}

    @cached_property
    def _contacts(self) -> dict[str, Contact]:
        return {self.key(each): one for one in self.contacts for each in one.addresses}

    @cached_property
    def _organisations(self) -> dict[str, Organisation]:
        return {organisation.name: organisation for organisation in self.organisations}

    @cached_property
    def _by_name(self) -> dict[str, Agent]:
        return {agent.name.lower(): agent for agent in self.agents}

    @cached_property
    def _teams(self) -> dict[str, Team]:
        return {team.name.lower(): team for team in self.teams}

    @cached_property
    def _domains(self) -> dict[str, Organisation]:
        return {domain.lower(): org for org in self.organisations for domain in org.domains}


def _is_in(places: frozenset[str], address: str) -> bool:
    return address in places or f"@{address.rpartition('@')[2]}" in places
