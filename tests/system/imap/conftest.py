"""Fixtures: one Dovecot for all, a new mailbox and an empty store for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.store.engine import Store
from daemon.store.tables import metadata
from tests.servers import dovecot
from tests.servers.imap_script import Wire, wire
from tests.system.imap.desk import Desk, open_desk


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[dovecot.Dovecot]:
    """One Dovecot for the whole run."""
    with dovecot.running() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(f"sqlite:///{tmp_path / 'postdesk.db'}")
    with store.begin() as tx:
        metadata.create_all(tx)
    yield store
    store.close()


@pytest.fixture
def desk(dovecot_server: dovecot.Dovecot, store: Store, tmp_path: Path) -> Iterator[Desk]:
    """A desk with an empty mailbox."""
    with open_desk(dovecot_server, store, tmp_path) as desk:
        yield desk


@pytest.fixture
def faulty(dovecot_server: dovecot.Dovecot) -> Iterator[Wire]:
    """A wire to Dovecot that a test can break."""
    with wire(dovecot_server.port) as faulty:
        yield faulty
