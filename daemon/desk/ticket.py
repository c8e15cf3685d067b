"""The ticket: one frozen value, the sum of its events. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from daemon.desk.people import PersonId

TicketNumber = NewType("TicketNumber", int)


class Type(StrEnum):
    """Which practice a ticket belongs to."""

    INCIDENT = "incident"
    REQUEST = "request"


class State(StrEnum):
    """Where in its life a ticket is; ``states.py`` has the legal moves."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A record of one matter, from the first mail to its close."""

    number: TicketNumber
    type: Type = Type.INCIDENT
    state: State = State.NEW
    subject: str = ""
    requester: PersonId
    organisation: str = ""
    #: The channel: mail, phone, chat, …
    via: str = "mail"
    team: str = ""
    #: An agent's login, or empty.
    owner: str = ""
    service: str = ""
    category: str = ""
    impact: str = "person"
    urgency: str = "normal"
    priority: str = "P4"
    language: str = "en"
    tags: tuple[str, ...] = ()
    #: When the first message was received.
    created_at: datetime
    updated_at: datetime
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    #: Sequence number of the last event.
    last_event: int = 0

    @property
    def is_done(self) -> bool:
        """True when nobody is expected to work on it."""
        return self.state in {State.RESOLVED, State.CLOSED, State.CANCELLED}
