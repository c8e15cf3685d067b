"""A month of a service desk in a few minutes, with a worker that dies and a clock that jumps.

Tickets wait, are answered, resolved, reopened and re-prioritised at random; transactions are
abandoned, the worker sleeps for hours, the machine's time goes ahead and comes back. In the end
every warning, breach and escalation must have been told once, in its minute, to whom it concerns.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from daemon.clock import FixedClock
from daemon.context import Context
from daemon.desk.events import EventKind
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.settings import Settings
from daemon.store import migrate, tickets, timers
from daemon.store.engine import Store, Tx
from daemon.store.known import Known
from daemon.store.people import Stranger, meet
from daemon.store.writes import Writes
from scripts.chaos import month_acts, month_rules
from scripts.chaos.month_rules import LEADS, MEMBERS, TARGETS, ZONES
from scripts.chaos.oracle import BREACH, LATER, Minutes, Oracle, Watch
from scripts.desk import make_desk
from workers import clocks
from workers.desk import Desk
from workers.ring import ring

START = datetime(2026, 3, 2, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
#: The calendars are longer than the month: targets reach beyond it.
_DAYS, _LENGTH = 32, 120 * 1440


class Killed(BaseException):
    """The process is gone in the middle of a transaction."""


class DyingStore(Store):
    """A store whose transactions are abandoned at random, as by a kill."""

    def __init__(self, url: str, chance: random.Random) -> None:
        super().__init__(url)
        self._chance = chance
        #: Of a hundred transactions.
        self.deaths_in_hundred = 0.0
        self.deaths = 0

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A transaction that may not see its commit."""
        with super().begin() as tx:
            yield tx
            if self._chance.random() * 100 < self.deaths_in_hundred:
                self.deaths += 1
                raise Killed


