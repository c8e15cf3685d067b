"""The doorbell's wire: dramatiq's broker by URL. It carries row ids and may forget them all."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import dramatiq
import structlog
from dramatiq import Broker, Message, Middleware
from dramatiq.brokers.stub import StubBroker

from daemon.errors import SettingsError
from workers.job import QUEUES, Job
from workers.middleware import LogContext
from workers.sleeping import SleepingQueue


class LocalBell(StubBroker):
    """The bell inside one process: queues in its memory."""

    def declare_queue(self, queue_name: str) -> None:
        """A queue without its twin for delayed jobs: the rows know their own times."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues[queue_name] = SleepingQueue()
            self.emit_after("declare_queue", queue_name)

    def wake(self) -> None:
        """Have every consumer look whether it is to stop."""
        for queue in self.queues.values():
            queue.wake()


def make(url: str, log: structlog.typing.FilteringBoundLogger) -> Broker:
    """A broker with our middleware only: no retries, no age limit, no second truth.

    Raises SettingsError for a URL that no broker is for.
    """
    middleware: list[Middleware] = [LogContext(log)]
    match urlsplit(url).scheme:
        case "local":
            return LocalBell(middleware)
        case "redis" | "rediss":
            from workers.redis_broker import RedisBell

            return RedisBell(url, middleware)
        case "amqp" | "amqps":
            from dramatiq.brokers.rabbitmq import RabbitmqBroker

            return RabbitmqBroker(url=url, middleware=middleware, confirm_delivery=False)
        case scheme:
            raise SettingsError(
                f"broker_url: no broker for {scheme}://", hint="local://, redis:// or amqp://"
            )


def declare(broker: Broker, jobs: Mapping[str, Job]) -> None:
    """Make every job an actor of this broker."""
    for name, job in jobs.items():
        make = dramatiq.actor(actor_name=name, queue_name=job.queue, broker=broker)
        make(job.run)


def enqueue(broker: Broker, job: str, row_id: int) -> None:
    """Ring for a row. Raises whatever the broker raises."""
    queue = QUEUES[job]
    if queue not in broker.queues:
        broker.declare_queue(queue)
    broker.enqueue(Message(queue_name=queue, actor_name=job, args=(row_id,), kwargs={}, options={}))


def is_waiting(broker: Broker, job: str) -> bool:
    """True when enough rings for this queue wait in this process already."""
    if not isinstance(broker, LocalBell) or QUEUES[job] not in broker.queues:
        return False
    return bool(broker.queues[QUEUES[job]].qsize() >= 2)
