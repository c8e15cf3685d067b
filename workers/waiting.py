"""Tickets that waited long enough: reminded, resolved without an answer, woken, closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daemon.desk.events import EventKind
from daemon.desk.ticket import State, Ticket
from daemon.desk.update import Change
from daemon.store import messages, tickets, timers
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers import absence, clocks, ruling, tell
from workers.desk import Desk
from workers.farewell import farewell
from workers.notices.notice import Due, Kind
from workers.patience import waits_for_customer
from workers.rules.ruleset import RuleSet
from workers.ruling import Scene
from workers.tell import Teller


@dataclass(frozen=True, slots=True)
class _Ringing:
    """One timer being rung for a ticket that still waits."""

    writes: Writes
    desk: Desk
    rules: RuleSet
    timer: Timer
    change: Change
    now: datetime

    @property
    def days(self) -> int:
        return int(self.timer.data.get("days", 0))

    def notify(self, kind: Kind, **fields: Any) -> None:
        ticket = self.change.ticket
        asked = _last_words(self.writes, ticket)
        unique = f"{kind.value}-{self.timer.key}"
        Teller(self.writes, self.desk, self.now).to_requester(
            ticket, kind, unique=unique, **asked, **fields
        )
        self.change.record(self.now, "desk", EventKind.NOTICE, notice=kind.value)


def ring(writes: Writes, desk: Desk, timer: Timer, now: datetime) -> None:
    """Remind, resolve, wake or close, if the ticket is still as it was when the timer was set."""
    assert timer.ticket is not None
    rules, act = desk.rules.current(), str(timer.data["act"])
    change = Change(tickets.get(writes.tx, timer.ticket, lock=True))
    ringing = _Ringing(writes, desk, rules, timer, change, now)
    _ACTS[act](ringing)
    if change.events:
        scene = Scene(writes=writes, desk=desk, rules=rules, now=now, unique=f"timer{timer.id}")
        ruled = ruling.happened(scene, change)
        clocks.follow(writes, desk, rules, change, now)
        tickets.save(writes.tx, change)
        ruled.carry_out()


def _remind(ringing: _Ringing) -> None:
    """The latest reminder alone, after a long sleep; none where the end has come as well."""
    ticket = ringing.change.ticket
    if waits_for_customer(ticket) and not _is_overtaken(ringing):
        ringing.notify(Kind.WAITING_REMINDER, days=ringing.days, due=_end(ringing))


def _is_overtaken(ringing: _Ringing) -> bool:
    prefix = ringing.timer.key.rpartition(":")[0]
    later = timers.with_prefix(ringing.writes, ringing.change.ticket.number, f"{prefix}:")
    return any(ringing.timer.at < other.at <= ringing.now for other in later)


def _end(ringing: _Ringing) -> tuple[Due, ...]:
    """When the ticket will be resolved without an answer."""
    prefix = ringing.timer.key.rpartition(":")[0]
    ends = timers.with_prefix(ringing.writes, ringing.change.ticket.number, f"{prefix}:end")
    return tuple(Due(metric="resolve", at=end.at) for end in ends)


def _resolve(ringing: _Ringing) -> None:
    change, now, days = ringing.change, ringing.now, ringing.days
    if not waits_for_customer(change.ticket):
        return
    change.set(
        now,
        "desk",
        {
            "state": State.RESOLVED.value,
            "resolved_at": now.isoformat(),
            "resolution_code": "no-answer",
            "wait_reason": "",
            "wait_until": None,
        },
        why=f"no answer for {days} business days",
    )
    ringing.notify(Kind.AUTO_RESOLVED, days=days)


def _wake(ringing: _Ringing) -> None:
    """The time until which it was to wait is over: its handlers are told."""
    change, now = ringing.change, ringing.now
    until = change.ticket.wait_until
    if change.ticket.state is not State.WAITING or until is None or until > now:
        return
    fields = {"state": State.OPEN.value, "wait_reason": "", "wait_until": None}
    change.set(now, "desk", fields, why="the time is over")
    directory, ticket = ringing.rules.directory, change.ticket
    staff, handlers = ringing.desk.staff, tell.handlers(directory, ticket)
    Teller(ringing.writes, ringing.desk, now).to_agents(
        absence.with_stand_ins(ringing.writes, staff, directory, ticket, handlers, now),
        ticket,
        Kind.WOKEN,
        unique=ringing.timer.key,
        due=tell.due_of(ringing.writes.tx, ticket),
        handler=tell.handler_name(directory, ticket),
    )


def _close(ringing: _Ringing) -> None:
    """Resolved for long enough: closed, and told where admins want so."""
    if ringing.change.ticket.state is State.RESOLVED:
        fields = {"state": State.CLOSED.value, "closed_at": ringing.now.isoformat()}
        ringing.change.set(ringing.now, "desk", fields, why="nobody objected")
        teller = Teller(ringing.writes, ringing.desk, ringing.now)
        farewell(teller, ringing.change.ticket, unique=ringing.timer.key)


_ACTS: Mapping[str, Callable[[_Ringing], None]] = {
    "remind": _remind,
    "resolve": _resolve,
    "wake": _wake,
    "close": _close,
}


def _last_words(writes: Writes, ticket: Ticket) -> dict[str, str]:
    """What we asked: the last public message of an agent."""
    writes.flush()
    public = [
        entry
        for entry in messages.of(writes.tx, ticket.number)
        if entry.direction == "out" and entry.visibility == "public"
    ]
    if not public:
        return {}
    last = public[-1]
    return {"author": last.from_name, "author_address": last.from_address, "text": last.reply}
