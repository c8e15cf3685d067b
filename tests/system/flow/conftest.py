"""One desk per layout for all flow tests: both stores and every broker run the same tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import desk as desks
from tests.servers import sink as sinks

_BY_QUEUE = ("smtp", "relay", "work --queue in --queue call", "work --queue out")


@pytest.fixture(
    scope="session",
    params=["sqlite-local", "postgresql-redis", "postgresql-rabbitmq", "sqlite-redis"],
)
def desk(request: pytest.FixtureRequest) -> Iterator[desks.Desk]:
    """A running desk; tests share it and tell their mails apart by their people."""
    store, _, broker = request.param.partition("-")
    database_url = broker_url = ""
    if store == "postgresql":
        database_url = request.getfixturevalue("postgres_server").create_database()
    if broker != "local":
        broker_url = request.getfixturevalue(f"{broker}_server").url
    with (
        sinks.running() as sink,
        desks.running(
            sink,
            database_url=database_url,
            broker_url=broker_url,
            # In one layout each worker has queues of its own.
            parts=_BY_QUEUE if request.param == "sqlite-redis" else (),
            # The road for those whom nobody has checked.
            more={"POSTDESK_LMTP__TRUSTED": "false"},
        ) as running,
    ):
        yield running
        print(running.log)  # shown by pytest only beside a failure
