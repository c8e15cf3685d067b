"""A ticket's clocks worked out again, from its history alone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from daemon.desk.events import Event, EventKind
from daemon.desk.ticket import Ticket
from workers.sla import clock as clocks
from workers.sla.agreement import Terms
from workers.sla.calendar import Calendar
from workers.sla.clock import Clock, settle
from workers.sla.course import Course, Step
from workers.sla.signals import Act, Signal, signals
from workers.sla.spent import passages

#: From the version that is frozen into a clock to the calendar as it was.
CalendarOf = Callable[[str], Calendar]

#: Steps that rules decided; all others follow from what happened to the ticket.
DECIDED = frozenset({"started", "caught_up", "retargeted", "dropped"})
TOLD = frozenset({"warned", "breached", "escalated"})


def entry(step: Step) -> dict[str, Any]:
    """A step as the data of an event: all that is needed to take it again."""
    clock = step.clock
    data: dict[str, Any] = {
        "metric": clock.metric,
        "serial": clock.serial,
        "what": step.what,
        "why": step.why,
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
    }
    if step.what in DECIDED and step.what != "dropped":
        data |= {"from": clock.started_at.isoformat(), **terms_entry(clock.terms)}
        data |= {"subject": clock.subject} if clock.subject else {}
    return data


def terms_entry(terms: Terms) -> dict[str, Any]:
    """What ``terms_of`` reads."""
    return {
        "agreement": terms.agreement,
        "calendar": terms.calendar.version,
        "target": terms.within // timedelta(seconds=1),
        "pauses": sorted(terms.pauses),
        "restarts": terms.restarts,
        "carries": terms.carries,
        "on_assign": terms.responds_on_assign,
    }


def terms_of(kept: Mapping[str, Any], calendar_of: CalendarOf) -> Terms:
    """The terms that ``terms_entry`` wrote."""
    return Terms(
        agreement=kept["agreement"],
        calendar=calendar_of(kept["calendar"]),
        within=timedelta(seconds=kept["target"]),
        pauses=frozenset(kept["pauses"]),
        restarts=kept["restarts"],
        carries=kept["carries"],
        responds_on_assign=kept["on_assign"],
    )


def replay(events: Sequence[Event], calendar_of: CalendarOf) -> Course:
    """The course of the clocks through a whole history."""
    course = Course(())
    for _ in steps(course, events, calendar_of):
        pass
    return course


def steps(
    course: Course, events: Sequence[Event], calendar_of: CalendarOf
) -> Iterator[tuple[Event, Step]]:
    """Lead a course through a history, and tell each step with the event that caused it."""
    told = 0
    for index, (before, event, after) in enumerate(passages(events)):
        if event.kind is EventKind.CLOCK and "metric" in event.data:
            # Nothing else needs it, and histories grow long.
            past = events[:index] if event.data["what"] == "caught_up" else ()
            _repeat(course, event, after, past, calendar_of)
        for signal in signals(before, event, after):
            course.obey(signal)
        for step in course.steps[told:]:
            yield event, step
        told = len(course.steps)


def _repeat(
    course: Course, event: Event, ticket: Ticket, past: Sequence[Event], calendar_of: CalendarOf
) -> None:
    """Take the steps again that rules decided, and remember what people were told."""
    data, what = event.data, event.data["what"]
    clock = course.get(data["metric"], data.get("serial", 1))
    if what in {"started", "caught_up"}:
        _start_again(course, event, ticket, past, terms_of(data, calendar_of))
    elif clock is None:
        return
    elif what == "retargeted":
        course.put(clocks.retarget(clock, terms_of(data, calendar_of), event.at), what)
    elif what == "dropped":
        course.put(clocks.cancel(clock, event.at), what)
    elif what in TOLD:
        course.put(clocks.tell(settle(clock, event.at), data["rank"]), what)


def _start_again(
    course: Course, event: Event, ticket: Ticket, past: Sequence[Event], terms: Terms
) -> None:
    data, at = event.data, datetime.fromisoformat(event.data["from"])
    metric, why = data["metric"], str(data["why"])
    if data["what"] == "caught_up":
        signal = Signal(act=Act.START, metrics=(metric,), at=event.at, why=why)
        course.catch_up(replace(ticket, created_at=at), signal, metric, terms, past)
        return
    subject = data.get("subject", "")
    signal = Signal(act=Act.START, metrics=(metric,), at=at, why=why, subject=subject)
    course.start(ticket, signal, metric, terms)


#: How a clock is compared; its terms by what was promised, so that a name may be mended.
_COMPARED = tuple(field.name for field in fields(Clock) if field.name != "terms")


def differences(stored: Clock, again: Clock, at: datetime) -> Iterator[str]:
    """In what a clock as kept is not as its history makes it, both as of an instant."""
    stored, again = settle(stored, at), settle(again, at)
    for name in _COMPARED:
        kept, found = getattr(stored, name), getattr(again, name)
        if kept != found:
            yield f"{name} is {_shown(kept)}, by its history {_shown(found)}"
    if stored.terms.promise != again.terms.promise:
        yield f"its terms are {stored.terms.promise}, by its history {again.terms.promise}"


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
