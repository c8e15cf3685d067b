"""The processes: each part of the desk as a command of its own, for systemd or the supervisor."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import structlog

from daemon import log as logs
from daemon import notify
from daemon.bell import Bell
from daemon.context import Context
from daemon.errors import StoreBusy
from daemon.health import HealthPart
from daemon.inbox import Inbox
from daemon.settings import Settings
from daemon.store import inbox as inbox_rows
from daemon.store import migrate, outbox, timers
from daemon.store.engine import Store
from daemon.store.seat import Seat
from daemon.store.writes import Writes
from scripts.boot import load_settings, make_context
from scripts.desk import make_desk
from scripts.parts import (
    DoorwayPart,
    InboxPart,
    ListenerPart,
    Part,
    PollersPart,
    RelayPart,
    WorkersPart,
)
from workers import audit
from workers import broker as brokers
from workers.bells import BrokerBell, SocketBell, local_bell

_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_STORE_RETRY_SECONDS = 1.0


@click.command()
@click.pass_obj
def smtp(config: Path | None) -> None:
    """Run the SMTP and LMTP listeners."""
    _Process(config).serve(lambda ctx: _accepting(ctx, with_smtp=True, with_imap=False))


@click.command()
@click.pass_obj
def imap(config: Path | None) -> None:
    """Run the IMAP pollers."""
    _Process(config).serve(lambda ctx: _accepting(ctx, with_smtp=False, with_imap=True))


@click.command()
@click.pass_obj
def relay(config: Path | None) -> None:
    """Run the relay: it rings again for whatever is due."""
    _Process(config).serve(_relaying)


@click.command()
@click.pass_obj
def work(config: Path | None) -> None:
    """Run the workers."""
    _Process(config).work()


@click.command(hidden=True)
@click.pass_obj
def accept_process(config: Path | None) -> None:
    """Run the accepting half of ``postdesk run``."""
    _leave_with_parent()
    _Process(config).serve(lambda ctx: _accepting(ctx, with_smtp=True, with_imap=True))


@click.command(hidden=True)
@click.pass_obj
def work_process(config: Path | None) -> None:
    """Run the working half of ``postdesk run``."""
    _leave_with_parent()
    _Process(config).work()


def _accepting(ctx: Context, *, with_smtp: bool, with_imap: bool) -> list[Part]:
    inbox = Inbox(ctx.store, ring=ctx.ring, log=ctx.log)
    parts: list[Part] = [InboxPart(inbox)]
    if with_smtp:
        parts.append(ListenerPart(ctx, inbox, notify.listen_sockets()))
    if with_imap and ctx.settings.mailboxes:
        parts.append(PollersPart(ctx, inbox))
    return parts


class _Process:
    """One process: its settings, its store, its signals."""

    def __init__(self, config: Path | None) -> None:
        # Before any thread: they inherit the mask, and only the main thread waits for signals.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self.settings: Settings = load_settings(config)
        self.log: structlog.typing.FilteringBoundLogger = logs.configure(
            self.settings.log.level, self.settings.log.format
        )
        self._store = Store(self.settings.store_url)

    def serve(self, make_parts: Callable[[Context], list[Part]]) -> None:
        """Run parts that ring but do not work."""
        if not self._open_store():
            return
        bell: SocketBell | BrokerBell
        if brokers.is_local(self.settings.broker_url):
            bell = SocketBell(self.settings.data_dir)
        else:
            bell = BrokerBell(brokers.make(self.settings.broker_url, self.log), self.log)
        self._run(make_parts(self._context(bell.ring)), _nothing)

    def work(self) -> None:
        """Run the workers; with the local broker their relay and doorway too."""
        if not self._open_store():
            return
        broker = brokers.make(self.settings.broker_url, self.log)
        is_local = brokers.is_local(self.settings.broker_url)
        ring = local_bell(broker) if is_local else BrokerBell(broker, self.log).ring
        ctx = self._context(ring)
        desk = make_desk(ctx)
        desk.rules.current()
        parts: list[Part] = [WorkersPart(desk, broker)]
        if self.settings.mailboxes:
            with ctx.store.begin() as tx:
                writes = Writes(tx)
                audit.plan(writes, ctx.clock.now())
                writes.flush()
        seat = Seat(ctx.store, "work")
        if is_local:
            if seat.is_held():
                _take_back(ctx)
            parts += [DoorwayPart(ctx), *_relaying(ctx)]
        self._run(parts, desk.reload)
        seat.leave()

    def _context(self, ring: Bell) -> Context:
        return make_context(self.settings, self._store, self.log, ring)

    def _open_store(self) -> bool:
        """Wait for the database, with its schema up to date; False when told to stop."""
        is_told = False
        while True:
            try:
                migrate.upgrade(self._store)
            except StoreBusy as err:
                if not is_told:
                    self.log.warning("store_unreachable", error=str(err))
                is_told = True
            else:
                return True
            found = signal.sigtimedwait(_SIGNALS, _STORE_RETRY_SECONDS)
            if found and found.si_signo != signal.SIGHUP:
                return False

    def _run(self, parts: Sequence[Part], reload: Callable[[], None]) -> None:
        started: list[Part] = []
        try:
            for part in parts:
                part.start()
                started.append(part)
            notify.ready()
            self._wait(reload)
        finally:
            notify.stopping()
            for part in reversed(started):
                part.stop()
            self._store.close()

    def _wait(self, reload: Callable[[], None]) -> None:
        """Until SIGTERM or SIGINT; SIGHUP reloads rules and templates."""
        pause = notify.watchdog_seconds() or 3600.0
        while True:
            found = signal.sigtimedwait(_SIGNALS, pause)
            if found is None:
                notify.alive()
            elif found.si_signo == signal.SIGHUP:
                notify.reloading()
                reload()
                notify.ready()
            else:
                return


def _relaying(ctx: Context) -> list[Part]:
    """The relay, and health beside it: there is one of each, whatever the layout."""
    return [RelayPart(ctx), *([HealthPart(ctx)] if ctx.settings.http.listen else [])]


def _nothing() -> None:
    """What a process without rules reloads."""


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


def _leave_with_parent() -> None:
    """The supervisor holds our standard input: when it dies, we are gone at once.

    Nothing is drained: a desk that was killed is safe, and its ports must be free for the next.
    """

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
