"""The course of a ticket's clocks: from its events to its clocks, step by step. Pure.

The same reading of events is used twice: to follow a ticket as it changes, and to work its clocks
out again from its history, where what rules decided then (``started``, ``retargeted``, ``dropped``)
is read from the history instead of from the rules of today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.desk.events import Event, Passage
from daemon.desk.ticket import Ticket
from workers.sla import clock as clocks
from workers.sla.agreement import Terms
from workers.sla.clock import Clock, ClockState
from workers.sla.signals import WORK, Act, Signal, signals, waits_for
from workers.sla.spent import counted

#: The fields by which an agreement and its targets are chosen.
CHOSEN_BY = ("priority", "type", "service", "organisation", "major", "team")

Promise = Callable[[Ticket], Mapping[str, Terms]]
#: A ticket's history so far; asked for only where it is needed.
Past = Callable[[], Sequence[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one clock, for the ticket's history."""

    #: started, caught_up, paused, resumed, stopped, cancelled, reopened, retargeted, dropped
    what: str
    clock: Clock
    why: str


class Course:
    """A ticket's clocks on their way."""

    def __init__(self, known: Iterable[Clock], *, is_measured: bool = True) -> None:
        self._clocks = {clock.key: clock for clock in known}
        #: False for a ticket that a machine opened: nothing was promised to anybody.
        self.is_measured = is_measured
        self.steps: list[Step] = []

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """As they are by now, in the order in which they were started."""
        return tuple(self._clocks.values())

    def put(self, clock: Clock, what: str = "", why: str = "") -> None:
        """The clock is now like this; a step if there is a word for it."""
        self._clocks[clock.key] = clock
        if what:
            self.steps.append(Step(what=what, clock=clock, why=why))

    def get(self, metric: str, serial: int) -> Clock | None:
        """One of the clocks."""
        return self._clocks.get((metric, serial))

    def live(self, metrics: Sequence[str], subject: str = "") -> Iterator[Clock]:
        """Those of these metrics that still run or are paused."""
        for clock in self.clocks:
            if clock.is_live and clock.metric in metrics and subject in {"", clock.subject}:
                yield clock

    def obey(self, signal: Signal) -> None:
        """Do what an event means; starts are for whoever knows what is promised."""
        match signal.act:
            case Act.WAIT:
                self._wait(signal)
            case Act.REOPEN:
                self._reopen(signal)
            case Act.STOP | Act.CANCEL:
                self._end(signal)
            case Act.QUIET:
                assert signal.until is not None
                for clock in self.live(signal.metrics):
                    self.put(clocks.acknowledge(clock, signal.until))
            case Act.START:
                pass

    def _wait(self, signal: Signal) -> None:
        for clock in self.live(signal.metrics):
            is_pause = signal.reason in clock.terms.pauses
            if is_pause and clock.state is ClockState.RUNNING:
                self.put(clocks.pause(clock, signal.at), "paused", signal.why)
            elif not is_pause and clock.state is ClockState.PAUSED:
                self.put(clocks.resume(clock, signal.at), "resumed", signal.why)

    def _reopen(self, signal: Signal) -> None:
        # Of several clocks of a metric the last one ended with the ticket.
        last = {clock.metric: clock for clock in self.clocks if clock.metric in signal.metrics}
        for clock in last.values():
            if clock.state is ClockState.STOPPED:
                self.put(clocks.reopen(clock, signal.at), "reopened", signal.why)
        for clock in self.clocks:
            # What was withdrawn with the ticket is owed again with it, as after /undo of /cancel.
            if clock.state is ClockState.CANCELLED and clock.stopped_at == signal.ended_at:
                self.put(clocks.revive(clock, signal.at), "reopened", signal.why)

    def _end(self, signal: Signal) -> None:
        step, what = (
            (clocks.stop, "stopped") if signal.act is Act.STOP else (clocks.cancel, "cancelled")
        )
        for clock in self.live(signal.metrics, signal.subject):
            if signal.reason != "assign" or clock.terms.responds_on_assign:
                self.put(step(clock, signal.at), what, signal.why)

    def start(self, ticket: Ticket, signal: Signal, metric: str, terms: Terms) -> None:
        """One more clock of the metric."""
        clock = clocks.start(
            metric, terms, signal.at, serial=self._next(metric), subject=signal.subject
        )
        self.put(clock, "started", signal.why)
        self._hold_back(ticket, clock, signal.at)

    def catch_up(
        self, ticket: Ticket, signal: Signal, metric: str, terms: Terms, past: Sequence[Event]
    ) -> None:
        """What was not promised so far is promised now, and counts from the arrival, too.

        Time counts as it would have: not while the ticket waited, and not while it was at its end.
        """
        serial, start, now = self._next(metric), ticket.created_at, signal.at
        pauses = terms.pauses if metric in WORK else frozenset[str]()
        spans = counted(past, pauses, start, now)
        spent = sum((terms.calendar.between(*span) for span in spans), timedelta())
        clock = clocks.start_late(metric, terms, start, now, spent, serial)
        self.put(clock, "caught_up", signal.why)
        self._hold_back(ticket, clock, signal.at)

    def _next(self, metric: str) -> int:
        return 1 + sum(clock.metric == metric for clock in self.clocks)

    def _hold_back(self, ticket: Ticket, clock: Clock, at: datetime) -> None:
        reason = waits_for(ticket)
        if clock.metric in WORK and reason in clock.terms.pauses:
            self.put(clocks.pause(clock, at), "paused", f"waits: {reason}")


