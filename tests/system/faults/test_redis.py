"""The broker fails and comes back: nothing is delayed for good, and no hand is needed."""

from __future__ import annotations

from scripts.bench.desk import Layout
from tests.servers import redis
from tests.servers.sink import Sink
from tests.system.faults.scene import (
    assert_all_done,
    offer,
)


def test_stopped_redis_delays_nothing_for_good(
    redis_server: redis.Redis, working: Layout, mail_sink: Sink
) -> None:
    redis_server.process.stop()
    assert offer(working, 1) == 250
    # The broker is a doorbell: the work is found without it.
    assert_all_done(working, mail_sink, 2)

    redis_server.process.start()
    assert offer(working, 2) == 250
    assert_all_done(working, mail_sink, 3)
    assert working.is_serving()


def test_hanging_redis_delays_nothing_for_good(
    redis_server: redis.Redis, working: Layout, mail_sink: Sink
) -> None:
    redis_server.process.pause()
    try:
        assert offer(working, 1) == 250
        assert_all_done(working, mail_sink, 2)
    finally:
        redis_server.process.resume()
    assert offer(working, 2) == 250
    assert_all_done(working, mail_sink, 3)
