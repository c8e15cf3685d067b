"""The moving parts of a process: each starts, and stops in good order."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from typing import Protocol

import uvloop
from dramatiq import Broker

from daemon.context import Context
from daemon.errors import SettingsError
from daemon.imap import Poller
from daemon.inbox import Inbox
from daemon.smtp_listener import Listener
from daemon.store.seat import Seat
from workers.bells import Doorway
from workers.broker import declare, is_local
from workers.deliver import Carrier, Carriers, recorder
from workers.desk import Desk
from workers.jobs import table
from workers.lookout import Lookout
from workers.maildir import Maildir
from workers.pool import Pool
from workers.relay import Relay
from workers.smarthost import Smarthost

_DRAIN_SECONDS = 20.0
_POLLERS_SECONDS = 5.0
_LOOKOUT_SECONDS = 5.0
_STANDBY_SECONDS = 5.0


class Part(Protocol):
    """Something that runs beside others in a process."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class ListenerPart:
    """The SMTP and LMTP listeners, in an event loop in a thread of its own."""

    def __init__(
        self, ctx: Context, inbox: Inbox, sockets: Sequence[tuple[str, socket.socket]]
    ) -> None:
        self._ctx, self._inbox, self._sockets = ctx, inbox, sockets
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._listener: Listener | None = None

    def start(self) -> None:
        """Listen. Raises SettingsError that names the address when it is taken."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        except OSError as err:
            raise SettingsError(f"cannot listen: {err}") from err

    def stop(self) -> None:
        """Take no new mail; let what is under way end."""
        if self._listener is not None:
            closing = self._listener.stop(_DRAIN_SECONDS)
            asyncio.run_coroutine_threadsafe(closing, self._loop).result(_DRAIN_SECONDS + 5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _open(self) -> None:
        ctx = self._ctx
        listener = Listener(settings=ctx.settings, clock=ctx.clock, log=ctx.log, door=self._inbox)
        await listener.start(self._sockets)
        self._listener = listener
        for protocol, host, port in listener.addresses:
            ctx.log.info("listening", protocol=protocol, host=host, port=port)


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
        self._lookout = None if is_local(settings.broker_url) else Lookout(desk.ctx, jobs)

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


class InboxPart:
    """The door; stopped after everything that hands mail to it."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def start(self) -> None:
        """It is open from the first moment."""

    def stop(self) -> None:
        """Commit what was offered."""
        self._inbox.close()


class PollersPart:
    """The IMAP pollers: one active poller a mailbox, however many processes there are."""

    def __init__(self, ctx: Context, inbox: Inbox) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._run,
                args=(Seat(ctx.store, f"imap {poller.mailbox.name}"), poller),
                name=f"imap {poller.mailbox.name}",
                # A server that hangs must not keep the process from ending: nothing is lost by it.
                daemon=True,
            )
            for poller in _pollers(ctx, inbox)
        ]

    def start(self) -> None:
        """Fetch."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End with what is in hand; what was not marked is recognised at the next start."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_POLLERS_SECONDS)

    def _run(self, seat: Seat, poller: Poller) -> None:
        while not seat.is_held():
            if self._stop.wait(_STANDBY_SECONDS):
                return
        poller.run(self._stop)
        seat.leave()


def _pollers(ctx: Context, inbox: Inbox) -> list[Poller]:
    return [
        Poller(
            mailbox,
            settings=ctx.settings,
            clock=ctx.clock,
            store=ctx.store,
            door=inbox,
            log=ctx.log,
        )
        for mailbox in ctx.settings.mailboxes
    ]


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
