"""The processes that work: jobs, and the relay that rings for what is due."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click
from dramatiq import Broker

from daemon.bell import Bell
from daemon.context import Context
from daemon.health import HealthPart
from daemon.settings import Settings
from daemon.store.seat import Seat
from daemon.store.writes import Writes
from scripts.desk import make_desk
from scripts.processes import Part, Process
from scripts.ringing import bell_to_workers
from scripts.seats import take_seats
from workers import audit, digests
from workers import broker as brokers
from workers.bells import BrokerBell, local_bell
from workers.broker import declare
from workers.carriers import Carrier, Carriers
from workers.desk import CALLERS, Desk
from workers.doorway import Doorway
from workers.job import EVERY_QUEUE
from workers.jobs import table
from workers.lookout import Lookout
from workers.maildir import Maildir
from workers.pool import Pool
from workers.relay import Relay
from workers.smarthost import Smarthost
from workers.steps import recorder

_DRAIN_SECONDS = 20.0
_LOOKOUT_SECONDS = 5.0


@click.command()
@click.pass_obj
def relay(config: Path | None) -> None:
    """Run the relay: it rings again for whatever is due."""
    process = Process(config)
    if process.open_store():
        process.run(_relaying(process.context(bell_to_workers(process))))


@click.command()
@click.option(
    "--queue",
    "queues",
    type=click.Choice(EVERY_QUEUE),
    multiple=True,
    default=EVERY_QUEUE,
    help="Work on this queue only: in takes in and rings timers, out sends, call calls web"
    " servers. May be given several times; default all.",
)
@click.pass_obj
def work(config: Path | None, queues: tuple[str, ...]) -> None:
    """Run the workers."""
    _work(config, frozenset(queues))


@click.command(hidden=True)
@click.pass_obj
def work_process(config: Path | None) -> None:
    """Run the part of ``postdesk run`` that takes in."""
    _work(config, frozenset({"in", "call"}))


@click.command(hidden=True)
@click.pass_obj
def send_process(config: Path | None) -> None:
    """Run the part of ``postdesk run`` that sends."""
    _work(config, frozenset({"out"}))


def _work(config: Path | None, queues: Collection[str]) -> None:
    """With the local broker their doorways too; the relay is with those who take in."""
    process = Process(config)
    if not process.open_store():
        return
    broker = brokers.make(process.settings.broker_url, process.log)
    ctx = process.context(_bell(process, broker, queues))
    desk = make_desk(ctx)
    desk.rules.current()
    if "in" in queues:
        _plan(desk)
    parts: list[Part] = [WorkersPart(desk, broker, queues)]
    seats: list[Seat] = []
    if ctx.settings.has_local_broker:
        seats = take_seats(ctx, queues)
        parts += [DoorwayPart(ctx, queue) for queue in queues]
        parts += _relaying(ctx) if "in" in queues else []
    process.run(parts, desk.reload)
    for seat in seats:
        seat.leave()


def _bell(process: Process, broker: Broker, queues: Collection[str]) -> Bell:
    if process.settings.has_local_broker:
        return local_bell(broker, queues, bell_to_workers(process))
    return BrokerBell(broker, process.log).ring


def _plan(desk: Desk) -> None:
    """The timers that are there without any mail."""
    now = desk.ctx.clock.now()
    with desk.ctx.store.begin() as tx:
        writes = Writes(tx)
        digests.plan(writes, desk, now)
        if desk.ctx.settings.mailboxes:
            audit.plan(writes, now)
        writes.flush()


def _relaying(ctx: Context) -> list[Part]:
    """The relay, and health beside it: there is one of each, whatever the layout."""
    return [RelayPart(ctx), *([HealthPart(ctx)] if ctx.settings.http.listen else [])]


class WorkersPart:
    """The workers of some queues."""

    def __init__(self, desk: Desk, broker: Broker, queues: Collection[str]) -> None:
        settings = desk.ctx.settings
        self._parsers = desk.parsers
        self._carriers = _carriers(desk) if "out" in queues else None
        jobs = table(desk, self._carriers, queues)
        declare(broker, jobs)
        self._pool = Pool(broker, _threads(settings, queues), queues)
        # Beside a relay no ring is lost for long: it rings again in the same process.
        has_relay = settings.has_local_broker and "in" in queues
        self._lookout = None if has_relay else Lookout(desk.ctx, jobs)

    def start(self) -> None:
        """Work."""
        self._pool.start()
        if self._lookout is not None:
            self._lookout.start()

    def stop(self) -> None:
        """Let the jobs under way end; a batch of deliveries ends after the mail in hand."""
        if self._carriers is not None:
            self._carriers.stopping.set()
        if self._lookout is not None:
            self._lookout.stop(_LOOKOUT_SECONDS)
        self._pool.stop(_DRAIN_SECONDS)
        if self._carriers is not None:
            self._carriers.close()
        self._parsers.close()


def _threads(settings: Settings, queues: Collection[str]) -> int:
    """Deliveries and calls may hang for a time-out each; intake must still find a thread."""
    most = {"in": settings.work.threads, "out": settings.delivery.connections, "call": CALLERS}
    return sum(most[queue] for queue in queues)


def _carriers(desk: Desk) -> Carriers:
    ctx = desk.ctx
    most = ctx.settings.delivery.connections
    return Carriers(lambda: _carrier(desk), most, recorder(ctx.store, ctx.log))


def _carrier(desk: Desk) -> Carrier:
    settings = desk.ctx.settings
    if settings.delivery.smarthost:
        return Smarthost(settings.delivery, desk.ctx.clock, desk.identity.domain)
    return Maildir(settings.delivery.maildir or settings.data_dir / "outgoing")


class DoorwayPart:
    """The socket by which other processes wake the workers of a queue on their machine."""

    def __init__(self, ctx: Context, queue: str) -> None:
        self._ctx, self._queue = ctx, queue
        self._doorway: Doorway | None = None

    def start(self) -> None:
        """Listen for rings."""
        self._doorway = Doorway(self._ctx.settings.data_dir, self._queue, self._ctx.ring)

    def stop(self) -> None:
        """Hear no more."""
        if self._doorway is not None:
            self._doorway.close()


class RelayPart:
    """The relay."""

    def __init__(self, ctx: Context) -> None:
        self._relay = Relay(ctx)

    def start(self) -> None:
        """Sweep."""
        self._relay.start()

    def stop(self) -> None:
        """End."""
        self._relay.stop()
