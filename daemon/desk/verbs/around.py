"""What a verb may look at beside its own ticket; the workers read it from the store. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from daemon.desk.events import Event
from daemon.desk.links import Link
from daemon.desk.people import PersonId
from daemon.desk.tasks import Task
from daemon.desk.ticket import Ticket, TicketNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message of a ticket, for a reader."""

    at: datetime
    author: str
    #: True for the desk's side.
    is_ours: bool
    is_internal: bool
    text: str


class Around(Protocol):
    """The desk as far as a verb sees it."""

    @property
    def reopen_window(self) -> timedelta:
        """How long after its end a ticket can be opened again."""
        ...

    def ticket(self, number: int) -> Ticket:
        """Another ticket, locked until the commit. Raises UnknownTicket."""
        ...

    def links(self, number: int) -> Sequence[Link]:
        """Its relations, from either side."""
        ...

    def watchers(self, number: int) -> Sequence[PersonId]:
        """Who is kept informed of it, beside its requester."""
        ...

    def children(self, number: int) -> Sequence[TicketNumber]:
        """Its parts."""
        ...

    def tasks(self, number: int) -> Sequence[Task]:
        """Its tasks."""
        ...

    def history(self, number: int) -> Sequence[Event]:
        """Its events, oldest first."""
        ...

    def letters(self, number: int) -> Sequence[Letter]:
        """Its messages, oldest first."""
        ...

    def check_link(self, link: Link) -> None:
        """Raise TicketError where it would close a circle."""
        ...

    def check_parent(self, child: int, parent: int) -> None:
        """Raise TicketError where it would close a circle."""
        ...

    def priority(self, ticket: Ticket) -> str:
        """What the admins' matrix says."""
        ...

    def person(self, address: str) -> PersonId:
        """Whoever is at an address, met if need be."""
        ...

    def address_of(self, person: PersonId) -> str:
        """Where mail to a person goes."""
        ...

    def away_until(self, login: str) -> datetime | None:
        """When an agent is back; None while he is there."""
        ...

    def queue(self, team: str, owner: str = "") -> Sequence[Ticket]:
        """What is to be done: of a team, and of one agent where he is named; most urgent first."""
        ...

    def find(self, query: str, login: str) -> Sequence[Ticket]:
        """What a query finds, newest first; ``me`` is this agent. Raises TicketError."""
        ...

    def of_requester(self, person: PersonId) -> Sequence[Ticket]:
        """His tickets that are not at their end, newest first."""
        ...
