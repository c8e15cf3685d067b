"""What fails on our side is never permanent for the sender, never told to him, never 250."""

from __future__ import annotations

import socket
import struct
from concurrent.futures import Future

import pytest

from daemon.arrival import Arrival, InboxId
from daemon.errors import StoreBroken, StoreBusy, StoreFull
from tests.system.smtp.house import House, ListDoor, Wire, wait_until

_SECRET = "/var/lib/secret/postdesk.db"
_FAILURES = [
    (StoreFull(_SECRET), "452 4.3.1"),
    (StoreBusy(_SECRET), "451 4.3.0"),
    (StoreBroken(_SECRET), "451 4.3.0"),
    (OSError(28, "No space left on device", _SECRET), "451 4.3.0"),
    (ConnectionResetError(104, _SECRET), "451 4.3.0"),
    (MemoryError(_SECRET), "451 4.3.0"),
]


def _id(failure: tuple[Exception, str]) -> str:
    return type(failure[0]).__name__


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@pytest.mark.parametrize(("failure", "code"), _FAILURES, ids=map(_id, _FAILURES))
def test_failed_commit_is_told_as_temporary_with_an_id(
    failure: Exception, code: str, protocol: str, house: House, door: ListDoor
) -> None:
    door.failure = failure
    with house.connect(protocol) as wire:
        wire.open_mail("LHLO me" if protocol == "lmtp" else "EHLO me")
        wire.send(b"x\r\n.\r\n")
        reply = wire.reply()
        # The session goes on, and so does the desk.
        door.failure = None
        assert wire.ask("MAIL FROM:<ann@example.org>").startswith("250")
        assert wire.ask("RCPT TO:<help@localhost>").startswith("250")
        assert wire.ask("DATA").startswith("354")
        assert wire.ask(".").startswith("250")

    assert reply.startswith(code)
    assert "secret" not in reply
    assert type(failure).__name__ not in reply
    mark = reply.rpartition(" id ")[2]
    lines = [line for line in house.lines if line.get("mark") == mark]
    assert len(lines) == 1
    assert lines[0]["level"] == "error"


def test_failed_commit_is_told_to_each_recipient_of_lmtp(house: House, door: ListDoor) -> None:
    door.failure = StoreFull("full")
    with house.connect("lmtp") as wire:
        assert wire.reply()
        for line in ("LHLO me", "MAIL FROM:<>", "RCPT TO:<help+1@localhost>"):
            assert wire.ask(line).startswith("250")
        assert wire.ask("RCPT TO:<help+2@localhost>").startswith("250")
        assert wire.ask("DATA").startswith("354")
        wire.send(b".\r\nNOOP\r\n")

        assert wire.reply().startswith("452 4.3.1")
        assert wire.reply().startswith("452 4.3.1")
        assert wire.reply().startswith("250 2.0.0 ok")


def test_door_that_raises_is_told_as_temporary(house: House, door: ListDoor) -> None:
    def fail(arrival: Arrival) -> Future[InboxId]:
        raise RuntimeError(_SECRET)

    door.offer = fail  # type: ignore[method-assign]
    with house.connect() as wire:
        wire.open_mail()
        reply = wire.ask(".")

    assert reply.startswith("451 4.3.0")
    assert "secret" not in reply


def test_no_250_before_the_commit(house: House, door: ListDoor) -> None:
    door.is_open.clear()
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b"x\r\n.\r\n")
        wait_until(lambda: door.offered == 1)
        wire.sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            wire.sock.recv(1)
        door.is_open.set()
        wire.sock.settimeout(20)

        assert wire.sock.recv(4) == b"250 "


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_client_that_stops_talking_after_the_dot_gets_its_answer(
    protocol: str, house: House, door: ListDoor
) -> None:
    door.is_open.clear()
    with house.connect(protocol) as wire:
        wire.open_mail("LHLO me" if protocol == "lmtp" else "EHLO me")
        wire.send(b"x\r\n.\r\n")
        wire.sock.shutdown(socket.SHUT_WR)
        wait_until(lambda: door.offered == 1)
        door.is_open.set()

        assert wire.reply().startswith("250 2.0.0 queued")
        assert wire.is_closed()
    assert len(door.taken) == 1


def test_whole_session_in_one_breath_is_answered(house: House, door: ListDoor) -> None:
    lines = ["EHLO me", "MAIL FROM:<>", "RCPT TO:<help@localhost>", "DATA", "x", ".", "QUIT", ""]
    with house.connect() as wire:
        wire.send("\r\n".join(lines).encode())
        wire.sock.shutdown(socket.SHUT_WR)

        replies = [wire.reply()[:3] for _ in range(8)]
    assert replies == ["220", "250", "250", "250", "354", "250", "221", ""]
    assert len(door.taken) == 1


def _reset(wire: Wire) -> None:
    """Close so that the server gets a reset."""
    wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_client_that_vanishes_during_the_commit_does_not_stop_it(
    house: House, door: ListDoor
) -> None:
    door.is_open.clear()
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b"x\r\n.\r\n")
        wait_until(lambda: door.offered == 1)
        _reset(wire)
    door.is_open.set()

    wait_until(lambda: len(door.taken) == 1)
    wait_until(lambda: len(house.events("mail_accepted")) == 1)


def test_mail_without_its_dot_is_not_a_mail(house: House, door: ListDoor) -> None:
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b"x\r\n")
        wire.sock.shutdown(socket.SHUT_WR)

        assert wire.reply() == ""
    assert door.offered == 0


def test_client_that_vanishes_anywhere_leaves_nothing_behind(house: House, door: ListDoor) -> None:
    said = b"EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<help@localhost>\r\nDATA\r\nx\r\n"
    for length in range(0, len(said), 5):
        with house.connect() as wire:
            wire.send(said[:length])
            if length % 2:
                _reset(wire)

    service = house.listener._service
    wait_until(lambda: not service.sessions)
    assert service.places._taken == 0
    assert service.budget._free == house.settings.limits.memory_bytes
    assert door.offered == 0
    assert [line for line in house.lines if line["level"] == "error"] == []
