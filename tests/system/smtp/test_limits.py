"""What one client may take, and that it costs the others nothing."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.system.smtp.house import House, ListDoor, Wire, wait_until


def test_connection_over_the_total_is_turned_away(start: Callable[..., House]) -> None:
    house = start(limits={"connections": 3})
    wires = [house.connect() for _ in range(3)]
    assert all(wire.reply().startswith("220") for wire in wires)

    with house.connect("lmtp") as extra:
        assert extra.reply().startswith("421 4.7.0")
        assert extra.is_closed()

    with wires.pop():
        pass
    wait_until(lambda: _is_served(house))
    for wire in wires:
        with wire:
            assert wire.ask("NOOP").startswith("250")


def _is_served(house: House) -> bool:
    with house.connect() as wire:
        return wire.reply().startswith("220")


def test_loopback_is_not_counted_by_peer(start: Callable[..., House]) -> None:
    house = start(limits={"connections_per_peer": 1})
    wires = [house.connect() for _ in range(3)]

    assert all(wire.reply().startswith("220") for wire in wires)
    for wire in wires:
        with wire:
            pass


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_client_that_says_nothing_is_ended(loop: str, start: Callable[..., House]) -> None:
    house = start(loop=loop, limits={"command_seconds": 0.2})
    with house.connect() as wire:
        assert wire.reply().startswith("220")

        assert wire.reply().startswith("421 4.4.2")
        assert wire.is_closed()


def test_half_a_command_does_not_buy_time(start: Callable[..., House]) -> None:
    house = start(limits={"command_seconds": 0.5})
    with house.connect() as wire:
        assert wire.reply().startswith("220")
        wire.sock.settimeout(0.1)
        heard = b""
        while not heard:
            wire.send(b"x")
            try:
                heard = wire.sock.recv(100)
            except TimeoutError:
                continue

        assert heard.startswith(b"421 4.4.2")


def test_mail_that_stands_still_is_ended(start: Callable[..., House], door: ListDoor) -> None:
    house = start(limits={"data_idle_seconds": 0.2})
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b"x\r\n")

        assert wire.reply().startswith("421 4.4.2")
        assert wire.is_closed()
    assert door.offered == 0


def test_slow_mail_outlives_the_command_timeout(
    start: Callable[..., House], door: ListDoor
) -> None:
    house = start(limits={"command_seconds": 1, "data_idle_seconds": 20})
    with house.connect() as wire:
        wire.open_mail()
        for _ in range(15):
            wire.send(b"x\r\n")
            wire.sock.settimeout(0.1)
            with pytest.raises(TimeoutError):
                wire.sock.recv(1)
            wire.sock.settimeout(20)
        wire.send(b".\r\n")

        assert wire.sock.recv(4) == b"250 "


def test_dripping_mail_is_ended_at_last(start: Callable[..., House], door: ListDoor) -> None:
    house = start(limits={"data_idle_seconds": 5, "data_total_seconds": 0.5})
    with house.connect() as wire:
        wire.open_mail()
        wire.sock.settimeout(0.05)
        heard = b""
        while not heard:
            wire.send(b"x\r\n")
            try:
                heard = wire.sock.recv(100)
            except TimeoutError:
                continue

        assert heard.startswith(b"421 4.4.2")
    assert door.offered == 0


def test_commit_is_waited_for_longer_than_a_command(
    start: Callable[..., House], door: ListDoor
) -> None:
    house = start(limits={"command_seconds": 0.7, "data_idle_seconds": 0.7})
    door.is_open.clear()
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b".\r\n")
        wire.sock.settimeout(1.5)
        with pytest.raises(TimeoutError):
            wire.sock.recv(1)
        door.is_open.set()
        wire.sock.settimeout(20)

        assert wire.sock.recv(4) == b"250 "


def test_memory_of_all_connections_together_is_bounded(
    start: Callable[..., House], door: ListDoor
) -> None:
    house = start(limits={"message_bytes": 300_000, "memory_bytes": 400_000})
    with house.connect() as first, house.connect() as second:
        first.open_mail()
        first.send(b"x" * 250_000)
        second.open_mail()
        wait_until(lambda: house.listener._service.budget._free <= 150_000)
        second.send(b"y" * 250_000)

        assert second.reply().startswith("452 4.3.1")
        assert second.is_closed()

        # The one that was there is served, and when it has gone there is room again.
        first.send(b"\r\n.\r\n")
        assert first.reply().startswith("250 2.0.0")
    with house.connect() as third:
        third.open_mail()
        third.send(b"y" * 250_000 + b"\r\n.\r\n")
        assert third.reply().startswith("250 2.0.0")


def test_mail_without_room_for_it_is_put_off_at_once(
    start: Callable[..., House], door: ListDoor
) -> None:
    house = start(limits={"message_bytes": 300_000, "memory_bytes": 300_000})
    door.is_open.clear()
    with house.connect() as first, house.connect() as second:
        first.open_mail()
        first.send(b"x" * 200_000 + b"\r\n.\r\n")
        wait_until(lambda: door.offered == 1)  # held until its commit has ended

        assert second.reply().startswith("220")
        assert second.ask("EHLO me").startswith("250")
        assert second.ask("MAIL FROM:<> SIZE=200000").startswith("452 4.3.1")
        door.is_open.set()
        assert first.reply().startswith("250 2.0.0")
        assert second.ask("MAIL FROM:<> SIZE=200000").startswith("250")


def test_endless_mail_is_refused_and_cut(start: Callable[..., House], door: ListDoor) -> None:
    house = start(limits={"message_bytes": 100_000})
    with house.connect() as wire:
        wire.open_mail()
        # Nothing of it may be read as commands.
        wire.send(b"MAIL FROM:<evil@example.org>\r\n" * 10_000)

        assert wire.reply().startswith("552 5.3.4")
        assert wire.reply() == ""
    assert door.offered == 0


def test_endless_command_is_cut(house: House) -> None:
    with house.connect() as wire:
        assert wire.reply().startswith("220")
        wire.send(b"x" * 100_000)

        assert wire.reply().startswith("500 5.5.2")
        assert wire.reply() == ""


def test_session_that_brings_mail_may_go_on(start: Callable[..., House], door: ListDoor) -> None:
    house = start(limits={"commands": 10})
    with house.connect() as wire:
        assert wire.reply().startswith("220")
        assert wire.ask("EHLO me").startswith("250")
        for _ in range(10):
            assert wire.ask("MAIL FROM:<>").startswith("250")
            assert wire.ask("RCPT TO:<help@localhost>").startswith("250")
            assert wire.ask("DATA").startswith("354")
            assert wire.ask(".").startswith("250")

    assert len(door.taken) == 10


def test_client_that_does_not_read_is_not_remembered_without_bound(
    start: Callable[..., House],
) -> None:
    house = start(limits={"commands": 100_000_000, "command_seconds": 0.5})
    with house.connect() as wire, house.connect() as other:
        wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.sock.settimeout(1)
        with pytest.raises((TimeoutError, ConnectionError)):
            _send_for_ever(wire, b"EHLO me\r\n" * 1000)

        assert other.reply().startswith("220")
        assert _is_alive(other)


def _send_for_ever(wire: Wire, data: bytes) -> None:
    while True:
        wire.send(data)


def _is_alive(wire: Wire) -> bool:
    return wire.reply().startswith("421")
