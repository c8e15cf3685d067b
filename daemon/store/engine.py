"""Engines and transactions: the only way to the database."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from daemon.errors import StoreBroken, StoreBusy, StoreError, StoreFull

#: A transaction in progress; store functions take it as their first argument.
Tx = Connection

_BUSY_SECONDS = 10


class Store:
    """The database of the desk, SQLite or PostgreSQL.

    ``begin`` is the only way to write, ``read`` the way to look; both are context managers that
    commit or roll back and never hand a connection on. No network inside a transaction.
    """

    def __init__(self, url: str, *, readers: int = 4, writers: int = 4) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._turn: _Turn | None = _Turn(Path(f"{self.url.database}.turn"))
            self._writer = _sqlite(self.url, "IMMEDIATE")
            self._reader = _sqlite(self.url, "DEFERRED")
        else:
            self._turn = None
            self._writer = self._reader = create_engine(
                self.url,
                pool_size=readers + writers,
                max_overflow=4,
                pool_pre_ping=False,
                pool_timeout=10,
                connect_args={"connect_timeout": 5},
            )

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A write transaction: commits on leaving, rolls back on any exception.

        Raises StoreBusy, StoreFull or StoreBroken in place of the driver's errors.
        """
        with translated(), self._my_turn(), self._writer.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A consistent view for looking only. Raises as ``begin`` does."""
        with translated(), self._reader.connect() as tx:
            yield tx

    def connect(self) -> Connection:
        """A session of its own, for a lock that lives as long as it does."""
        return self._reader.connect()

    def close(self) -> None:
        """Give every connection back."""
        self._writer.dispose()
        self._reader.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
        else:
            with self._turn:
                yield


class _Queue:
    """A lock that threads get in the order in which they asked: nobody starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        gate.acquire()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()  # handed over, never free in between
            else:
                self._is_held = False


class _Turn:
    """Writers of one SQLite file queue here instead of polling its lock.

    SQLite's busy handler sleeps longer and longer, which starves whoever sleeps. Whoever waits for
    the turn holds the place of the next, so that a process that has just written stands behind it.
    It is only a courtesy: correctness stays with SQLite's own lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = _Queue()
        self._turn: int | None = None
        self._next: int | None = None

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            if self._turn is None or self._next is None:
                self._turn = _lock_file(self._path)
                self._next = _lock_file(self._path.with_name(f"{self._path.name}.next"))
            _wait_for(self._next)
            try:
                _wait_for(self._turn)
            finally:
                fcntl.flock(self._next, fcntl.LOCK_UN)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            if self._turn is not None:
                fcntl.flock(self._turn, fcntl.LOCK_UN)
        finally:
            self._threads.release()


def _wait_for(file: int) -> None:
    """Take the lock; whoever hangs with it is waited for in vain, and then not waited for."""
    deadline = time.monotonic() + _BUSY_SECONDS
    pause = 0.0002
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return  # SQLite's own lock decides, and says that it is busy
            time.sleep(pause)
            pause = min(pause * 1.5, 0.001)
        else:
            return


def _lock_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _sqlite(url: URL, begin: str) -> Engine:
    is_writer = begin == "IMMEDIATE"
    engine = create_engine(
        url,
        # One writer connection (its turn is taken first); readers come and go.
        **({"pool_size": 1, "max_overflow": 0} if is_writer else {"pool_size": 4}),
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN is deferred: a read that upgrades fails at once with BUSY_SNAPSHOT.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            # NORMAL may lose a committed mail at a power cut.
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "cache_size=-8000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


_FULL = ("database or disk is full", "disk i/o error", "no space left", "disk full")
_BROKEN = (
    "malformed",
    "not a database",
    "no such table",
    "no such column",
    "does not exist",
)


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors as ours: busy, full or broken."""
    try:
        yield
    except (ProgrammingError, IntegrityError, DataError) as err:
        broken = _translate(err)
        if isinstance(broken, StoreBroken):
            raise broken from err
        raise  # a mistake of ours, not a state of the database
    except (DBAPIError, PoolTimeout, sqlite3.Error) as err:
        raise _translate(err) from err
    except OSError as err:
        if err.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}:
            raise StoreFull(str(err)) from err
        raise


def _translate(err: Exception) -> StoreError:
    text = str(getattr(err, "orig", err)).lower()
    if any(words in text for words in _FULL) or "readonly" in text:
        return StoreFull(text)
    if any(words in text for words in _BROKEN):
        return StoreBroken(text)
    return StoreBusy(text)
