"""The doorbell alone: from a ring to its job on an idle broker, and many small jobs."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon import log as logs
from scripts.bench import usage
from scripts.bench.desk import Plan, build
from tests.servers import redis
from tests.servers.process import wait_until
from workers import broker as brokers
from workers.broker import declare, enqueue
from workers.job import Job
from workers.pool import Pool

_JOB = "take_in"
_THREADS = 4
_RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much to measure."""

    rings: int
    jobs: int
    idle_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """One broker's figures."""

    name: str
    latencies: tuple[float, ...]
    drained_per_second: float


def measure(sizes: Sizes) -> list[Bell]:
    """Every broker that is installed here."""
    found = [_measure("local", "local://", sizes)]
    with redis.running() as server:
        found.append(_measure("redis", server.url, sizes))
    if _RABBITMQ.exists():
        from tests.servers import rabbitmq

        with rabbitmq.running() as node:
            found.append(_measure("rabbitmq", node.url, sizes))
    return found


def _measure(name: str, url: str, sizes: Sizes) -> Bell:
    ran: list[float] = []
    with _pool(url, lambda: ran.append(time.monotonic())) as (ring, start):
        for _ in range(sizes.jobs):
            ring()
        began = time.monotonic()
        start()
        wait_until(lambda: len(ran) >= sizes.jobs, seconds=120, what=f"{sizes.jobs} jobs")
        drained = sizes.jobs / (max(ran) - began)
        latencies = [_latency(ring, ran) for _ in range(sizes.rings)]
    return Bell(name=name, latencies=tuple(latencies), drained_per_second=drained)


def _latency(ring: Callable[[], None], ran: list[float]) -> float:
    time.sleep(random.uniform(0.05, 0.15))  # noqa: S311  out of step with anybody's polling
    before, rung = len(ran), time.monotonic()
    ring()
    wait_until(lambda: len(ran) > before, what="a ring")
    return ran[before] - rung


@contextmanager
def _pool(
    url: str, run: Callable[[], None]
) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """How to ring, and how to start the threads that hear it."""
    broker = brokers.make(url, logs.configure("error", "json"))
    lock = threading.Lock()

    def job(_: int) -> None:
        with lock:
            run()

    declare(broker, {_JOB: Job(run=job, queue="in")})
    pool = Pool(broker, _THREADS)
    try:
        yield lambda: enqueue(broker, _JOB, 1), pool.start
    finally:
        pool.stop(5)
        broker.close()


def idle(seconds: float) -> tuple[float, float]:
    """CPU per cent and memory in MB of a whole default desk that has nothing to do."""
    with build(Plan()) as layout:
        layout.start()
        time.sleep(2)
        before, start = usage.cpu_seconds(layout.pids), time.monotonic()
        time.sleep(seconds)
        percent = (usage.cpu_seconds(layout.pids) - before) / (time.monotonic() - start) * 100
        return percent, sum(usage.peak_megabytes(layout.pids).values())
