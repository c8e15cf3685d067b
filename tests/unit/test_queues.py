"""Who works on which queue: rings and jobs of the others are none of a process's business."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue

import pytest
import structlog

from workers import broker as brokers
from workers.bells import local_bell
from workers.broker import declare, enqueue
from workers.job import Job
from workers.pool import Pool
from workers.sleeping import SleepingPriorityQueue


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


def test_pool_that_stops_wakes_whoever_waits_for_rings() -> None:
    broker = brokers.make("local://", structlog.get_logger())
    all_at_work = threading.Barrier(5)
    declare(broker, {"take_in": Job(run=lambda _: all_at_work.wait(20) and None, queue="in")})
    before = threading.active_count()
    pool = Pool(broker, 4, {"in"})
    pool.start()
    for number in range(4):
        enqueue(broker, "take_in", number)
    all_at_work.wait(20)

    pool.stop(60)

    assert threading.active_count() == before


def test_reader_of_a_queue_sleeps_until_there_is_something_or_it_is_woken() -> None:
    queue = SleepingPriorityQueue()
    found: SimpleQueue[object] = SimpleQueue()

    def read() -> None:
        try:
            found.put(queue.get(timeout=0))
        except Empty as err:
            found.put(err)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    with pytest.raises(Empty):
        queue.get_nowait()
    queue.put(1)
    assert found.get(timeout=20) == 1

    queue.wake()

    for reader in readers:
        reader.join(20)
    assert [type(found.get_nowait()) for _ in range(2)] == [Empty, Empty]
    for number in (3, 2):
        queue.put(number)
    assert [queue.get(), queue.get()] == [2, 3]
