"""The processes that take mail in: listeners and pollers. They load no job and no rule."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

import click
import uvloop

from daemon import notify
from daemon.context import Context
from daemon.errors import SettingsError
from daemon.imap import Poller
from daemon.inbox import Inbox
from daemon.smtp_listener import Listener
from daemon.store.seat import Seat
from scripts.processes import Part, Process
from scripts.ringing import bell_to_workers

_DRAIN_SECONDS = 20.0
_POLLERS_SECONDS = 5.0
_STANDBY_SECONDS = 5.0


@click.command()
@click.pass_obj
def smtp(config: Path | None) -> None:
    """Run the SMTP and LMTP listeners."""
    _accept(config, with_imap=False)


@click.command()
@click.pass_obj
def imap(config: Path | None) -> None:
    """Run the IMAP pollers."""
    _accept(config, with_smtp=False)


@click.command(hidden=True)
@click.pass_obj
def accept_process(config: Path | None) -> None:
    """Run the process of ``postdesk run`` that accepts."""
    _accept(config)


def _accept(config: Path | None, *, with_smtp: bool = True, with_imap: bool = True) -> None:
    process = Process(config)
    if not process.open_store():
        return
    ctx = process.context(bell_to_workers(process))
    inbox = Inbox(ctx.store, ring=ctx.ring, log=ctx.log)
    parts: list[Part] = [InboxPart(inbox)]
    if with_smtp:
        parts.append(ListenerPart(ctx, inbox, notify.listen_sockets()))
    if with_imap and ctx.settings.mailboxes:
        parts.append(PollersPart(ctx, inbox))
    process.run(parts)


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
