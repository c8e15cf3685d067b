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
    """Where in its life a ticket is; ``states.py`` has the legal moves of each type."""

    NEW = "new"
    #: A request waits for a yes.
    APPROVAL = "approval"
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    #: A request got a no.
    REJECTED = "rejected"
    CANCELLED = "cancelled"


#: Nobody is expected to work on a ticket in one of these.
DONE = frozenset({State.RESOLVED, State.CLOSED, State.REJECTED, State.CANCELLED})


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
    #: Who or what overrode the matrix; empty while the priority is the matrix's word.
    priority_reason: str = ""
    #: An incident that gets a leader and regular updates; forces P1.
    major: bool = False
    language: str = "en"
    site: str = ""
    tags: tuple[str, ...] = ()
    #: For whom a waiting ticket waits: customer, vendor, change; empty while it does not wait.
    wait_reason: str = ""
    wait_until: datetime | None = None
    #: When it was promised by ``/due``, over what its agreement says.
    due_at: datetime | None = None
    #: When the first message was received.
    created_at: datetime
    updated_at: datetime
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    #: How it ended: fixed, workaround, duplicate, withdrawn, …
    resolution_code: str = ""
    resolution: str = ""
    #: Why it happened, for the trend report.
    cause_code: str = ""
    #: Why a target was missed, in an agent's words.
    breach_reason: str = ""
    reopen_count: int = 0
    reassign_count: int = 0
    spent_minutes: int = 0
    #: The requester's verdict, 1 to 5.
    csat: int | None = None
    csat_comment: str = ""
    #: The ticket that this one is a part of, and resolves with.
    parent: TicketNumber | None = None
    #: The ticket that goes on in its place.
    merged_into: TicketNumber | None = None
    #: Sequence number of the last event.
    last_event: int = 0
    #: Digest over the last event and the seal before it: no event changes without it.
    seal: str = ""

    @property
    def is_done(self) -> bool:
        """True when nobody is expected to work on it."""
        return self.state in DONE
