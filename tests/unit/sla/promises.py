"""Terms, and tickets with a history, for tests of clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from daemon.desk.events import Event, EventKind
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from tests.unit.sla.calendars import CALENDARS, at
from workers.sla.agreement import Terms
from workers.sla.calendar import Calendar
from workers.sla.clock import Clock
from workers.sla.course import Course, follow
from workers.sla.history import entry

SEOUL = CALENDARS["Seoul"]
HOUR = timedelta(hours=1)


def seoul(*when: int) -> datetime:
    """A local time in Seoul."""
    return at("Asia/Seoul", *when)


def terms(hours: float, calendar: Calendar = SEOUL, **fields: Any) -> Terms:
    """So many hours, pausing as usual."""
    values = {"agreement": "standard", "pauses": frozenset({"customer", "until"})} | fields
    return Terms(calendar=calendar, within=timedelta(hours=hours), **values)


class History:
    """A ticket to which things happen, and whose clocks follow."""

    def __init__(self, promise: Mapping[str, Mapping[str, Terms]], created: datetime) -> None:
        self._promise = promise
        self.ticket = Ticket(
            number=TicketNumber(1),
            requester=PersonId(1),
            created_at=created,
            updated_at=created,
            priority="P3",
        )
        self.clocks: tuple[Clock, ...] = ()
        self.events: list[Event] = []
        self._happens(created, EventKind.CREATED, set={"priority": "P3", "team": "support"})

    def set(self, when: datetime, **fields: Any) -> None:
        """Fields take new values."""
        self._happens(when, EventKind.CHANGED, set=fields)

    def message(self, when: datetime, direction: str, visibility: str = "public") -> None:
        """Somebody writes."""
        self._happens(when, EventKind.MESSAGE, direction=direction, visibility=visibility)

    def clock(self, when: datetime, **data: Any) -> None:
        """A clock is opened, closed, acknowledged, told of."""
        self._happens(when, EventKind.CLOCK, **data)

    def _happens(self, when: datetime, kind: EventKind, **data: Any) -> None:
        change = Change(self.ticket)
        change.record(when, "agent:ann", kind, **data)
        course = Course(self.clocks)
        past = tuple(self.events)
        follow(course, change.passages, self._promised, lambda: past)
        for step in course.steps:
            change.record(when, f"clock:{step.clock.metric}", EventKind.CLOCK, **entry(step))
        self.ticket, self.clocks = change.ticket, course.clocks
        self.events.extend(change.events)

    def _promised(self, ticket: Ticket) -> Mapping[str, Terms]:
        return self._promise.get(ticket.priority, {})

    def of(self, metric: str) -> Clock:
        """The last clock of a metric."""
        return [clock for clock in self.clocks if clock.metric == metric][-1]

    def steps(self) -> list[str]:
        """What became of which clock, in words."""
        return words(self.events)


def words(events: Iterable[Event]) -> list[str]:
    """The steps that events tell of."""
    return [
        f"{event.data['metric']} {event.data['what']}"
        for event in events
        if event.kind is EventKind.CLOCK and "metric" in event.data
    ]
