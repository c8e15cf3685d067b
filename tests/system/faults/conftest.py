"""A desk in its grown layout, of which each test stops or hangs a part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.bench.desk import Layout
from tests.servers import postgres, redis
from tests.servers.sink import Sink
from tests.system.faults.scene import assert_all_done, grown, insist, running


@pytest.fixture
def working(
    postgres_server: postgres.Postgres,
    redis_server: redis.Redis,
    postgres_url: str,
    mail_sink: Sink,
) -> Iterator[Layout]:
    """It has taken one mail already, and its acknowledgement went out."""
    with running(grown(mail_sink, postgres_server, redis_server)) as layout:
        insist(layout, 0)
        assert_all_done(layout, mail_sink, 1)
        yield layout
