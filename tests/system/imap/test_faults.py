"""Whatever the wire and the server do: nothing lost, nothing doubled, nothing moved too early."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from daemon import imap_connect
from daemon.settings import Mailbox
from tests.servers import dovecot
from tests.servers.imap_script import Wire, wire
from tests.servers.process import wait_until
from tests.system.imap.desk import Desk, open_desk

NAMES = [f"m{number}" for number in range(6)]


def run_with_one_cut(desk: Desk, faulty: Wire, mailbox: Mailbox, cut_after: int) -> bool:
    """Run until a round is complete, the first connection cut; False when it lasted that long."""
    stop = threading.Event()
    faulty.cut_after, was_cut = cut_after, False

    def pause(seconds: float) -> None:
        nonlocal was_cut
        if seconds == mailbox.poll_seconds:
            stop.set()
        elif not was_cut:
            was_cut, faulty.cut_after = True, None
            assert set(desk.names("Postdesk")) <= set(desk.ledger()), "moved before the commit"

    desk.poller(mailbox, pause=pause).run(stop)
    return was_cut


@pytest.mark.parametrize(("after", "step"), [("move", 97), ("flag", 307), ("delete", 307)])
def test_cut_after_any_byte_loses_and_doubles_nothing(
    desk: Desk, faulty: Wire, after: str, step: int
) -> None:
    cut_after, user = 1, desk.user
    while True:
        desk.user = f"{user}-{after}-{cut_after}"
        desk.deliver(*NAMES)
        mailbox = desk.mailbox(port=faulty.port, after=after, poll_seconds=77)

        was_cut = run_with_one_cut(desk, faulty, mailbox, cut_after)

        assert desk.ledger() == NAMES, cut_after
        assert desk.names() == (NAMES if after == "flag" else []), cut_after
        assert desk.names("Postdesk") == (NAMES if after == "move" else []), cut_after
        if not was_cut:
            break
        cut_after += step
    assert cut_after > 2000


@pytest.fixture
def without_move(desk: Desk) -> Iterator[Desk]:
    """The same desk on a server that knows UIDPLUS, but not MOVE."""
    more = "imap_capability = IMAP4rev1 SASL-IR UIDPLUS LITERAL+ IDLE"
    with (
        dovecot.running(more=more) as server,
        open_desk(server, desk.store, desk.data_dir) as other,
    ):
        yield other


def test_cut_between_copy_and_deletion_leaves_one_copy(without_move: Desk) -> None:
    desk = without_move
    with wire(desk.server.port) as faulty:
        cut_after, user = 1, desk.user
        while True:
            desk.user = f"{user}-{cut_after}"
            desk.deliver(*NAMES)
            mailbox = desk.mailbox(port=faulty.port, poll_seconds=77)

            was_cut = run_with_one_cut(desk, faulty, mailbox, cut_after)

            assert desk.ledger() == NAMES, cut_after
            assert desk.names() == [], cut_after
            assert desk.names("Postdesk") == NAMES, cut_after
            if not was_cut:
                break
            cut_after += 211


def test_silent_death_is_noticed_and_survived(
    desk: Desk, faulty: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_connect, "READ_SECONDS", 0.3)
    desk.deliver(*NAMES)
    faulty.silent_after = 1500
    stop = threading.Event()

    def pause(seconds: float) -> None:
        faulty.silent_after = None
        if seconds == 77:
            stop.set()

    desk.poller(desk.mailbox(port=faulty.port, poll_seconds=77), pause=pause).run(stop)

    assert faulty.connections == 2
    assert desk.ledger() == desk.names("Postdesk") == NAMES
    # One lost connection that came back at once is nobody's concern.
    assert desk.events("mailbox_unreachable") == []


def test_bye_while_idling_ends_in_a_new_connection(desk: Desk, faulty: Wire) -> None:
    stop = threading.Event()
    poller = desk.poller(desk.mailbox(port=faulty.port, idle=True), pause=lambda _: None)
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        for count, name in enumerate(NAMES, 1):
            desk.deliver(name)
            wait_until(partial(_has_moved, desk, count))
            if count % 2:
                faulty.say_bye()
            else:
                faulty.cut()
    finally:
        stop.set()
        thread.join(20)
    assert desk.ledger() == NAMES
    assert faulty.connections < 30, "a busy loop"


def _has_moved(desk: Desk, count: int) -> bool:
    return len(desk.names("Postdesk")) == count


def test_uid_without_bytes_is_asked_for_again(desk: Desk, faulty: Wire) -> None:
    desk.deliver(*NAMES)
    mailbox = desk.mailbox(port=faulty.port, after="flag")
    # The server lists UID 2 and hands nothing over, as Exchange does.
    faulty.on_line = _without_uid_2

    desk.poll(mailbox, rounds=3)

    assert desk.ledger() == ["m0", "m2", "m3", "m4", "m5"]
    assert desk.view().next_uid == 2
    assert "hands nothing over" in (desk.view().error or "")
    assert len(desk.events("mail_left_in_mailbox")) == 1

    faulty.on_line = None
    desk.poll(mailbox)
    assert sorted(desk.ledger()) == NAMES
    assert len(desk.rows()) == 6
    assert (desk.view().next_uid, desk.view().error) == (7, None)


def _without_uid_2(line: bytes) -> bytes:
    if b"BODY.PEEK" not in line:
        return line
    return re.sub(rb"\b2\b(?=[,\d]* \()", b"999", line, count=1)


def test_mail_that_breaks_the_connection_stops_no_other(desk: Desk, faulty: Wire) -> None:
    desk.deliver(*NAMES)

    def cut_at_uid_2(line: bytes) -> bytes | None:
        found = re.search(rb"UID FETCH (\S+) \(BODY", line)
        return None if found and b"2" in found[1].split(b",") else line

    faulty.on_line = cut_at_uid_2
    stop, waits = threading.Event(), list[float]()

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if seconds == 77 or len(waits) > 20:
            stop.set()

    desk.poller(desk.mailbox(port=faulty.port, poll_seconds=77), pause=pause).run(stop)

    assert waits[-1] == 77
    assert sorted(desk.ledger()) == ["m0", "m2", "m3", "m4", "m5"]
    assert desk.names() == ["m1"]
    assert "UID 2" in (desk.view().error or "")


def test_renumbered_folder_brings_nothing_twice(desk: Desk) -> None:
    mailbox = desk.mailbox(after="flag")
    desk.deliver("one", "two")
    desk.poll(mailbox)
    before = desk.view().uidvalidity
    _renumber(desk)
    desk.deliver("three")

    desk.poll(mailbox, rounds=2)

    assert desk.view().uidvalidity != before
    assert desk.ledger() == ["one", "two", "three"]
    assert len(desk.door.offered) == 3


def test_renumbered_folder_is_only_tidied(desk: Desk) -> None:
    desk.deliver("one", "two")
    desk.poll(desk.mailbox(after="flag"))
    _renumber(desk)
    desk.deliver("three")

    desk.poll(desk.mailbox(after="move"))

    assert desk.ledger() == ["one", "two", "three"]
    assert desk.names() == []
    assert desk.names("Postdesk") == ["one", "three", "two"]


def _renumber(desk: Desk) -> None:
    """The server loses its list of UIDs, and every message gets a new one."""
    maildir = desk.server.maildir(desk.user)
    for path in [*maildir.glob("dovecot-uidlist*"), *maildir.glob("dovecot.index*")]:
        path.unlink()
    for path in maildir.glob("dovecot-uidvalidity*"):
        path.unlink()
    # Dovecot takes the time in seconds: a list made in the same second would be the old one.
    (maildir / "dovecot-uidlist").write_text("3 V4242 N1 G0123456789abcdef0123456789abcdef\n")
    if (owner := maildir.stat()).st_uid == 0:
        return
    shutil.chown(maildir / "dovecot-uidlist", owner.st_uid, owner.st_gid)


@pytest.mark.parametrize("after", ["move", "flag"])
def test_restored_mailbox_that_reuses_uids_loses_nothing(desk: Desk, after: str) -> None:
    desk.create("Desk")
    desk.create("Postdesk")
    mailbox = desk.mailbox(folder="Desk", after=after)
    maildir = desk.server.maildir(desk.user) / ".Desk"
    backup = maildir.parent / "backup"
    with desk.client() as client:
        client.select("Desk")
    shutil.copytree(maildir, backup)
    desk.deliver("one", "two", folder="Desk")
    desk.poll(mailbox)
    # The backup knows nothing of the two mails, and gives their UIDs out again.
    shutil.rmtree(maildir)
    shutil.copytree(backup, maildir)
    for path in [maildir, *maildir.rglob("*")]:
        shutil.chown(path, backup.parent.stat().st_uid, backup.parent.stat().st_gid)
    desk.deliver("three", "four", "five", folder="Desk")

    desk.poll(mailbox, rounds=2)

    assert sorted(desk.ledger()) == ["five", "four", "one", "three", "two"]


def test_jammed_door_leaves_the_mail_where_it_is(desk: Desk) -> None:
    desk.deliver("one", "two", "three")
    desk.door.is_jammed = lambda arrival: b"<two@" in arrival.raw

    waits = desk.poll(rounds=4)

    assert desk.ledger() == ["one", "three"]
    assert desk.names() == ["two"]
    assert waits[0] <= 1 < waits[3] <= 8
    assert [event["reason"] for event in desk.events("mailbox_waits")] == [
        "the store does not take mail: locked"
    ]
    desk.door.is_jammed = lambda _: False
    desk.poll()
    assert desk.names("Postdesk") == ["one", "three", "two"]
    assert desk.view().error is None
