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


def make(url: str, log: structlog.typing.FilteringBoundLogger) -> Broker:
    """A broker with our middleware only: no retries, no age limit, no second truth.

    Raises SettingsError for a URL that no broker is for.
    """
    middleware: list[Middleware] = [LogContext(log)]
    match urlsplit(url).scheme:
        case "local":
            return StubBroker(middleware=middleware)
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
    if not isinstance(broker, StubBroker) or QUEUES[job] not in broker.queues:
        return False
    return bool(broker.queues[QUEUES[job]].qsize() >= 2)
