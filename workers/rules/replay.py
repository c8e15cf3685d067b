"""A past mail under other rules: what its ticket would have become. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from daemon.arrival import Envelope
from daemon.desk.events import Event, EventKind, evolve
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.mail.message import Message
from workers.rules.facts import facts_of
from workers.rules.judge import Judge
from workers.rules.rule import Pick
from workers.rules.ruleset import RuleSet

#: What rules decide about a new ticket.
COMPARED = (
    "type", "team", "owner", "service", "category",
    "impact", "urgency", "priority", "tags", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that would be another."""

    field: str
    was: str
    would_be: str


def as_opened(events: Sequence[Event], requester: PersonId) -> tuple[Ticket, Ticket]:
    """The ticket before the rules, and as the change that opened it left it."""
    first = events[0]
    bare = Ticket(
        number=first.ticket, requester=requester, created_at=first.at, updated_at=first.at
    )
    before = evolve(bare, first)
    after = before
    for event in events[1:]:
        if event.kind is EventKind.CHANGED:
            after = evolve(after, event)
    return before, after


def judged(
    rules: RuleSet, message: Message, envelope: Envelope, ticket: Ticket, size: int
) -> Judge:
    """The new ticket of this mail before these rules."""
    at = ticket.created_at
    facts = facts_of(message, envelope, rules.directory, size=size, now=at)
    # Who was there at that time is not known any more: no owner is picked again.
    judge = Judge(rules, facts, Change(ticket), at)
    judge.opened()
    return judge


def differences(was: Ticket, judge: Judge) -> tuple[Difference, ...]:
    """What would be another; an owner who was picked among those who were there is left out."""
    is_picked = any(
        isinstance(value, Pick) for fired in judge.fired for _, value in fired.rule.sets
    )
    names = [name for name in COMPARED if name != "owner" or not is_picked]
    now = judge.change.ticket
    found = [
        Difference(field=name, was=_shown(old), would_be=_shown(new))
        for name in names
        if (old := getattr(was, name)) != (new := getattr(now, name))
    ]
    if judge.hold:
        found.append(Difference(field="hold", was="", would_be=judge.hold))
    return tuple(found)


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
