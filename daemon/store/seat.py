"""A seat that one process holds at a time; the others stand by and take it when it is free."""

from __future__ import annotations

import contextlib
import fcntl
import os
import zlib
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from daemon.store.engine import Store


class Seat:
    """For what may run only once: the relay, one mailbox's poller.

    PostgreSQL: an advisory lock of a session; SQLite: a lock on a file beside the database. Either
    ends with its process, however it ends.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        self._key = zlib.crc32(f"postdesk:{name}".encode())
        self._connection: Connection | None = None
        self._file: int | None = None

    def is_held(self) -> bool:
        """True while the seat is ours; takes it when it is free. Never waits."""
        return self._lock_file() if self._store.is_sqlite else self._lock_session()

    def leave(self) -> None:
        """Give the seat up."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                connection.invalidate()  # closing the session is what gives its lock back
                connection.close()

    def _lock_file(self) -> bool:
        if self._file is not None:
            return True
        path = Path(f"{self._store.url.database}.{self._key:x}.seat")
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def _lock_session(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                self._connection.rollback()
                return True
            connection = self._store.connect()
            taken = connection.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}
            ).scalar_one()
            connection.rollback()
        except SQLAlchemyError:
            self.leave()
            return False
        if taken:
            self._connection = connection
        else:
            connection.close()
        return bool(taken)
