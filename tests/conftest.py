"""Fixtures for everybody: real servers, started when the first test asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from daemon.settings import Settings
from daemon.store import migrate
from daemon.store.engine import Store
from tests.servers import postfix, postgres, rabbitmq, redis, sink

# How long an example takes is the machine's affair, not the code's.
settings.register_profile("desk", deadline=None)
settings.load_profile("desk")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[redis.Redis]:
    """One Redis for the whole run."""
    with redis.running() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: redis.Redis) -> str:
    """An empty Redis that runs, whatever the test before did to it."""
    if not redis_server.process.is_running:
        redis_server.process.start()
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """One PostgreSQL for the whole run."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: postgres.Postgres) -> str:
    """A new, empty database on a PostgreSQL that runs."""
    if not postgres_server.process.is_running:
        postgres_server.process.start()
    return postgres_server.create_database()


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[rabbitmq.RabbitMQ]:
    """One RabbitMQ for the whole run."""
    with rabbitmq.running() as server:
        yield server


@pytest.fixture
def rabbitmq_url(rabbitmq_server: rabbitmq.RabbitMQ) -> str:
    """A RabbitMQ that runs; queues of earlier tests may be there."""
    if not rabbitmq_server.process.is_running:
        rabbitmq_server.process.start()
    return rabbitmq_server.url


@pytest.fixture
def mail_sink() -> Iterator[sink.Sink]:
    """A smarthost that keeps what it takes."""
    with sink.running() as server:
        yield server


@pytest.fixture
def mta() -> Iterator[postfix.Postfix]:
    """A Postfix that accepts and discards; a test that needs LMTP starts its own."""
    with postfix.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind, with its schema."""
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path}/desk.db")
    else:
        url = request.getfixturevalue("postgres_server").create_database()
        made = Store(Settings(database_url=url).store_url)
    migrate.upgrade(made)
    yield made
    made.close()
