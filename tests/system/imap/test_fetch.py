"""What is in the mailbox becomes arrivals, once, and is tidied away only after the commit."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial

import pytest

from daemon.imap import Pollers
from tests.servers.process import wait_until
from tests.system.imap.desk import Desk, mail


def test_mails_are_taken_once_and_moved(desk: Desk) -> None:
    names = [f"m{number:03}" for number in range(120)]
    desk.deliver(*names)

    desk.poll(rounds=3)

    assert desk.ledger() == names
    assert desk.names() == []
    assert desk.names("Postdesk") == names
    assert len(desk.door.offered) == 120
    view = desk.view()
    assert (view.next_uid, view.server_uidnext, view.server_messages) == (121, 121, 0)


def test_arrival_carries_bytes_date_and_desk_address(desk: Desk) -> None:
    raw = mail("whole").replace(b"To: help@desk.test", b"To: a@b.test,\r\n\tIT+r1@Desk.test")
    raw = b"Return-Path: <anna@bounce.test>\r\nDelivered-To: help@desk.test\r\n" + raw
    with desk.client() as client:
        client.append("INBOX", r"(\Seen)", '"01-Mar-2026 10:00:00 +0900"', raw)

    desk.poll(desk.mailbox(trusted=True))

    (arrival,) = desk.door.offered
    assert arrival.raw == raw
    assert arrival.received_at == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert arrival.envelope.sender == "anna@bounce.test"
    assert arrival.envelope.recipients == ("help@desk.test", "IT+r1@Desk.test")
    assert arrival.envelope.trusted


def test_mail_that_names_none_of_ours_is_for_the_mailboxs_address(desk: Desk) -> None:
    with desk.client() as client:
        client.append("INBOX", "", "", mail("bcc").replace(b"help@desk.test", b"list@other.test"))

    desk.poll(desk.mailbox(address="it@desk.test"))

    assert desk.door.offered[0].envelope.recipients == ("it@desk.test",)


def test_flagged_mail_stays_and_is_not_taken_again(desk: Desk) -> None:
    mailbox = desk.mailbox(after="flag")
    desk.deliver("one", "two")
    desk.poll(mailbox, rounds=2)
    desk.deliver("three")
    desk.poll(mailbox, rounds=2)

    assert desk.ledger() == ["one", "two", "three"]
    assert len(desk.door.offered) == 3
    assert all(r"\Seen" in flags and "$Postdesk" in flags for _, flags in desk.contents())
    assert desk.view().next_uid == 4


def test_mail_that_a_person_opened_is_taken(desk: Desk) -> None:
    with desk.client() as client:
        client.append("INBOX", r"(\Seen)", "", mail("opened"))

    desk.poll(desk.mailbox(after="flag"))

    assert desk.ledger() == ["opened"]


def test_taken_mail_is_deleted(desk: Desk) -> None:
    desk.deliver("one", "two")
    desk.poll(desk.mailbox(after="delete"), rounds=2)

    assert desk.ledger() == ["one", "two"]
    assert desk.names() == []


def test_folder_and_target_with_korean_names_are_used(desk: Desk) -> None:
    mailbox = desk.mailbox(folder="지원", move_to="처리 & 완료")
    desk.create("지원")
    desk.deliver("one", folder="지원")

    desk.poll(mailbox)

    assert desk.ledger() == ["one"]
    assert desk.names("지원") == []
    assert desk.names("처리 & 완료") == ["one"]


def test_large_mail_is_fetched_whole(desk: Desk) -> None:
    text = "\r\n".join(f"{number:070}" for number in range(90_000))
    desk.deliver("before")
    desk.deliver("large", text=text)
    desk.deliver("after")

    desk.poll()

    assert sorted(desk.ledger()) == ["after", "before", "large"]
    assert {arrival.raw for arrival in desk.door.offered} >= {mail("large", text)}


def test_mail_above_the_limit_is_left_and_told_once(desk: Desk) -> None:
    desk.deliver("small")
    desk.deliver("huge", text="x" * 5000)
    desk.deliver("small2")

    desk.poll(rounds=4, message_bytes=4000)

    assert desk.ledger() == ["small", "small2"]
    assert desk.names() == ["huge"]
    assert len(desk.events("mail_left_in_mailbox")) == 1
    view = desk.view()
    assert view.next_uid == 2
    assert "message_bytes" in (view.error or "")

    desk.poll()
    assert desk.ledger() == ["small", "small2", "huge"]
    assert desk.view().error is None


def test_idle_brings_mail_without_polling(desk: Desk) -> None:
    mailbox = desk.mailbox(idle=True, poll_seconds=3600)
    pollers = Pollers([desk.poller(mailbox)])
    pollers.start()
    try:
        wait_until(lambda: desk.rows() == [] and "Postdesk" in _folders(desk))
        for name in ("one", "two", "three"):
            desk.deliver(name)
            wait_until(partial(_is_taken, desk, name))
        wait_until(lambda: desk.names("Postdesk") == ["one", "three", "two"])
    finally:
        assert pollers.close()
    assert desk.events("mailbox_unreachable") == []


def _is_taken(desk: Desk, name: str) -> bool:
    return name in desk.ledger()


def _folders(desk: Desk) -> str:
    with desk.client() as client:
        return str(client.list())


def test_news_between_search_and_idle_is_noticed(desk: Desk) -> None:
    """Dovecot tells of it in the same packet as its consent to IDLE."""
    mailbox = desk.mailbox(idle=True, after="flag")
    pauses: list[float] = []
    poller = desk.poller(mailbox, pause=pauses.append)
    desk.door.is_jammed = lambda arrival: _deliver_meanwhile(desk, arrival.raw)
    desk.deliver("first")
    stop = threading.Event()
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: desk.ledger() == ["first", "second"])
    finally:
        stop.set()
        thread.join(20)
    assert pauses == []


def _deliver_meanwhile(desk: Desk, raw: bytes) -> bool:
    if b"first" in raw:
        desk.deliver("second")
    return False


@pytest.mark.parametrize("after", ["move", "flag", "delete"])
def test_a_restart_between_commit_and_tidying_only_tidies(desk: Desk, after: str) -> None:
    desk.deliver("one", "two")
    mailbox = desk.mailbox(after=after)
    desk.poll(desk.mailbox(after="flag"))
    with desk.client() as client:
        client.select("INBOX")
        client.store("1:*", "-FLAGS", r"(\Seen $Postdesk)")
    with desk.store.begin() as tx:
        tx.exec_driver_sql("DELETE FROM mailboxes")

    desk.poll(mailbox)

    assert desk.ledger() == ["one", "two"]
    assert len(desk.door.offered) == 2
    left = desk.contents()
    assert len(left) == (2 if after == "flag" else 0)
    assert all("$Postdesk" in flags for _, flags in left)
