"""What a command does to a ticket: (ticket, command, who, when) -> events. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from daemon.desk.events import Event, EventKind, evolve
from daemon.desk.states import check_move
from daemon.desk.ticket import State, Ticket, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The agent becomes the owner."""

    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Hand over to an agent or to a team."""

    agent: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """What was asked for is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The text of this mail is for agents only."""


Command = Take | Assign | Resolve | Note


class Change:
    """A ticket and what has just happened to it: collects events, applies each at once."""

    def __init__(self, ticket: Ticket) -> None:
        self.before = ticket
        self.ticket = ticket
        self.events: list[Event] = []

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
        self.events.append(event)
        self.ticket = evolve(self.ticket, event)

    def set(self, at: datetime, actor: str, fields: Mapping[str, Any], why: str = "") -> None:
        """Fields take new values; what does not differ is left out."""
        new = {name: value for name, value in fields.items() if _plain(self.ticket, name) != value}
        if new:
            was = {name: _plain(self.ticket, name) for name in new}
            data = {"set": new, "was": was, **({"why": why} if why else {})}
            self.record(at, actor, EventKind.CHANGED, **data)


def _plain(ticket: Ticket, name: str) -> Any:
    value = getattr(ticket, name)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, State | Type) else value


def obey(change: Change, command: Command, at: datetime, actor: str) -> None:
    """Carry an agent's command out. Raises IllegalMove."""
    match command:
        case Take(agent=agent):
            _own(change, at, actor, {"owner": agent})
        case Assign(agent=agent, team=team):
            _own(change, at, actor, {"owner": agent, **({"team": team} if team else {})})
        case Resolve():
            check_move(change.ticket.type, change.ticket.state, State.RESOLVED)
            fields = {"state": State.RESOLVED.value, "resolved_at": at.isoformat()}
            change.set(at, actor, fields, why="/resolve")
        case Note():
            pass
        case _:
            assert_never(command)


def _own(change: Change, at: datetime, actor: str, fields: dict[str, Any]) -> None:
    if change.ticket.is_done:
        check_move(change.ticket.type, change.ticket.state, State.OPEN)
    if fields["owner"] and change.ticket.state is not State.WAITING:
        fields = {**fields, "state": State.OPEN.value, "resolved_at": None, "closed_at": None}
    change.set(at, actor, fields)


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
        fields = {"state": State.OPEN.value, "resolved_at": None, "closed_at": None}
        change.set(at, actor, fields, why="answered")


def may_reopen(ticket: Ticket, at: datetime, within: timedelta) -> bool:
    """False when an answer comes too late, or the ticket was cancelled: it gets a new ticket."""
    if ticket.state is State.CANCELLED:
        return False
    ended = ticket.closed_at or ticket.resolved_at
    return ended is None or at - ended <= within
