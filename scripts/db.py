"""``postdesk db``: the schema's version, and copies of the database."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import click

from daemon.store import backup as copies
from daemon.store import migrate
from daemon.store.engine import Store
from scripts.boot import load_settings

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")


@click.group("db")
def command() -> None:
    """Upgrade, back up and restore the database."""


@contextlib.contextmanager
def _store(config: Path | None) -> Iterator[Store]:
    store = Store(load_settings(config).store_url)
    try:
        yield store
    finally:
        store.close()


@command.command("upgrade")
@click.pass_obj
def upgrade(config: Path | None) -> None:
    """Bring the schema to this version; every start of the desk does it too."""
    with _store(config) as store:
        migrate.upgrade(store)
        version, _ = migrate.versions(store)
    click.echo(f"the database is of version {version}")


@command.command("backup")
@_FILE
@click.pass_obj
def backup(config: Path | None, file: Path) -> None:
    """Write a consistent copy to FILE, also while the desk runs; FILE is replaced as a whole.

    SQLite: a database file. PostgreSQL: a dump in pg_dump's custom format. Keep secret.key beside
    it: without it the addresses that the desk has given out are worth nothing.
    """
    started = time.monotonic()
    with _store(config) as store:
        copies.backup(store, file)
    click.echo(f"{file}: {file.stat().st_size} bytes in {time.monotonic() - started:.1f} s")


@command.command("restore")
@_FILE
@click.pass_obj
def restore(config: Path | None, file: Path) -> None:
    """Put the copy FILE in the place of the database; the desk must be stopped.

    The old database is kept, its name ending in .before-restore.
    """
    if not file.is_file():
        raise click.ClickException(f"there is no file {file}")
    with _store(config) as store:
        kept = copies.restore(store, file)
        if kept.exists():
            click.echo(f"the old database is kept as {kept}")
        migrate.upgrade(store)
    click.echo(f"restored from {file}; start the desk again")
