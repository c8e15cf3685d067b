"""The daily comparison tells of what is in a mailbox and not in the ledger, and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.reconcile import Gap, reconcile
from daemon.settings import Mailbox
from daemon.store.engine import Store
from daemon.store.tables import inbox, inbox_raw, metadata
from tests.system.imap.desk import Desk

DAY = timedelta(days=1, minutes=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of either kind."""
    url = f"sqlite:///{tmp_path / 'postdesk.db'}"
    if request.param == "postgresql":
        url = re.sub("^postgres(ql)?://", "postgresql+psycopg://", _postgres_url(request))
    store = Store(url)
    with store.begin() as tx:
        metadata.create_all(tx)
    yield store
    store.close()


def _postgres_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_url"))


def gaps(desk: Desk, mailbox: Mailbox, later: timedelta = timedelta(0)) -> list[str]:
    settings = desk.settings().model_copy(update={"mailboxes": (mailbox,)})
    found = reconcile(desk.store, settings, now=datetime.now(UTC) + later)
    assert all(gap == Gap(mailbox=f"{desk.user}/INBOX", message=gap.message) for gap in found)
    return [gap.message for gap in found]


def test_mailboxes_that_agree_have_no_gap(desk: Desk) -> None:
    for after in ("flag", "move"):
        mailbox = desk.mailbox(after=after)
        desk.deliver("one", "two")
        desk.poll(mailbox)
        assert gaps(desk, mailbox) == []


def test_mailbox_that_nobody_looks_at_is_a_gap(desk: Desk) -> None:
    (never,) = gaps(desk, desk.mailbox())
    assert "never looked at" in never
    desk.poll()
    (stale,) = gaps(desk, desk.mailbox(), DAY)
    assert "is the poller running" in stale


def test_unreachable_for_a_day_is_a_gap(desk: Desk) -> None:
    mailbox = desk.mailbox(password="wrong")
    desk.poll(mailbox)

    assert gaps(desk, mailbox) == []
    assert "refuses the login" in gaps(desk, mailbox, DAY)[0]


def test_mail_that_stays_in_the_mailbox_is_a_gap_after_a_day(desk: Desk) -> None:
    desk.deliver("huge", text="x" * 5000)
    desk.poll(message_bytes=4000)

    assert "UID 1" in gaps(desk, desk.mailbox(), DAY)[0]


def test_row_that_is_missing_from_the_ledger_is_a_gap(desk: Desk) -> None:
    mailbox = desk.mailbox(after="flag")
    desk.deliver("one", "two")
    desk.poll(mailbox)
    with desk.store.begin() as tx:
        lost = desk.rows()[0].id
        tx.execute(inbox_raw.delete().where(inbox_raw.c.inbox_id == lost))
        tx.execute(inbox.delete().where(inbox.c.id == lost))

    assert gaps(desk, mailbox) == ["holds 2 messages, but the ledger has only 1 of it"]
