"""The account of a ticket's clocks: every start, pause, stop, change of target, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.desk.events import Event
from workers.sla.clock import Clock, ClockState, settle
from workers.sla.course import Course, Step
from workers.sla.history import TOLD, CalendarOf, steps

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened to a clock."""

    at: datetime
    what: str
    why: str
    #: As it was after it.
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One clock, from its start to now."""

    clock: Clock
    lines: tuple[Line, ...]


def accounts(
    events: Sequence[Event], calendar_of: CalendarOf, now: datetime
) -> tuple[Account, ...]:
    """The accounts of all clocks of a history, as of an instant."""
    course = Course(())
    lines: dict[tuple[str, int], list[Line]] = {}
    for event, step in steps(course, events, calendar_of):
        at = _at(event, step.what, step.clock)
        line = Line(at=at, what=step.what, why=_why(event, step), clock=step.clock)
        lines.setdefault(step.clock.key, []).append(line)
    return tuple(
        Account(clock=settle(clock, now), lines=tuple(lines[clock.key])) for clock in course.clocks
    )


def _why(event: Event, step: Step) -> str:
    if step.what in TOLD:
        return f"told {', '.join(event.data['to'])}"
    return step.why or str(event.data.get("why", ""))


def _at(event: Event, what: str, clock: Clock) -> datetime:
    """A clock starts when its cause came, which may be before a worker came to it."""
    if what in {"started", "caught_up"}:
        return clock.started_at
    if what == "stopped" and clock.stopped_at:
        return clock.stopped_at
    return event.at


def written(account: Account, now: datetime, zone: ZoneInfo) -> list[str]:
    """An account for a reader, with the times that his clock shows."""
    clock = account.clock
    here = _zone(clock, zone)
    calendar = clock.terms.calendar
    names = " ".join(filter(None, (clock.metric, clock.subject)))
    counted = f"calendar {calendar.name} ({here.key}, version {calendar.version})"
    lines = [
        f"{names}: {verdict(clock, now, here)}",
        f"  agreement {clock.terms.agreement}, {counted}, target {length(clock.terms.within)}",
    ]
    width = max(len(line.what) for line in account.lines)
    for line in account.lines:
        facts = "; ".join(filter(None, (line.why, _state(line, here))))
        lines.append(f"  {local(line.at, here)}  {line.what:<{width}}  {facts}")
    return lines


def _zone(clock: Clock, otherwise: ZoneInfo) -> ZoneInfo:
    """Working hours are told by the clocks of the place where people work."""
    name = clock.terms.calendar.zone
    return ZoneInfo(name) if name != "UTC" else otherwise


def verdict(clock: Clock, now: datetime, zone: ZoneInfo) -> str:
    """How a clock stands, in a sentence."""
    used = f"{length(clock.used(now))} of {length(clock.terms.within)} used"
    if clock.state is ClockState.CANCELLED:
        return f"counts for nothing; {used}"
    if clock.breached_at:
        circumstances = [
            words
            for words, holds in (
                ("by a change of the target", clock.is_retargeted),
                ("after a reopening", clock.is_reopened),
                ("done since", clock.state is ClockState.STOPPED),
                ("paused", clock.state is ClockState.PAUSED),
            )
            if holds
        ]
        return ", ".join([f"missed {local(clock.breached_at, zone)}", *circumstances, used])
    match clock.state:
        case ClockState.STOPPED:
            return f"met, {used}"
        case ClockState.PAUSED:
            return f"paused, {used}"
    due = f", due {local(clock.due_at, zone)}" if clock.due_at else ""
    return f"running, {used}{due}"


def _state(line: Line, zone: ZoneInfo) -> str:
    clock = line.clock
    if line.what in {"stopped", "cancelled", "dropped", "paused"}:
        return f"{length(clock.consumed)} used"
    due = clock.due_at
    return f"due {local(due, zone)}" if due and line.what not in {"warned", "escalated"} else ""


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant as people write it, with its offset: where clocks change, it matters."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M %z}"


def length(time: timedelta) -> str:
    """A length in hours and minutes; what is less than a minute is none."""
    hours, minutes = divmod(time // _MINUTE, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m"
