"""How a ticket changes: events are collected, each applied at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from daemon.desk.events import Event, EventKind, Passage, evolve
from daemon.desk.ticket import State, Ticket, Type


class Change:
    """A ticket and what has just happened to it: collects events, applies each at once."""

    def __init__(self, ticket: Ticket) -> None:
        self.before = ticket
        self.ticket = ticket
        self.events: list[Event] = []
        #: The same events, for whoever asks from what to what each of them led.
        self.passages: list[Passage] = []

    def record(self, at: datetime, actor: str, kind: EventKind, **data: Any) -> None:
        """Something happened."""
        event = Event(
            ticket=self.ticket.number,
            seq=self.ticket.last_event + 1,
            at=at,
            actor=actor,
            kind=kind,
            data=data,
        )
        before, self.ticket = self.ticket, evolve(self.ticket, event)
        self.events.append(event)
        self.passages.append((before, event, self.ticket))

    def set(
        self, at: datetime, actor: str, fields: Mapping[str, Any], why: str = "", **more: Any
    ) -> None:
        """Fields take new values; what does not differ is left out."""
        new = {name: value for name, value in fields.items() if _plain(self.ticket, name) != value}
        if new:
            was = {name: _plain(self.ticket, name) for name in new}
            data = {"set": new, "was": was, **({"why": why} if why else {}), **more}
            self.record(at, actor, EventKind.CHANGED, **data)


def _plain(ticket: Ticket, name: str) -> Any:
    value = getattr(ticket, name)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, State | Type) else value


def moved(ticket: Ticket, state: State, at: datetime) -> dict[str, Any]:
    """The fields that follow from a ticket's going to a state, as an event holds them."""
    fields: dict[str, Any] = {"state": state.value}
    if state is not State.WAITING:
        fields |= {"wait_reason": "", "wait_until": None}
    if state is State.RESOLVED:
        fields["resolved_at"] = at.isoformat()
    elif state in {State.CLOSED, State.CANCELLED, State.REJECTED}:
        fields["closed_at"] = at.isoformat()
    elif ticket.is_done:
        fields |= {"resolved_at": None, "closed_at": None, "resolution_code": "", "resolution": ""}
        fields["reopen_count"] = ticket.reopen_count + 1
    return fields


def answered(change: Change, at: datetime, actor: str) -> None:
    """An agent has written to the requester: the first one stops the response clock."""
    fields: dict[str, Any] = {}
    if change.ticket.first_response_at is None:
        fields["first_response_at"] = at.isoformat()
    if change.ticket.state is State.NEW:
        fields["state"] = State.OPEN.value
    change.set(at, actor, fields)


def heard(change: Change, at: datetime, actor: str) -> None:
    """A person has written again: what was resolved or waiting is open."""
    if change.ticket.state in {State.RESOLVED, State.WAITING, State.CLOSED}:
        change.set(at, actor, moved(change.ticket, State.OPEN, at), why="answered")


def may_reopen(ticket: Ticket, at: datetime, within: timedelta) -> bool:
    """False when an answer comes too late, or the ticket was cancelled: it gets a new ticket."""
    if ticket.state in {State.CANCELLED, State.REJECTED}:
        return False
    ended = ticket.closed_at or ticket.resolved_at
    return ended is None or at - ended <= within
