"""A real Redis server, in memory only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from tests.servers.ports import free_port
from tests.servers.process import Process, folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Redis:
    """A running server; ``process`` stops and starts it again, empty."""

    port: int
    process: Process

    @property
    def url(self) -> str:
        """Its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis(port=self.port) as client:
            client.flushall()


@contextmanager
def running() -> Iterator[Redis]:
    """A Redis server of one's own."""
    port = free_port()
    with folder("redis") as home:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)]
        command += ["--save", "", "--appendonly", "no"]
        log = home / "redis.log"
        with Process(command, log=log, ready=lambda: _answers(port)) as process:
            yield Redis(port=port, process=process)


def _answers(port: int) -> bool:
    # The default client tries ten times before it says no.
    with redis.Redis(port=port, socket_timeout=1, retry=None) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