def follow(course: Course, passages: Sequence[Passage], promise: Promise, past: Past) -> None:
    """Lead the clocks through what has just happened; ``past`` is what happened before it."""
    wanted = list[Signal]()
    for passage in passages:
        for signal in signals(*passage):
            if signal.act is Act.START:
                wanted.append(signal)
            else:
                course.obey(signal)
    if not passages or not course.is_measured:
        return
    before, (_, last, ticket) = passages[0][0], passages[-1]
    if before.last_event:
        _retarget(course, before, ticket, last.at, promise, past)
    _start(course, ticket, wanted, promise)


def _retarget(
    course: Course, before: Ticket, after: Ticket, at: datetime, promise: Promise, past: Past
) -> None:
    """What the agreement is chosen by has changed: so may the targets."""
    changed = [name for name in CHOSEN_BY if getattr(before, name) != getattr(after, name)]
    if not changed:
        return
    terms = promise(after)
    why = ", ".join(f"{name} {getattr(after, name) or 'none'}" for name in changed)
    choose_again(course, terms, at, why)
    for metric in _owed(after):
        # One that was dropped when nothing was promised any more does not stand for it for ever.
        has_one = any(
            clock.metric == metric and clock.state is not ClockState.CANCELLED
            for clock in course.clocks
        )
        if metric in terms and not has_one:
            signal = Signal(act=Act.START, metrics=(metric,), at=at, why=why)
            course.catch_up(after, signal, metric, terms[metric], past())


def _owed(ticket: Ticket) -> tuple[str, ...]:
    """What every ticket has to get that nothing but its arrival starts."""
    if ticket.is_done:
        return ()
    return ("resolve",) if ticket.first_response_at else ("respond", "resolve")


def choose_again(course: Course, terms: Mapping[str, Terms], at: datetime, why: str) -> None:
    """Every clock that is live gets the terms that hold now, or is dropped where none do."""
    for clock in [each for each in course.clocks if each.is_live]:
        new = terms.get(clock.metric)
        if new is None:
            course.put(clocks.cancel(clock, at), "dropped", f"{why}: nothing is promised")
        elif new.promise != clock.terms.promise:
            course.put(clocks.retarget(clock, new, at), "retargeted", why)


def _start(course: Course, ticket: Ticket, wanted: Sequence[Signal], promise: Promise) -> None:
    """The clocks that events asked for, once what they say about the ticket is known."""
    if ticket.is_done or not wanted:
        return
    terms = promise(ticket)
    latest = {(metric, signal.subject): signal for signal in wanted for metric in signal.metrics}
    for (metric, subject), signal in latest.items():
        # The oldest message that is not answered counts: another one starts nothing.
        if metric in terms and not any(course.live((metric,), subject)):
            course.start(ticket, signal, metric, terms[metric])
