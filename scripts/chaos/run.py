"""One run: a desk in its layout, mail flowing, kills, and the count."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from daemon.errors import StoreError
from scripts.bench import sink as sinks
from scripts.bench.desk import Layout, Plan, build
from scripts.bench.sink import Sink
from scripts.bench.table import percentile
from scripts.chaos import verify
from scripts.chaos.flow import Flow
from scripts.chaos.killer import Killer
from scripts.chaos.mailbox import Box
from scripts.chaos.verify import Ledger
from tests.servers import dovecot
from tests.servers.process import folder, wait_until

#: Short leases, so that what a dead worker held is soon due again.
_MORE = "[work]\nlease_seconds = 5\n"
_DELIVERY = "timeout_seconds = 5"
_SETTLE_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to do to which desk."""

    kills: int
    store: str = "sqlite"
    broker: str = "local"
    #: Mails a second, by SMTP and IMAP together.
    rate: float = 25.0
    #: Seconds between two kills, on average.
    interval: float = 1.2
    seed: int = 0


@dataclass(slots=True, kw_only=True)
class Report:
    """What came of it."""

    options: Options
    mails: int
    by_imap: int
    tickets: int
    duplicates: int
    repeats: int
    killer: Killer
    #: From the death of somebody who accepts to the next 250.
    gaps: tuple[float, ...]
    #: From the last kill until nothing waited.
    drained_in: float
    seconds: float
    findings: tuple[str, ...] = field(default=())

    @property
    def lines(self) -> Iterator[str]:
        """For people."""
        kills = sum(self.killer.kills.values())
        names = ", ".join(f"{name} {count}" for name, count in self.killer.kills.most_common())
        options = self.options
        yield f"{options.store} + {options.broker}, seed {options.seed}, {self.seconds:.0f} s"
        yield f"kills       {kills} ({names}), {self.killer.flushed} x FLUSHALL"
        yield (
            f"mails       {self.mails}, of them {self.by_imap} by IMAP; {self.tickets} tickets, "
            f"{self.duplicates} arrivals seen before"
        )
        a_kill = self.repeats / max(kills, 1)
        yield f"repeats     {self.repeats} mails sent again, {a_kill:.3f} a kill"
        yield (
            f"accepting   again after p50 {percentile(self.gaps, 50):.2f} s, "
            f"max {max(self.gaps, default=0.0):.2f} s"
        )
        yield f"drained     {self.drained_in:.1f} s after the last kill"
        yield f"findings    {len(self.findings)}"
        yield from (f"  {finding}" for finding in self.findings)


def programs(broker: str) -> tuple[str, ...]:
    """One process for everything, or each part on its own."""
    return ("run",) if broker == "local" else ("smtp", "imap", "relay", "work:2")


@contextmanager
def _desk(options: Options) -> Iterator[tuple[Layout, Sink, Box, Path]]:
    with (
        folder("chaos") as home,
        sinks.running(home) as sink,
        dovecot.running() as server,
    ):
        box = Box(server)
        maildir = box.create()
        plan = Plan(
            store=options.store,
            broker=options.broker,
            programs=programs(options.broker),
            smarthost=sink.url,
            delivery=_DELIVERY,
            more=_MORE + box.config,
        )
        with build(plan) as layout:
            layout.start()
            yield layout, sink, box, maildir


def run(options: Options) -> Report:
    """Kill, and count."""
    chance = random.Random(options.seed)  # noqa: S311  a seed makes a run repeatable
    began = time.monotonic()
    with _desk(options) as (layout, sink, box, maildir):
        flow = Flow(
            port=layout.port,
            maildir=maildir,
            rate=options.rate,
            chance=random.Random(options.seed + 1),  # noqa: S311
        )
        killer = Killer(layout, chance)
        flow.start()
        try:
            _rage(killer, options)
        finally:
            flow.stop()
        last = time.monotonic()
        flow.join(_SETTLE_SECONDS)
        ledger = _settled(layout, box)
        drained_in = time.monotonic() - last
        killer.revive()
        books = flow.books
        found = [*killer.wrongs, *verify.findings(books, ledger, sink.mails)]
        found += box.findings(books)
        return Report(
            options=options,
            mails=len(books.given),
            by_imap=sum(given.by_imap for given in books.given),
            tickets=len(ledger.tickets),
            duplicates=sum(row.fate == "duplicate" for row in ledger.inbox),
            repeats=sink.count - len({mail.message_id for mail in sink.mails}),
            killer=killer,
            gaps=_gaps(killer.gaps_began, books.acceptances),
            drained_in=drained_in,
            seconds=time.monotonic() - began,
            findings=tuple(found),
        )


def _rage(killer: Killer, options: Options) -> None:
    for _ in range(options.kills):
        pause = killer.chance.uniform(0.1, 0.9) * options.interval
        time.sleep(pause)
        killer.flush_perhaps()
        time.sleep(pause)
        killer.revive()
        killer.kill_one()


def _settled(layout: Layout, box: Box) -> Ledger:
    """The ledger once nothing waits any more; as it is when that does not come about."""

    def is_settled() -> bool:
        time.sleep(0.2)
        try:
            with layout.store() as store:
                return verify.read(store).is_settled and box.waiting == 0
        except StoreError:
            return False

    with contextlib.suppress(TimeoutError):  # the findings tell what still waits
        wait_until(is_settled, seconds=_SETTLE_SECONDS)
    with layout.store() as store:
        return verify.read(store)


def _gaps(began: list[float], acceptances: list[float]) -> tuple[float, ...]:
    """From a death of somebody who accepts to the next 250; of several before one, the last."""
    last_by_next: dict[float, float] = {}
    for instant in began:
        later = next((at for at in acceptances if at > instant), None)
        if later is not None:
            last_by_next[later] = instant
    return tuple(later - instant for later, instant in last_by_next.items())
