"""Redis as the bell: dramatiq's broker, with the times that a doorbell needs."""

from __future__ import annotations

from collections.abc import Sequence

from dramatiq import Consumer, Middleware
from dramatiq.brokers.redis import RedisBroker

#: Redis is asked again and again, up to so many milliseconds apart: what a ring may wait.
_POLL_MILLISECONDS = 25


class RedisBell(RedisBroker):
    """Asks often, in one thread a queue, whatever rhythm the threads that work have."""

    def __init__(self, url: str, middleware: Sequence[Middleware]) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            url=url,
            middleware=list(middleware),
            namespace="postdesk",
            # A dead worker's ring comes back in seconds, not minutes, and an idle desk does not
            # search Redis at every question. The rows' leases would bring it back anyway.
            maintenance_chance=10_000,
            heartbeat_timeout=15_000,
            socket_timeout=5,
            socket_connect_timeout=2,
        )

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 0) -> Consumer:
        """A consumer of a queue; ``timeout`` is how long it may sleep, and so how late it wakes."""
        return super().consume(queue_name, prefetch, _POLL_MILLISECONDS)
