"""What an event of a ticket means to its clocks: one table of readers, by the event's kind. Pure.

A new practice that is measured is a metric in ``agreement.py`` and a signal here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from daemon.desk.events import Event, EventKind
from daemon.desk.ticket import State, Ticket

#: Those that go on after a reopening, and that an agreed wait stops.
WORK = ("resolve", "own")
#: Ended or withdrawn together with their ticket.
ALL = ("respond", "next", "update", "resolve", "own", "supply", "approve", "task")


class Act(StrEnum):
    """What is to be done with clocks."""

    START = "start"
    STOP = "stop"
    #: Time counts no more if the agreement lists the reason, else it counts on.
    WAIT = "wait"
    REOPEN = "reopen"
    CANCEL = "cancel"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing to be done with the clocks of these metrics."""

    act: Act
    metrics: tuple[str, ...]
    at: datetime
    #: For a reader.
    why: str
    #: Of WAIT the reason; empty: nothing is waited for any more.
    reason: str = ""
    #: Only the clock of this task or step.
    subject: str = ""
    #: Of QUIET.
    until: datetime | None = None
    #: Of REOPEN: when the ticket came to its end.
    ended_at: datetime | None = None


def signals(before: Ticket, event: Event, after: Ticket) -> tuple[Signal, ...]:
    """What the event that led from one state of the ticket to the other means."""
    read = _READERS.get(event.kind)
    return tuple(read(before, event, after)) if read else ()


def waits_for(ticket: Ticket) -> str:
    """For what the ticket waits, in the words of agreements; empty while it does not."""
    if ticket.state is State.APPROVAL:
        return "approval"
    if ticket.state is not State.WAITING:
        return ""
    return ticket.wait_reason or ("until" if ticket.wait_until else "customer")


def _created(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    # From the arrival of the first message, whenever a worker came to it.
    at, why = after.created_at, "the first message arrived"
    yield Signal(act=Act.START, metrics=("respond", "resolve"), at=at, why=why)
    yield from _changed(before, event, after)


def _changed(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    yield from _answered(before, event, after)
    yield from _handed_over(before, event, after)
    # What is opened again may be to wait at once; what ends while it waits has waited until then.
    read = (_ended, _waiting) if before.is_done else (_waiting, _ended)
    for reader in read:
        yield from reader(before, event, after)


def _answered(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    if before.first_response_at is None and after.first_response_at is not None:
        at, why = after.first_response_at, "first answered"
        yield Signal(act=Act.STOP, metrics=("respond",), at=at, why=why)
    if after.owner and not before.owner:
        why = f"taken by {after.owner}"
        yield Signal(act=Act.STOP, metrics=("respond",), at=event.at, why=why, reason="assign")


def _handed_over(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    if before.team == after.team:
        return
    if before.team:
        why = f"handed over to {after.team or 'nobody'}"
        yield Signal(act=Act.STOP, metrics=("own",), at=event.at, why=why)
    if after.team:
        yield Signal(act=Act.START, metrics=("own",), at=event.at, why=f"given to {after.team}")


def _waiting(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    old, new = waits_for(before), waits_for(after)
    if old == new:
        return
    if not after.is_done:
        why = f"waits: {new}" if new else _cause(event, "waits no more")
        yield Signal(act=Act.WAIT, metrics=WORK, at=event.at, why=why, reason=new)
    if old == "vendor":
        yield Signal(act=Act.STOP, metrics=("supply",), at=event.at, why="the supplier is done")
    if new == "vendor":
        yield Signal(act=Act.START, metrics=("supply",), at=event.at, why="waits for a supplier")


def _ended(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    if before.is_done and not after.is_done:
        why = _cause(event, "reopened")
        ended_at = before.closed_at
        yield Signal(act=Act.REOPEN, metrics=WORK, at=event.at, why=why, ended_at=ended_at)
    elif after.is_done and not before.is_done:
        is_void = after.state in {State.CANCELLED, State.REJECTED} or (
            # What belongs to another ticket is measured there.
            after.resolution_code == "duplicate"
        )
        act = Act.CANCEL if is_void else Act.STOP
        yield Signal(act=act, metrics=ALL, at=event.at, why=_cause(event, after.state.value))


def _cause(event: Event, otherwise: str) -> str:
    why = event.data.get("why")
    return f"{otherwise}: {why}" if why else otherwise


def _message(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    data = event.data
    if data.get("visibility") != "public" or data.get("automatic") or data.get("thanks"):
        return
    if data.get("direction") == "out":
        why = "the requester was written to"
        yield Signal(act=Act.STOP, metrics=("next", "update"), at=event.at, why=why)
        yield Signal(act=Act.START, metrics=("update",), at=event.at, why=why)
    elif after.first_response_at is not None or after.reopen_count:
        # Who was told nothing but that it is resolved, and writes again, waits for an answer, too.
        yield Signal(act=Act.START, metrics=("next",), at=event.at, why="the requester wrote")


def _task(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    what, subject = event.data.get("what"), str(event.data.get("task", ""))
    act = Act.START if what == "added" else Act.STOP
    why = f"task {subject} {what}"
    yield Signal(act=act, metrics=("task",), at=event.at, why=why, subject=subject)


def _clock(before: Ticket, event: Event, after: Ticket) -> Iterator[Signal]:
    """Clocks that are opened and closed by name, and an acknowledgement."""
    data = event.data
    match data.get("what"):
        case "acknowledged":
            until = datetime.fromisoformat(data["until"])
            why = f"acknowledged until {data['until']}"
            yield Signal(act=Act.QUIET, metrics=ALL, at=event.at, why=why, until=until)
        case "opened" | "closed" as what:
            act = Act.START if what == "opened" else Act.STOP
            metric, subject = str(data["metric"]), str(data.get("subject", ""))
            why = str(data.get("why") or f"{metric} {subject} {what}")
            yield Signal(act=act, metrics=(metric,), at=event.at, why=why, subject=subject)


_READERS: Mapping[EventKind, Callable[[Ticket, Event, Ticket], Iterator[Signal]]] = {
    EventKind.CREATED: _created,
    EventKind.CHANGED: _changed,
    EventKind.MESSAGE: _message,
    EventKind.TASK: _task,
    EventKind.CLOCK: _clock,
}
