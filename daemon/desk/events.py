"""What happened to a ticket: append-only, in order, each with its reason. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from daemon.desk.ticket import State, Ticket, TicketNumber, Type


class EventKind(StrEnum):
    """Kinds of events."""

    #: The ticket exists from now on; ``set`` has every field that is not the default, ``rules``
    #: is the version in force.
    CREATED = "created"
    #: Fields took new values: ``set``, what they ``was`` before, and ``why``; by a rule also
    #: ``rules``, the version in force.
    CHANGED = "changed"
    #: A mail belongs to the ticket: ``message``, ``direction``, ``visibility``, ``authority``.
    MESSAGE = "message"
    #: Related to another ticket: ``relation``, ``ticket``.
    LINKED = "linked"
    #: No longer related: ``relation``, ``ticket``.
    UNLINKED = "unlinked"
    #: A piece of work within it: ``task``, ``what`` (added, done, skipped), ``title``, ``why``.
    TASK = "task"
    #: Somebody is kept informed, or no longer: ``address``, ``what`` (added, proposed, removed).
    WATCHED = "watched"
    #: Another ticket goes on in this one: ``ticket``.
    MERGED = "merged"
    #: An agent asked for help from above: ``why``.
    ESCALATED = "escalated"
    #: The same commands changed others, too: ``tickets``.
    SPREAD = "spread"
    #: The commands of a mail were taken back: ``events``, their numbers.
    UNDONE = "undone"
    #: Weaker evidence of a mail named other tickets: ``others`` by its kind, ``because``.
    CONFLICT = "conflict"
    #: An agent forwarded somebody's mail: ``author``.
    FORWARDED = "forwarded"
    #: Somebody's automatic answer says that he is away: ``address``, ``until`` or empty, ``text``.
    AWAY = "away"
    #: The same mail came to another desk address: ``addresses``.
    REFERRED = "referred"
    #: A mail of ours was not delivered: ``recipient``, ``reply``.
    UNDELIVERED = "undelivered"
    #: A clock started, stopped, warned or was missed: ``metric``, ``what``, ``due_at``.
    CLOCK = "clock"
    #: A notice was decided: ``notice``, ``to``.
    NOTICE = "notice"
    #: A rule called a web server: ``url``.
    CALLED = "called"
    #: A rule wrote to somebody outside: ``to``.
    WROTE = "wrote"
    #: Rules set each other off without end and were stopped: ``rules``, their names.
    LOOP = "loop"
    #: A mail in an agent's name waits for his word: ``agent``, ``acts``.
    ASKED = "asked"
    #: Commands were refused and the text with them: ``lines``, ``text``, and ``corrected``.
    REFUSED = "refused"
    #: Signed addresses were made worthless: of ``address``, or of everybody.
    REVOKED = "revoked"
    #: What was refused was done after all, put right: ``refused``, that event's number.
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    ticket: TicketNumber
    #: From 1, without gaps.
    seq: int
    at: datetime
    #: ``agent:ann``, ``person:17``, ``rule:routing.yaml:12``, ``clock:respond``, ``desk``.
    actor: str
    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)
    #: The arrival that caused it, once it is kept.
    mail_id: int | None = None


#: An event between the ticket before it and the ticket after it.
Passage = tuple[Ticket, Event, Ticket]

_INSTANTS = {"created_at", "first_response_at", "resolved_at", "closed_at", "wait_until", "due_at"}


def evolve(ticket: Ticket, event: Event) -> Ticket:
    """The ticket after the event: its only way to change."""
    changes = {name: _typed(name, value) for name, value in event.data.get("set", {}).items()}
    seal = sealed(ticket.seal, event)
    return replace(ticket, **changes, updated_at=event.at, last_event=event.seq, seal=seal)


#: The one way to write a value as JSON: a seal is over bytes.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def sealed(before: str, event: Event) -> str:
    """The seal of a history that ends with this event, ``before`` that of all until it."""
    at = event.at.astimezone(UTC).isoformat()
    said = [before, event.ticket, event.seq, at, event.actor, event.kind.value, dict(event.data)]
    return hashlib.sha256(_canonical(said).encode("ascii")).hexdigest()


def seal_of(history: Iterable[Event]) -> str:
    """The seal that a whole history has."""
    seal = ""
    for event in history:
        seal = sealed(seal, event)
    return seal


def _typed(name: str, value: Any) -> Any:
    """Events hold JSON's types; the ticket holds its own."""
    if name == "state":
        return State(value)
    if name == "type":
        return Type(value)
    if name == "tags":
        return tuple(value)
    if name in _INSTANTS and value is not None:
        return datetime.fromisoformat(value)
    return value
