"""Where the listener listens, and how it ends."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.settings import Settings
from tests.system.smtp.house import House, ListDoor, Wire, running, wait_until


def _settings(**tree: object) -> Settings:
    return Settings.model_validate({"smtp": {"listen": ""}, **tree})


def test_lmtp_by_a_unix_socket_is_for_owner_and_group(tmp_path: Path) -> None:
    path, door = tmp_path / "lmtp", ListDoor()
    with running(_settings(lmtp={"listen": f"unix:{path}"}), door) as house:
        assert house.listener.addresses == (("lmtp", str(path), 0),)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(path))
        with Wire(sock) as wire:
            wire.open_mail("LHLO me")
            assert wire.ask(".").startswith("250")

    assert door.taken[0].envelope.peer == "unix"
    assert not path.exists()


def test_socket_left_by_a_killed_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    with running(_settings(lmtp={"listen": f"unix:{path}"})) as house:
        assert house.listener.addresses


def test_file_in_the_way_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    path.write_text("precious")

    with pytest.raises(OSError, match="lmtp"), running(_settings(lmtp={"listen": f"unix:{path}"})):
        pass
    assert path.read_text() == "precious"


def test_port_in_use_is_named(start: Callable[..., House]) -> None:
    _, port = start().place()

    with pytest.raises(OSError, match=f"127.0.0.1:{port}.*in use"):
        start(smtp={"listen": f"127.0.0.1:{port}"})


def test_address_that_is_none_is_named() -> None:
    wrong = running(_settings(smtp={"listen": "2525x"}))
    with pytest.raises(OSError, match="smtp cannot listen on 2525x"), wrong:
        pass


def test_failed_start_leaves_no_port_open(start: Callable[..., House]) -> None:
    _, taken = start().place()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]

    with pytest.raises(OSError, match="in use"):
        start(smtp={"listen": f"127.0.0.1:{free},127.0.0.1:{taken}"})
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", free))


def test_several_addresses_are_served() -> None:
    listen = "127.0.0.1:0,[::1]:0,127.0.0.1:0"
    with running(_settings(smtp={"listen": listen})) as house:
        assert len(house.listener.addresses) == 3
        for _, host, port in house.listener.addresses:
            with Wire(socket.create_connection((host, port), timeout=20)) as wire:
                assert wire.reply().startswith("220")


def test_sockets_of_systemd_replace_the_configured_ones() -> None:
    given = socket.create_server(("127.0.0.1", 0))
    house = House(_settings(smtp={"listen": "127.0.0.1:1"}), ListDoor())
    try:
        house.start([("smtp", given)])
        assert house.listener.addresses == (("smtp", "127.0.0.1", given.getsockname()[1]),)
        with house.connect() as wire:
            assert wire.reply().startswith("220")
        house.stop()
    finally:
        house.close()


def test_stop_says_421_to_the_idle_and_takes_nobody_new(start: Callable[..., House]) -> None:
    house = start()
    place = house.place()
    with house.connect() as wire:
        assert wire.reply().startswith("220")
        assert wire.ask("EHLO me").startswith("250")

        house.stop()

        assert wire.reply().startswith("421 4.3.2")
        assert wire.is_closed()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place)


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_stop_waits_for_the_mail_that_is_coming(
    loop: str, start: Callable[..., House], door: ListDoor
) -> None:
    house = start(loop=loop)
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b"x\r\n")
        service = house.listener._service
        wait_until(lambda: service.budget._free < house.settings.limits.memory_bytes)
        stopping = threading.Thread(target=house.stop, args=(20,))
        stopping.start()
        wait_until(lambda: service.is_stopping)
        wire.send(b".\r\n")

        assert wire.reply().startswith("250 2.0.0")
        assert wire.reply().startswith("421 4.3.2")
        assert wire.is_closed()
        stopping.join(20)
        assert not stopping.is_alive()
    assert len(door.taken) == 1


def test_stop_waits_for_a_commit_whose_client_has_left(
    start: Callable[..., House], door: ListDoor
) -> None:
    house = start()
    door.is_open.clear()
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b".\r\n")
        wait_until(lambda: door.offered == 1)
    stopping = threading.Thread(target=house.stop, args=(20,))
    stopping.start()
    wait_until(lambda: house.listener._service.is_stopping)
    assert stopping.is_alive()
    door.is_open.set()
    stopping.join(20)

    assert not stopping.is_alive()
    assert len(house.events("mail_accepted")) == 1


def test_stop_cuts_what_does_not_end(start: Callable[..., House], door: ListDoor) -> None:
    house = start()
    with house.connect() as wire:
        wire.open_mail()
        wire.send(b"x\r\n")
        wait_until(lambda: not house.listener._service.budget.has(256 * 1024 * 1024 - 1))

        house.stop(0.1)

        assert wire.is_closed()
    assert door.offered == 0
