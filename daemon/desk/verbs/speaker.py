"""Who commands, and whom he may name. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from daemon.desk.macros import Macro
from daemon.desk.people import Agent, Directory, PersonId


class Role(StrEnum):
    """As what somebody speaks to a ticket: an agent who asks for help himself is its requester."""

    REQUESTER = "requester"
    #: Somebody else of the thread: a colleague in copy.
    WATCHER = "watcher"
    AGENT = "agent"


AGENTS: Final = frozenset({Role.AGENT})
REQUESTERS: Final = frozenset({Role.REQUESTER})
BOTH_SIDES: Final = AGENTS | REQUESTERS
EVERYBODY: Final = BOTH_SIDES | {Role.WATCHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A person whose mail was proven to be his."""

    directory: Directory
    person: PersonId
    #: Folded; where answers to him go.
    address: str
    language: str = "en"
    #: His row of people.yaml, when he speaks as an agent.
    agent: Agent | None = None

    #: The canned answers of his house, by name; an agent's only.
    macros: Mapping[str, Macro] = field(default_factory=dict)

    #: Whether the ticket, or the wish, is his own.
    is_requester: bool = False

    @property
    def role(self) -> Role:
        if self.agent:
            return Role.AGENT
        return Role.REQUESTER if self.is_requester else Role.WATCHER

    @property
    def actor(self) -> str:
        """As an event names him."""
        return f"agent:{self.agent.name}" if self.agent else f"person:{self.person}"

    @property
    def login(self) -> str:
        """An agent's; empty for a requester."""
        return self.agent.name if self.agent else ""
