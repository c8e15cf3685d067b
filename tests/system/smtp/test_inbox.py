"""The listener at its real door: a 250 is a committed row."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from daemon.bell import silent
from daemon.inbox import Inbox
from daemon.settings import Settings
from daemon.store.engine import Store
from daemon.store.migrate import upgrade
from daemon.store.tables import inbox, inbox_raw
from tests.system.smtp.house import House, running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
    upgrade(store)
    yield store
    store.close()


def _send(house: House, sender: str, count: int) -> None:
    with smtplib.SMTP(*house.place()) as client:
        for number in range(count):
            client.sendmail(sender, ["help@localhost"], f"Subject: {sender} {number}\n\nx\n")


def test_concurrent_mails_are_rows_when_they_are_answered(store: Store) -> None:
    door = Inbox(store, ring=silent, log=structlog.get_logger())
    with running(Settings.model_validate({"smtp": {"listen": "127.0.0.1:0"}}), door) as house:
        senders = [f"s{number}@example.org" for number in range(8)]
        threads = [threading.Thread(target=_send, args=(house, each, 10)) for each in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

        with store.read() as tx:
            rows = tx.execute(
                select(inbox.c.source_key, inbox_raw.c.raw).join_from(inbox, inbox_raw)
            ).all()
    door.close()

    assert len({row.source_key for row in rows}) == 80
    assert {row.raw for row in rows} == {
        f"Subject: {sender} {number}\r\n\r\nx\r\n".encode()
        for sender in senders
        for number in range(10)
    }


def test_closed_inbox_is_told_as_temporary(store: Store) -> None:
    door = Inbox(store, ring=silent, log=structlog.get_logger())
    door.close()
    settings = Settings.model_validate({"smtp": {"listen": "127.0.0.1:0"}})
    with running(settings, door) as house, house.connect() as wire:
        wire.open_mail()
        assert wire.ask(".").startswith("451 4.3.0")