@dataclass(slots=True)
class Month:
    """The desk, its time, and what must come of it."""

    folder: Path
    seed: int = 0
    chance: random.Random = field(init=False)
    store: DyingStore = field(init=False)
    clock: FixedClock = field(init=False)
    desk: Desk = field(init=False)
    oracle: Oracle = field(default_factory=Oracle)
    minutes: dict[str, Minutes] = field(init=False)
    now: int = 0
    #: When the oracle looks at which clock.
    _looks: list[tuple[int, int, str]] = field(default_factory=list)
    _person: PersonId = field(init=False)
    _owners: dict[int, str] = field(default_factory=dict)
    _teams: dict[int, str] = field(default_factory=dict)
    jumps: int = 0
    naps: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311  it must come again
        self.clock = FixedClock(START)
        self.minutes = {zone: Minutes(zone, START, _LENGTH) for zone in ZONES.values()}
        rules = self.folder / "rules"
        rules.mkdir()
        month_rules.write(rules)
        settings = Settings(addresses=("help@desk.test",), data_dir=self.folder, rules_dir=rules)
        self.store = DyingStore(settings.store_url, self.chance)
        migrate.upgrade(self.store)
        self.desk = make_desk(self._context(settings))
        agreements = self.desk.rules.current().agreements
        self.desk.calendars.introduce(agreements)
        with self.store.begin() as tx:
            known = Known(Writes(tx))
            self._person = meet(known, Stranger(address="carol@acme.test"), now=START).id
            known.writes.flush()

    def _context(self, settings: Settings) -> Context:
        return Context(
            settings=settings,
            clock=self.clock,
            store=self.store,
            log=structlog.get_logger(),
            ring=lambda job, row_id: None,
            keys=(b"k" * 32,),
        )

    def run(self, count: int) -> None:
        """So many tickets, each with a life of its own."""
        self.store.deaths_in_hundred = 2.0
        acts = sorted(month_acts.plan(self.chance, count), key=lambda act: act[:2])
        sleeps_until = 0
        for place, (minute, _, name, ticket) in enumerate(acts):
            self._ring_until(minute, sleeps_until)
            self._go_to(minute)
            self._act(name, ticket)
            if minute <= sleeps_until:
                continue
            if place % 41 == 0:
                sleeps_until = minute + self.chance.randrange(5, 2000)
                self.naps += 1
            elif place % 17 == 0:
                self._jump()
        self._ring_until(max(self.now, _DAYS * 1440), sleeps_until)

    def _ring_until(self, minute: int, sleeps_until: int) -> None:
        """Everything that comes before a minute, once the worker is awake."""
        while (coming := self._next_ring()) is not None:
            at = max(coming, sleeps_until)
            if at >= minute:
                return
            self._ring_at(at)

    def _go_to(self, minute: int) -> None:
        self.clock.advance(START + minute * _MINUTE - self.clock.now())
        self.now = minute

    def _next_ring(self) -> int | None:
        """When the desk, or the oracle, has something to look at."""
        with self.store.read() as tx:
            due = timers.next_due(tx)
        times = [self._looks[0][0]] if self._looks else []
        if due is not None:
            times.append(max(self.now, -(-(due - START) // _MINUTE)))
        return min(times, default=None)

    def _ring_at(self, minute: int) -> None:
        self._go_to(minute)
        self._ring()
        while self._looks and self._looks[0][0] <= minute:
            _, ticket, metric = heapq.heappop(self._looks)
            watch = self.oracle.watches[ticket, metric]
            self.oracle.ring(watch, minute, partial(self._audience, ticket))
            self._look_again(watch)

    def _ring(self) -> None:
        """The worker works; when it is killed, another starts and goes on."""
        while True:
            try:
                ring(self.desk, 0)
            except Killed:
                self._restart()
            else:
                return

    def _restart(self) -> None:
        while True:
            try:
                with self.store.begin() as tx:
                    timers.take_back(tx, now=self.clock.now())
            except Killed:
                continue
            return

    def _jump(self) -> None:
        """The machine's time is hours ahead for a moment."""
        self.jumps += 1
        here = self.now
        self._ring_at(here + self.chance.randrange(1, 400))
        self._go_to(here)

    def _look_again(self, watch: Watch) -> None:
        coming = watch.next_look(self.now)
        if coming is not None and coming < _LENGTH:
            heapq.heappush(self._looks, (coming, watch.ticket, watch.metric))

    def _audience(self, ticket: int, rank: int) -> tuple[str, ...]:
        """Who stands on a rung, in plain words; nobody: whoever works the ticket."""
        if rank > BREACH + LATER:
            return ("bo",)
        owner, team = self._owners.get(ticket, ""), self._teams[ticket]
        works = {owner} if owner else set(MEMBERS[team])
        if rank < BREACH:
            return tuple(sorted(works))
        named = {owner, LEADS[team]} if rank == BREACH else {LEADS[team]}
        return tuple(sorted(named - {""} or works))

    def _act(self, name: str, ticket: int) -> None:
        if name == "create":
            self._create(ticket)
            return
        while True:
            try:
                before = self._change(name, ticket)
            except Killed:
                self._restart()
            else:
                break
        if before is not None:
            self._note(name, before)
            for watch in self.oracle.of(ticket):
                heapq.heappush(self._looks, (self.now, ticket, watch.metric))

    def _create(self, ticket: int) -> None:
        organisation = self.chance.choice(tuple(ZONES))
        priority, team = self.chance.choice(tuple(TARGETS)), self.chance.choice(("desk", "net"))
        # Some come in late: a mail that lay with a provider.
        arrived = self.now - self.chance.choice((0, 0, 0, 7, 50))
        fields = {"organisation": organisation, "priority": priority, "team": team}
        while True:
            try:
                self._open(ticket, arrived, fields)
            except Killed:
                self._restart()
            else:
                break
        minutes = self.minutes[ZONES[organisation]]
        self._teams[ticket] = team
        for metric, target in zip(("respond", "resolve"), TARGETS[priority], strict=True):
            watch = Watch(ticket, metric, minutes, target, arrived)
            self.oracle.watches[ticket, metric] = watch
            heapq.heappush(self._looks, (self.now, ticket, metric))

    def _open(self, ticket: int, arrived: int, fields: dict[str, Any]) -> None:
        at, now = START + arrived * _MINUTE, self.clock.now()
        change = Change(
            Ticket(
                number=TicketNumber(ticket), requester=self._person, created_at=at, updated_at=at
            )
        )
        change.record(now, "desk", EventKind.CREATED, set={**fields, "subject": f"No {ticket}"})
        with self.store.begin() as tx:
            writes = Writes(tx)
            clocks.follow(writes, self.desk, self.desk.rules.current(), change, now)
            tickets.create(writes, change)
            writes.flush()

    def _change(self, name: str, number: int) -> Ticket | None:
        """Do it, if it can be done; returns the ticket before it."""
        now = self.clock.now()
        with self.store.begin() as tx:
            ticket = tickets.get(tx, number, lock=True)
            fields = month_acts.fields(name, ticket, now)
            if fields is None:
                return None
            writes, change = Writes(tx), Change(ticket)
            if name == "ack":
                until = (now + 240 * _MINUTE).isoformat()
                change.record(now, "agent:ann", EventKind.CLOCK, what="acknowledged", until=until)
            elif name == "answer":
                change.record(
                    now, "agent:ann", EventKind.MESSAGE, direction="out", visibility="public"
                )
            change.set(now, "agent:ann", fields)
            clocks.follow(writes, self.desk, self.desk.rules.current(), change, now)
            tickets.save(tx, change)
            writes.flush()
            return ticket

    def _note(self, name: str, before: Ticket) -> None:
        """The same on paper."""
        watches = {watch.metric: watch for watch in self.oracle.of(before.number)}
        live = [watch for watch in watches.values() if watch.state in {"running", "paused"}]
        if name in month_acts.TURNS:
            metric, state = month_acts.TURNS[name]
            watches[metric].turn(self.now, state)
        elif name in {"resolve", "cancel"}:
            for watch in live:
                watch.turn(self.now, "stopped" if name == "resolve" else "cancelled")
        elif name == "ack":
            for watch in live:
                watch.quiet = self.now + 240
        elif name in TARGETS and name != before.priority:
            for watch in live:
                watch.retarget(self.now, TARGETS[name][watch.metric == "resolve"])
        self._hand_over(name, before)

    def _hand_over(self, name: str, before: Ticket) -> None:
        if name == "take":
            self._owners[before.number] = month_acts.taker(before.number)
        elif name == "team":
            self._teams[before.number] = "net" if before.team == "desk" else "desk"
