"""The processes that work: jobs, and the relay that rings for what is due."""

from __future__ import annotations

from pathlib import Path

import click
from dramatiq import Broker

from daemon.bell import Bell
from daemon.context import Context
from daemon.health import HealthPart
from daemon.store import inbox as inbox_rows
from daemon.store import outbox, timers
from daemon.store.seat import Seat
from daemon.store.writes import Writes
from scripts.desk import make_desk
from scripts.processes import Part, Process
from scripts.ringing import bell_to_workers
from workers import audit, digests
from workers import broker as brokers
from workers.bells import BrokerBell, local_bell
from workers.broker import declare
from workers.deliver import Carrier, Carriers, recorder
from workers.desk import Desk
from workers.doorway import Doorway
from workers.jobs import table
from workers.lookout import Lookout
from workers.maildir import Maildir
from workers.pool import Pool
from workers.relay import Relay
from workers.smarthost import Smarthost

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
@click.pass_obj
def work(config: Path | None) -> None:
    """Run the workers."""
    _work(config)


@click.command(hidden=True)
@click.pass_obj
def work_process(config: Path | None) -> None:
    """Run the working half of ``postdesk run``."""
    _work(config)


def _work(config: Path | None) -> None:
    """With the local broker their relay and doorway too."""
    process = Process(config)
    if not process.open_store():
        return
    broker = brokers.make(process.settings.broker_url, process.log)
    ctx = process.context(_bell(process, broker))
    desk = make_desk(ctx)
    desk.rules.current()
    parts: list[Part] = [WorkersPart(desk, broker)]
    with ctx.store.begin() as tx:
        writes = Writes(tx)
        digests.plan(writes, desk, ctx.clock.now())
        if ctx.settings.mailboxes:
            audit.plan(writes, ctx.clock.now())
        writes.flush()
    seat = Seat(ctx.store, "work")
    if ctx.settings.has_local_broker:
        if seat.is_held():
            _take_back(ctx)
        parts += [DoorwayPart(ctx), *_relaying(ctx)]
    process.run(parts, desk.reload)
    seat.leave()


def _bell(process: Process, broker: Broker) -> Bell:
    local = process.settings.has_local_broker
    return local_bell(broker) if local else BrokerBell(broker, process.log).ring


def _relaying(ctx: Context) -> list[Part]:
    """The relay, and health beside it: there is one of each, whatever the layout."""
    return [RelayPart(ctx), *([HealthPart(ctx)] if ctx.settings.http.listen else [])]


def _take_back(ctx: Context) -> None:
    """What a dead predecessor was working on is due again; nobody else works here."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        taken = {
            "inbox": inbox_rows.take_back(tx, now=now),
            "outbox": outbox.take_back(tx, now=now),
            "timers": timers.take_back(tx, now=now),
        }
    if any(taken.values()):
        ctx.log.info("leases_taken_back", **taken)


class WorkersPart:
    """The workers, and the bell that wakes them; in the default mode their relay too."""

    def __init__(self, desk: Desk, broker: Broker) -> None:
        settings = desk.ctx.settings
        self._parsers = desk.parsers
        self._carriers = Carriers(
            lambda: _carrier(desk),
            settings.delivery.connections,
            recorder(desk.ctx.store, desk.ctx.log),
        )
        jobs = table(desk, self._carriers)
        declare(broker, jobs)
        # Deliveries may hang for a time-out each; intake must still find a thread.
        self._pool = Pool(broker, settings.work.threads + settings.delivery.connections)
        # Inside one process no ring is lost for long: its own relay rings again.
        self._lookout = None if settings.has_local_broker else Lookout(desk.ctx, jobs)

    def start(self) -> None:
        """Work."""
        self._pool.start()
        if self._lookout is not None:
            self._lookout.start()

    def stop(self) -> None:
        """Let the jobs under way end; a batch of deliveries ends after the mail in hand."""
        self._carriers.stopping.set()
        if self._lookout is not None:
            self._lookout.stop(_LOOKOUT_SECONDS)
        self._pool.stop(_DRAIN_SECONDS)
        self._carriers.close()
        self._parsers.close()


def _carrier(desk: Desk) -> Carrier:
    settings = desk.ctx.settings
    if settings.delivery.smarthost:
        return Smarthost(settings.delivery, desk.ctx.clock, desk.identity.domain)
    return Maildir(settings.delivery.maildir or settings.data_dir / "outgoing")


class DoorwayPart:
    """The socket by which the accepting process wakes the workers of its machine."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._doorway: Doorway | None = None

    def start(self) -> None:
        """Listen for rings."""
        self._doorway = Doorway(self._ctx.settings.data_dir, self._ctx.ring)

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
