"""How long the desk waits for somebody: the timers that begin and end with a ticket's state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from daemon.desk.events import EventKind
from daemon.desk.ticket import State, Ticket
from daemon.desk.update import Change
from daemon.store import timers
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers.rules.ruleset import RuleSet
from workers.sla.agreement import choose
from workers.sla.calendar import ALWAYS, Calendar
from workers.sla.signals import waits_for

#: The kind of these timers.
KIND = "waiting"


def follow(writes: Writes, rules: RuleSet, change: Change, now: datetime) -> None:
    """Set and cancel the timers of a ticket that begins or ends to wait, or is resolved.

    Reminders count from the last question.
    """
    before, after = change.before, change.ticket
    for name, is_on in _LIVES.items():
        was, now_is = is_on(before), is_on(after)
        if was == now_is and not (name == "remind" and _asks_again(change)):
            continue
        if was:
            timers.cancel(writes, after.number, f"{name}:{after.number}:")
        if now_is:
            timers.add(writes, list(_timers(name, rules, after, now)))


def _asks_again(change: Change) -> bool:
    """True for one more question: the requester has the whole time for that."""
    return any(
        event.kind is EventKind.MESSAGE
        and event.data.get("direction") == "out"
        and event.data.get("visibility") == "public"
        for event in change.events
    )


def waits_for_customer(ticket: Ticket) -> str:
    """A word while the ticket waits for the requester's answer, else none."""
    return "customer" if waits_for(ticket) == "customer" else ""


def _until(ticket: Ticket) -> str:
    is_set = ticket.state is State.WAITING and ticket.wait_until is not None
    return ticket.wait_until.isoformat() if is_set and ticket.wait_until else ""


def _resolved(ticket: Ticket) -> str:
    return "resolved" if ticket.state is State.RESOLVED else ""


#: What timers are set for; the timers last as long as the word does.
_LIVES: Mapping[str, Callable[[Ticket], str]] = {
    "remind": waits_for_customer,
    "wake": _until,
    "close": _resolved,
}


def _timers(name: str, rules: RuleSet, ticket: Ticket, now: datetime) -> Iterator[Timer]:
    """The timers that begin now; their keys hold the event that began it."""
    patience, days_after = rules.patience, _calendar(rules, ticket, now).days_after
    key = f"{name}:{ticket.number}:{ticket.last_event}"
    if name == "wake":
        assert ticket.wait_until is not None
        yield _timer(key, ticket, ticket.wait_until, act="wake")
    elif name == "close" and patience.close is not None:
        yield _timer(key, ticket, days_after(now, patience.close), act="close")
    elif name == "remind":
        for days in patience.remind:
            at = days_after(now, days)
            yield _timer(f"{key}:{days}", ticket, at, act="remind", days=days)
        if patience.resolve is not None:
            at = days_after(now, patience.resolve)
            yield _timer(f"{key}:end", ticket, at, act="resolve", days=patience.resolve)


def _timer(key: str, ticket: Ticket, at: datetime, **data: Any) -> Timer:
    return Timer(key=key, kind=KIND, at=at, ticket=ticket.number, data=data)


def _calendar(rules: RuleSet, ticket: Ticket, now: datetime) -> Calendar:
    """Business days are those of the ticket's agreement; without one every day is."""
    chosen = choose(rules.agreements, ticket, now.date())
    return chosen[0].calendar if chosen else ALWAYS
