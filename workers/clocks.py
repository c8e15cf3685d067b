"""A ticket's clocks follow what happens to it, in the same transaction.

``workers/sla`` knows what an event means to a clock; here are only the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from daemon.desk.events import Event, EventKind
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.store import clocks, tickets, timers
from daemon.store.clocks import ClockRow
from daemon.store.writes import Writes
from workers import patience
from workers.calendars import Calendars
from workers.desk import Desk
from workers.rules.ruleset import RuleSet
from workers.sla import course
from workers.sla.agreement import Terms, promised
from workers.sla.clock import Clock, ClockState
from workers.sla.course import CHOSEN_BY, Course
from workers.sla.deadlines import following, prefix
from workers.sla.history import entry, terms_entry, terms_of
from workers.sla.ladder import PLAIN, Ladder

#: The kind of the timers that ring for clocks.
KIND = "sla"
#: What a ticket's history says of one that a machine opened.
UNMEASURED = "unmeasured"
_MICROSECOND = timedelta(microseconds=1)


def follow(
    writes: Writes,
    desk: Desk,
    rules: RuleSet,
    change: Change,
    now: datetime,
    *,
    is_measured: bool = True,
) -> tuple[Clock, ...]:
    """Start, pause, resume, stop and re-target clocks as the change asks; to be called once.

    Call it when everything else is recorded and before the change is saved: what becomes of the
    clocks is recorded, too. ``is_measured`` is false for what a machine wrote.
    """
    ticket = change.before
    known = load(writes, desk.calendars, ticket.number) if ticket.last_event else ()
    if not known and ticket.last_event:
        is_measured = _is_measured(writes, change)
    way = Course(known, is_measured=is_measured)
    past = partial(_past, writes, ticket.number)
    course.follow(way, change.passages, lambda after: promises(rules, after, now), past)
    if not (ticket.last_event or is_measured):
        why = "opened by a machine: nothing is promised"
        change.record(now, "desk", EventKind.CLOCK, what=UNMEASURED, why=why)
    record(change, way, now)
    keep(writes, rules, ticket.number, known, way.clocks, now)
    patience.follow(writes, rules, change, now)
    return way.clocks


def rebase(writes: Writes, desk: Desk, rules: RuleSet, number: int, now: datetime) -> Course:
    """Give a ticket's clocks that are live the targets of today, deliberately, and record it."""
    change = Change(tickets.get(writes.tx, number, lock=True))
    known = load(writes, desk.calendars, number)
    way = Course(known)
    course.choose_again(way, promises(rules, change.ticket, now), now, "rebase")
    record(change, way, now)
    keep(writes, rules, number, known, way.clocks, now)
    tickets.save(writes.tx, change)
    return way


def promises(rules: RuleSet, ticket: Ticket, now: datetime) -> Mapping[str, Terms]:
    """What is promised about the ticket by the rules in force."""
    return promised(rules.agreements, ticket, now.date())


def _is_measured(writes: Writes, change: Change) -> bool:
    """Whether a ticket without clocks may get some: only looked up where it would."""
    before, after = change.before, change.ticket
    if all(getattr(before, name) == getattr(after, name) for name in CHOSEN_BY):
        return True
    history = _past(writes, before.number)
    return not any(event.data.get("what") == UNMEASURED for event in history)


def _past(writes: Writes, ticket: int) -> Sequence[Event]:
    writes.before([("ticket", ticket)])
    return tickets.history(writes.tx, ticket)


def load(writes: Writes, calendars: Calendars, ticket: int) -> tuple[Clock, ...]:
    """The clocks of a ticket, in the order in which they were started."""
    writes.before([("ticket", ticket), ("clocks", ticket)])
    return tuple(clock_of(row, calendars) for row in clocks.of(writes.tx, ticket))


def record(change: Change, way: Course, now: datetime) -> None:
    """What became of the clocks, in the ticket's history."""
    for step in way.steps:
        change.record(now, f"clock:{step.clock.metric}", EventKind.CLOCK, **entry(step))


def keep(
    writes: Writes,
    rules: RuleSet,
    ticket: int,
    before: Iterable[Clock],
    after: Iterable[Clock],
    now: datetime,
) -> None:
    """Write the clocks that are not as they were, and set their timers."""
    known = {clock.key: clock for clock in before}
    for clock in after:
        old = known.get(clock.key)
        if clock == old:
            continue
        if old is None:
            clocks.add(writes, [row_of(clock, ticket)])
        else:
            clocks.save(writes.tx, row_of(clock, ticket))
        _set_timer(writes, rules, ticket, old, clock, now)


def _set_timer(
    writes: Writes, rules: RuleSet, ticket: int, old: Clock | None, clock: Clock, now: datetime
) -> None:
    is_new_setting = old is None or old.generation != clock.generation
    if old and (is_new_setting or clock.state is not ClockState.RUNNING):
        # What was due already rings all the same: it was missed in time, and is told.
        timers.cancel(writes, ticket, prefix(ticket, clock), after=now)
    if is_new_setting:
        next_rung(writes, rules, ticket, clock, clock.told)


def next_rung(writes: Writes, rules: RuleSet, ticket: int, clock: Clock, told: int) -> None:
    """The timer for the first rung above one that was told."""
    deadline = following(clock, ladder_of(rules, clock), ticket, told)
    if deadline is None:
        return
    data = {"metric": clock.metric, "serial": clock.serial, "rank": deadline.rank}
    timer = timers.Timer(key=deadline.key, kind=KIND, at=deadline.at, ticket=ticket, data=data)
    timers.add(writes, [timer])


def ladder_of(rules: RuleSet, clock: Clock) -> Ladder:
    """Whom the agreement names today; an agreement that is gone leaves the breach alone."""
    agreement = rules.agreement(clock.terms.agreement)
    return agreement.ladder if agreement else PLAIN


def row_of(clock: Clock, ticket: int) -> ClockRow:
    """A clock as a row."""
    return ClockRow(
        ticket=ticket,
        metric=clock.metric,
        serial=clock.serial,
        subject=clock.subject,
        terms=terms_entry(clock.terms),
        state=clock.state.value,
        started_at=clock.started_at,
        since=clock.since,
        consumed=clock.consumed // _MICROSECOND,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        breached_at=clock.breached_at,
        is_retargeted=clock.is_retargeted,
        is_reopened=clock.is_reopened,
        generation=clock.generation,
        told=clock.told,
        quiet_until=clock.quiet_until,
    )


def clock_of(row: ClockRow, calendars: Calendars) -> Clock:
    """A row as a clock."""
    return Clock(
        metric=row.metric,
        serial=row.serial,
        subject=row.subject,
        terms=terms_of(row.terms, calendars.of),
        state=ClockState(row.state),
        started_at=row.started_at,
        since=row.since,
        consumed=row.consumed * _MICROSECOND,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        breached_at=row.breached_at,
        is_retargeted=row.is_retargeted,
        is_reopened=row.is_reopened,
        generation=row.generation,
        told=row.told,
        quiet_until=row.quiet_until,
    )
