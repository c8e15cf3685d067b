"""A process of the desk: its settings, its store, its signals, and the parts that run in it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from daemon import log as logs
from daemon import notify
from daemon.bell import Bell
from daemon.context import Context
from daemon.errors import StoreBusy
from daemon.settings import Settings
from daemon.store import migrate
from daemon.store.engine import Store
from scripts.boot import load_settings, make_context

_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_STORE_RETRY_SECONDS = 1.0


class Part(Protocol):
    """Something that runs beside others in a process."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


def nothing() -> None:
    """What a process without rules reloads."""


class Process:
    """One process, from its settings to its last part."""

    def __init__(self, config: Path | None) -> None:
        # Before any thread: they inherit the mask, and only the main thread waits for signals.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self.settings: Settings = load_settings(config)
        self.log: structlog.typing.FilteringBoundLogger = logs.configure(
            self.settings.log.level, self.settings.log.format
        )
        self.store = Store(self.settings.store_url)

    def context(self, ring: Bell) -> Context:
        """What its parts share."""
        return make_context(self.settings, self.store, self.log, ring)

    def open_store(self) -> bool:
        """Wait for the database, with its schema up to date; False when told to stop."""
        is_told = False
        while True:
            try:
                migrate.upgrade(self.store)
            except StoreBusy as err:
                if not is_told:
                    self.log.warning("store_unreachable", error=str(err))
                is_told = True
            else:
                return True
            found = signal.sigtimedwait(_SIGNALS, _STORE_RETRY_SECONDS)
            if found and found.si_signo != signal.SIGHUP:
                return False

    def run(self, parts: Sequence[Part], reload: Callable[[], None] = nothing) -> None:
        """Start the parts, wait for SIGTERM or SIGINT, and stop them in good order."""
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
            self.store.close()

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
