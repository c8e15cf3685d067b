"""Who works on which queue: rings and jobs of the others are none of a process's business."""

from __future__ import annotations

from queue import SimpleQueue

import structlog

from workers import broker as brokers
from workers.bells import local_bell
from workers.broker import declare, enqueue
from workers.job import Job
from workers.pool import Pool


def test_local_bell_rings_elsewhere_for_queues_of_others() -> None:
    broker = brokers.make("local://", structlog.get_logger())
    rung: list[tuple[str, int]] = []
    ring = local_bell(broker, {"in", "call"}, lambda job, row_id: rung.append((job, row_id)))

    ring("take_in", 1)
    ring("deliver", 2)

    assert broker.queues["in"].qsize() == 1
    assert "out" not in broker.queues
    assert rung == [("deliver", 2)]


def test_pool_leaves_rings_of_other_queues_to_others() -> None:
    """As with Redis: who rings for a queue gets to know it."""
    broker = brokers.make("local://", structlog.get_logger())
    done: SimpleQueue[int] = SimpleQueue()
    declare(broker, {"take_in": Job(run=done.put, queue="in")})
    pool = Pool(broker, 1, {"in"})
    pool.start()
    try:
        enqueue(broker, "deliver", 1)
        enqueue(broker, "take_in", 2)

        assert done.get(timeout=20) == 2
    finally:
        pool.stop(5)
    assert broker.queues["out"].qsize() == 1
