"""From settings to a context: the composition root that every command shares."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import structlog

from daemon import configuration
from daemon import log as logs
from daemon.bell import Bell, silent
from daemon.clock import SystemClock
from daemon.context import Context
from daemon.errors import SettingsError
from daemon.settings import Settings
from daemon.store import migrate
from daemon.store.engine import Store
from scripts.keys import secret_keys


def load_settings(config: Path | None) -> Settings:
    """The configuration, its data folder made. Raises SettingsError."""
    settings = configuration.load(config)
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as err:
        raise SettingsError(f"data_dir: cannot make {settings.data_dir}: {err.strerror}") from err
    return settings


@contextlib.contextmanager
def open_context(config: Path | None, *, upgrade: bool = True) -> Iterator[Context]:
    """A context for a command that looks or changes rows; the relay rings for it."""
    settings = load_settings(config)
    store = Store(settings.store_url)
    try:
        if upgrade:
            migrate.upgrade(store)
        log = logs.configure(settings.log.level, settings.log.format)
        yield make_context(settings, store, log, silent)
    finally:
        store.close()


def make_context(
    settings: Settings,
    store: Store,
    log: structlog.typing.FilteringBoundLogger,
    ring: Bell,
) -> Context:
    """The context of a process."""
    return Context(
        settings=settings,
        clock=SystemClock(),
        store=store,
        log=log,
        ring=ring,
        keys=secret_keys(settings),
    )
