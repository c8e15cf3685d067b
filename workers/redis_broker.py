"""Redis as the bell: dramatiq's broker, with the times that a doorbell needs.

dramatiq asks Redis again and again whether there is something to do, which wakes a worker late or
an idle one often. Here whoever rings also says so on a channel, and who hears it asks at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import redis
from dramatiq import Consumer, Message, MessageProxy, Middleware
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer

#: Asked so often without a ring: one may be lost with the connection that should have brought it.
_LONGEST_SECONDS = 1.0
#: The same while nobody listens.
_DEAF_SECONDS = 0.025
#: While jobs run, the thread that waits looks so often for those that have ended, to tell Redis.
_BUSY_SECONDS = 0.01
#: How long a connection that listens may say nothing before it is looked after.
_LISTEN_SECONDS = 4.0
#: Rings that one process takes at once: any of them would have it do all that is due.
_AT_ONCE = 64
_CHANNEL = "postdesk:ring:"


class RedisBell(RedisBroker):
    """Rings are heard as they come; one that is lost is found a second later."""

    def __init__(self, url: str, middleware: Sequence[Middleware]) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            # Not by ``url``: dramatiq would make a connection without our time-outs.
            client=redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2),
            middleware=list(middleware),
            namespace="postdesk",
            # A dead worker's ring comes back in seconds, not minutes, and an idle desk does not
            # search Redis at every question. The rows' leases would bring it back anyway.
            maintenance_chance=10_000,
            heartbeat_timeout=15_000,
        )
        self._ears = _Ears(self.client)

    def declare_queue(self, queue_name: str) -> None:
        """A queue without its twin for delayed jobs, which would be asked for in vain: the rows
        know their own times."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Ring."""
        kept = super().enqueue(message, delay=delay)
        self.client.publish(f"{_CHANNEL}{message.queue_name}", b"")
        return kept

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 0) -> Consumer:
        """A consumer of a queue, which sleeps until somebody rings."""
        asks = _RedisConsumer(self, queue_name, max(prefetch, _AT_ONCE), timeout=0)  # type: ignore[no-untyped-call]
        return _Wakeful(asks, self._ears, queue_name)


class _Ears:
    """Hears the rings of every queue, in one thread that begins with the first listener."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._rung: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._is_deaf = True

    def listen(self, queue: str) -> threading.Event:
        """What is set when somebody rings for a queue."""
        with self._lock:
            if not self._rung:
                threading.Thread(target=self._run, name="ears", daemon=True).start()
            return self._rung.setdefault(queue, threading.Event())

    @property
    def patience(self) -> float:
        """How many seconds a listener may sleep without having heard anything."""
        return _DEAF_SECONDS if self._is_deaf else _LONGEST_SECONDS

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self._hear()
            except (redis.RedisError, OSError):
                self._is_deaf = True
                pause.wait(_LONGEST_SECONDS)

    def _hear(self) -> None:
        with self._client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.psubscribe(f"{_CHANNEL}*")
            self._is_deaf = False
            while True:
                heard = channel.get_message(timeout=_LISTEN_SECONDS)
                if heard is not None:
                    queue = heard["channel"].decode().removeprefix(_CHANNEL)
                    if queue in self._rung:
                        self._rung[queue].set()


class _Wakeful(Consumer):
    """dramatiq's consumer, but for how it waits."""

    def __init__(self, inner: _RedisConsumer, ears: _Ears, queue: str) -> None:
        self._inner, self._ears = inner, ears
        self._rung = ears.listen(queue)
        self._may_be_more, self._slept = True, 0.0

    def __next__(self) -> MessageProxy | None:
        if not self._may_be_more and not self._is_woken():
            return None
        self._rung.clear()  # before the question: a ring that comes after it is not lost
        self._slept = 0.0
        found: MessageProxy | None = next(self._inner)
        self._may_be_more = found is not None
        return found

    def _is_woken(self) -> bool:
        """True at a ring, or when none came for so long that one may be lost."""
        is_busy = self._inner.outstanding_message_count > 0
        pause = _BUSY_SECONDS if is_busy else self._ears.patience
        self._slept += pause
        return self._rung.wait(pause) or self._slept >= self._ears.patience

    def ack(self, message: MessageProxy) -> None:
        self._inner.ack(message)  # type: ignore[no-untyped-call]

    def nack(self, message: MessageProxy) -> None:
        self._inner.nack(message)  # type: ignore[no-untyped-call]

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        self._inner.requeue(messages)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._inner.close()
