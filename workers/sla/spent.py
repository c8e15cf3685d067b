"""The time that a ticket's past gave a clock, if it had been there from the beginning. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from daemon.desk.events import Event, Passage, evolve
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket
from workers.sla.signals import waits_for

Span = tuple[datetime, datetime]


def passages(events: Sequence[Event]) -> Iterator[Passage]:
    """Each event with the ticket before and after it, as far as events tell of it."""
    first = events[0]
    ticket = Ticket(
        number=first.ticket, requester=PersonId(0), created_at=first.at, updated_at=first.at
    )
    for event in events:
        after = evolve(ticket, event)
        yield ticket, event, after
        ticket = after


def counted(
    past: Sequence[Event], pauses: Collection[str], start: datetime, end: datetime
) -> Iterator[Span]:
    """When the ticket neither waited for one of these reasons nor was at its end."""
    since: datetime | None = start
    latest = start
    for _, event, after in passages(past) if past else ():
        latest = min(max(event.at, latest), end)
        is_off = after.is_done or waits_for(after) in pauses
        if since is not None and is_off:
            yield since, latest
            since = None
        elif since is None and not is_off:
            since = latest
    if since is not None:
        yield since, end
