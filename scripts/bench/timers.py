"""How many due timers a second ring while a hundred thousand clocks are open.

Each ticket has two clocks and each clock one timer; those that come due are found among all others,
and each causes an event, a warning and the next timer.
"""

from __future__ import annotations

import logging
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from daemon.clock import FixedClock
from daemon.context import Context
from daemon.desk.events import EventKind
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.settings import Settings
from daemon.store import migrate, tickets
from daemon.store.engine import Store
from daemon.store.known import Known
from daemon.store.people import Stranger, meet
from daemon.store.writes import Writes
from scripts.chaos import month_rules
from scripts.desk import make_desk
from workers import clocks
from workers.desk import Desk
from workers.ring import ring

_START = datetime(2026, 3, 2, 0, tzinfo=UTC)
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many clocks are open, two a ticket, and how many of their timers come due."""

    clocks: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What was measured."""

    rung: float
    started: float
    #: Of the processor, for one timer with its mail.
    milliseconds: float


def rates(sizes: Sizes) -> Rates:
    """Timers rung and clocks started a second, without their deliveries."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        clock = FixedClock(_START)
        desk = _desk(Path(folder), clock)
        begun = time.perf_counter()
        _open(desk, sizes.clocks // 2, sizes.due)
        started = sizes.clocks / (time.perf_counter() - begun)
        # 50 % of the four hours of a P2 in which it has to be answered.
        clock.advance(timedelta(hours=2, seconds=1))
        begun, used = time.perf_counter(), time.process_time()
        ring(desk, 0)
        rung = sizes.due / (time.perf_counter() - begun)
        cost = 1000 * (time.process_time() - used) / sizes.due
        desk.ctx.store.close()
    return Rates(rung=rung, started=started, milliseconds=cost)


def _desk(folder: Path, clock: FixedClock) -> Desk:
    rules = folder / "rules"
    rules.mkdir()
    month_rules.write(rules)
    settings = Settings(addresses=("help@desk.test",), data_dir=folder, rules_dir=rules)
    store = Store(settings.store_url)
    migrate.upgrade(store)
    return make_desk(
        Context(
            settings=settings,
            clock=clock,
            store=store,
            log=structlog.get_logger(),
            ring=lambda job, row_id: None,
            keys=(b"k" * 32,),
        )
    )


def _open(desk: Desk, count: int, due: int) -> None:
    """So many tickets; the first ones in a hurry, the others with days left."""
    desk.calendars.introduce(desk.rules.current().agreements)
    for begin in range(0, count, _CHUNK):
        with desk.ctx.store.begin() as tx:
            known = Known(Writes(tx))
            carol = meet(known, Stranger(address="carol@acme.test"), now=_START)
            for number in range(begin + 1, min(begin + _CHUNK, count) + 1):
                priority = "P2" if number <= due else "P4"
                _ticket(known.writes, desk, number, carol.id, priority)
            known.writes.flush()


def _ticket(writes: Writes, desk: Desk, number: int, person: PersonId, priority: str) -> None:
    change = Change(
        Ticket(number=TicketNumber(number), requester=person, created_at=_START, updated_at=_START)
    )
    fields = {"priority": priority, "team": "net", "subject": f"No {number}"}
    change.record(_START, "desk", EventKind.CREATED, set=fields)
    clocks.follow(writes, desk, desk.rules.current(), change, _START)
    tickets.create(writes, change)
