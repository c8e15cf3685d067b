"""The broker fails and comes back: nothing is delayed for good, and no hand is needed."""

from __future__ import annotations

from tests.servers import postgres, redis
from tests.servers.sink import Sink
from tests.system.faults.scene import (
    assert_all_done,
    grown,
    insist,
    offer,
    running,
)


def test_stopped_redis_delays_nothing_for_good(
    postgres_server: postgres.Postgres,
    redis_server: redis.Redis,
    postgres_url: str,
    mail_sink: Sink,
) -> None:
    with running(grown(mail_sink, postgres_server, redis_server)) as layout:
        insist(layout, 0)
        assert_all_done(layout, mail_sink, 1)

        redis_server.process.stop()
        assert offer(layout, 1) == 250
        # The broker is a doorbell: the work is found without it.
        assert_all_done(layout, mail_sink, 2)

        redis_server.process.start()
        assert offer(layout, 2) == 250
        assert_all_done(layout, mail_sink, 3)
        assert layout.is_serving()


def test_hanging_redis_delays_nothing_for_good(
    postgres_server: postgres.Postgres,
    redis_server: redis.Redis,
    postgres_url: str,
    mail_sink: Sink,
) -> None:
    with running(grown(mail_sink, postgres_server, redis_server)) as layout:
        insist(layout, 0)
        assert_all_done(layout, mail_sink, 1)

        redis_server.process.pause()
        try:
            assert offer(layout, 1) == 250
            assert_all_done(layout, mail_sink, 2)
        finally:
            redis_server.process.resume()
        assert offer(layout, 2) == 250
        assert_all_done(layout, mail_sink, 3)
