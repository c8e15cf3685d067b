"""Whole copies of the database while the desk runs, and back again while it does not."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from sqlalchemy import URL, text

from daemon.errors import StoreBroken, StoreBusy, StoreError, StoreFull
from daemon.store.engine import Store, translated
from daemon.store.seat import Seat

#: Who holds one of these is a desk at work.
_SEATS = ("relay", "work in", "work out", "work call")
_SUFFIX = ".before-restore"
#: How a file of pg_dump's custom format begins.
_ARCHIVE = b"PGDMP"
#: libpq's name of each part of a URL; never in a command line, which every user can read.
_LIBPQ = {"host": "PGHOST", "port": "PGPORT", "username": "PGUSER", "password": "PGPASSWORD"}
_LIBPQ_QUERY = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
    "host": "PGHOST",
    "port": "PGPORT",
}


def backup(store: Store, target: Path) -> None:
    """Write a consistent copy to ``target``, readable by its owner only: all of it or nothing.

    The desk may run. Raises StoreError.
    """
    with _draft(target) as draft:
        if store.is_sqlite:
            _copy_sqlite(_file_of(store), draft)
        else:
            _run("pg_dump", store.url, "--format=custom", "--no-owner", f"--file={draft}")


def restore(store: Store, source: Path) -> Path:
    """Put a copy in the place of the database; returns where the old one is kept.

    Raises StoreBusy while a desk uses the database, StoreBroken when the copy is none of ours, and
    then nothing has changed.
    """
    with _alone(store):
        return _restore_sqlite(store, source) if store.is_sqlite else _restore_pg(store, source)


@contextlib.contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its place once it is whole and on the disk."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
        _sync(draft)
        draft.replace(target)
        _sync(target.parent)
    except OSError as err:
        raise StoreFull(f"cannot write {target}: {err.strerror}") from err
    finally:
        draft.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file_of(store: Store) -> Path:
    return Path(str(store.url.database))


def _copy_sqlite(origin: Path, copy: Path) -> None:
    """All pages in one step: a snapshot that writers neither wait for nor disturb."""
    if not origin.exists():
        raise StoreBroken(f"there is no database at {origin}")
    with (
        translated(),
        contextlib.closing(
            sqlite3.connect(f"{origin.absolute().as_uri()}?mode=ro", uri=True)
        ) as old,
        contextlib.closing(sqlite3.connect(copy)) as new,
    ):
        old.backup(new)
        # A copy is one file: whoever carries it away must not have to think of a second one.
        new.execute("PRAGMA journal_mode=DELETE")
    _check_sqlite(copy)


def _check_sqlite(path: Path) -> None:
    """Raises StoreBroken unless it is a whole database of a desk."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as opened:
            (verdict,) = opened.execute("PRAGMA quick_check(1)").fetchone()
            known = opened.execute("SELECT count(*) FROM alembic_version").fetchone()[0]
    except sqlite3.Error as err:
        raise StoreBroken(f"{path} is no copy of a desk's database: {err}") from err
    if verdict != "ok" or not known:
        raise StoreBroken(f"{path} is damaged: {verdict}")


@contextlib.contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Nobody else uses the database, and no desk that starts now will begin to work."""
    running = StoreBusy("the desk is running; stop it first (systemctl stop postdesk)")
    # The seats do not tell of listeners, which would go on writing into the old database.
    if not (_sqlite_is_quiet(_file_of(store)) if store.is_sqlite else _postgresql_is_quiet(store)):
        raise running
    seats = [Seat(store, name) for name in _SEATS]
    try:
        if not all(seat.is_held() for seat in seats):
            raise running
        yield
    finally:
        for seat in seats:
            seat.leave()


def _sqlite_is_quiet(path: Path) -> bool:
    """Leaving the WAL needs the file for oneself; it also brings the log into the file."""
    if not path.exists():
        return True
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=0)) as opened:
            opened.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        # Damaged: that is why somebody restores.
        return True
    return True


def _postgresql_is_quiet(store: Store) -> bool:
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    # Our own earlier sessions would count as somebody's.
    store.close()
    with store.read() as tx:
        return bool(tx.execute(others).scalar_one() == 0)


def _restore_sqlite(store: Store, source: Path) -> Path:
    path = _file_of(store)
    _check_sqlite(source)
    kept = _free_name(path.with_name(path.name + _SUFFIX))
    with _draft(path) as draft:
        shutil.copyfile(source, draft)
        if path.exists():
            # A second name first, so that at no instant there is none.
            os.link(path, kept)
            kept.chmod(0o600)
            _give_to_owner_of(path, draft)
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
    return kept


def _give_to_owner_of(old: Path, new: Path) -> None:
    """An administrator restores, but the desk must be able to write."""
    if os.geteuid() == 0:
        owner = old.stat()
        os.chown(new, owner.st_uid, owner.st_gid)


def _restore_pg(store: Store, source: Path) -> Path:
    with source.open("rb") as file:
        if file.read(len(_ARCHIVE)) != _ARCHIVE:
            raise StoreBroken(f"{source} is no copy of a desk's database")
    _run("pg_restore", store.url, "--list", str(source))
    kept = _free_name(source.with_name(source.name + _SUFFIX))
    with _draft(kept) as draft:
        _run("pg_dump", store.url, "--format=custom", "--no-owner", f"--file={draft}")
    _run(
        "pg_restore",
        store.url,
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        f"--dbname={store.url.database}",
        str(source),
    )
    return kept


def _free_name(path: Path) -> Path:
    """The name, or with a number where an earlier restore has used it."""
    numbered = (path.with_name(f"{path.name}.{number}") for number in count(1))
    return next(name for name in chain([path], numbered) if not name.exists())


def _run(program: str, url: URL, *words: str) -> None:
    """One of PostgreSQL's programs, told by environment where the database is."""
    environ = {**os.environ, **_environment(url), "PGDATABASE": str(url.database)}
    try:
        done = subprocess.run(
            [program, "--no-password", *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError as err:
        raise StoreError(f"{program} is not installed (apt-get install postgresql-client)") from err
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise StoreBroken(f"{program}: {said or f'exit code {done.returncode}'}")


def _environment(url: URL) -> dict[str, str]:
    parts = {name: getattr(url, part) for part, name in _LIBPQ.items()}
    query = {_LIBPQ_QUERY[key]: value for key, value in url.query.items() if key in _LIBPQ_QUERY}
    return {name: str(value) for name, value in (parts | query).items() if value is not None}
