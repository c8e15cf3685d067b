"""A real PostgreSQL server with durable commits, a fresh database per caller."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.servers.ports import free_port
from tests.servers.process import Process, as_user, folder

_USER = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server; ``process`` stops and starts it again with its data."""

    port: int
    process: Process
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def url(self, database: str = "postgres") -> str:
        """A database of this server, as the settings take it."""
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"desk_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        return self.url(name)


@contextmanager
def running() -> Iterator[Postgres]:
    """A PostgreSQL server of one's own; as root it runs as the package's user."""
    port = free_port()
    with folder("postgres", user=_USER) as home:
        data = home / "data"
        _make_cluster(home, data)
        command = [str(_program("postgres")), "-D", str(data), "-p", str(port), "-k", str(home)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        # After a kill it syncs what it finds: file by file that takes minutes with many databases.
        command += ["-c", "recovery_init_sync_method=syncfs"]
        log = home / "postgres.log"
        process = Process(
            command,
            log=log,
            ready=lambda: _answers(port),
            user=_USER,
            # SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
        )
        with process:
            yield Postgres(port=port, process=process)


def _make_cluster(home: Path, data: Path) -> None:
    command = [*as_user(_USER), str(_program("initdb")), "-D", str(data), "-U", _USER]
    # Only the making of the cluster is not synced; the server's commits are.
    command += ["-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
    result = subprocess.run(
        command, cwd=home, capture_output=True, text=True, timeout=120, check=False
    )
    if result.returncode:
        raise RuntimeError(f"initdb failed:\n{result.stdout}{result.stderr}")


def _program(name: str) -> Path:
    # Debian keeps the server's programs out of PATH, a folder for each version.
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    if found:
        return found[-1]
    if path := shutil.which(name):
        return Path(path)
    raise FileNotFoundError(f"{name} is not installed: scripts/setup dev")


def _version(path: Path) -> int:
    return int(path.parts[4]) if path.parts[4].isdigit() else 0


def _answers(port: int) -> bool:
    try:
        psycopg.connect(
            host="127.0.0.1", port=port, user=_USER, dbname="postgres", connect_timeout=2
        ).close()
    except psycopg.Error:
        return False
    return True
