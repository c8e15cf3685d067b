"""The bell inside one machine: a door for each queue, and who is at it."""

from __future__ import annotations

import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.servers.process import wait_until
from workers import doorway
from workers.doorway import Doorway, SocketBell
from workers.job import EVERY_QUEUE, QUEUES

_SECONDS = 20
Rings = SimpleQueue[tuple[str, int]]
Open = Callable[[str], tuple[Doorway, Rings]]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens doors, and closes them in the end."""
    monkeypatch.setattr(doorway, "_STANDBY_SECONDS", 0.01)
    doors: list[Doorway] = []

    def open_(queue: str) -> tuple[Doorway, Rings]:
        heard: Rings = SimpleQueue()
        doors.append(Doorway(tmp_path, queue, lambda job, row_id: heard.put((job, row_id))))
        return doors[-1], heard

    yield open_
    for door in doors:
        door.close()


def test_ring_is_heard_at_the_door_of_its_queue_alone(opened: Open, tmp_path: Path) -> None:
    rings = {queue: opened(queue)[1] for queue in EVERY_QUEUE}
    bell = SocketBell(tmp_path)

    for number, job in enumerate(QUEUES):
        bell.ring(job, number)

    for number, (job, queue) in enumerate(QUEUES.items()):
        assert rings[queue].get(timeout=_SECONDS) == (job, number)
    assert all(heard.empty() for heard in rings.values())


def test_ring_at_a_door_where_nobody_is_hurts_nobody(opened: Open, tmp_path: Path) -> None:
    bell = SocketBell(tmp_path)

    bell.ring("deliver", 1)
    door, _ = opened("out")
    door.close()
    bell.ring("deliver", 2)

    _, heard = opened("out")
    bell.ring("deliver", 3)
    assert heard.get(timeout=_SECONDS) == ("deliver", 3)


def test_door_opens_to_jobs_of_its_queue_only(opened: Open, tmp_path: Path) -> None:
    _, heard = opened("out")
    path = tmp_path / "out.sock"

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knocker:
        for words in (b"take_in 1", b"shutdown 1", b"deliver", b"deliver -1", b"\xff 1", b""):
            knocker.sendto(words, str(path))
        knocker.sendto(b"deliver 7", str(path))

    assert heard.get(timeout=_SECONDS) == ("deliver", 7)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_second_at_a_door_stands_by_until_the_first_is_gone(opened: Open, tmp_path: Path) -> None:
    bell = SocketBell(tmp_path)
    first, at_first = opened("out")
    second, at_second = opened("out")

    bell.ring("deliver", 1)
    assert at_first.get(timeout=_SECONDS) == ("deliver", 1)
    assert (first.is_open, second.is_open) == (True, False)

    first.close()
    wait_until(lambda: second.is_open)
    bell.ring("deliver", 2)
    assert at_second.get(timeout=_SECONDS) == ("deliver", 2)
