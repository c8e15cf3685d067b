"""The database or its disk fails and comes back: 4xx or delay, never loss; no hand is needed."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.bench.desk import Layout, Plan
from tests.servers import postgres
from tests.servers.process import folder
from tests.servers.sink import Sink
from tests.system.faults.scene import (
    DELIVERY,
    SECONDS,
    WORK,
    assert_all_done,
    insist,
    offer,
    running,
    wait_for,
)


@dataclass(frozen=True)
class Disk:
    """A place with an end, full when told."""

    fill: Callable[[Layout], None]
    free: Callable[[Layout], None]


@contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """A real small file system where we may mount one, else a limit that fails every write."""
    ballast = path / "ballast"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield Disk(lambda layout: _limit(layout, 0), lambda layout: _limit(layout, None))
        return
    try:
        yield Disk(lambda _: _fill(ballast), lambda _: ballast.unlink())
    finally:
        subprocess.run(["umount", str(path)], check=True)


def _fill(path: Path) -> None:
    with path.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            with pytest.raises(OSError, match="No space left"):
                file.writelines(itertools.repeat(bytes(size)))


def _limit(layout: Layout, most: int | None) -> None:
    for pid in layout.pids:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if most is None else most, hard))


def test_full_disk_is_a_temporary_refusal_and_passes(mail_sink: Sink) -> None:
    with folder("faults") as home, small_disk(home / "data") as disk:
        plan = Plan(smarthost=mail_sink.url, home=home, delivery=DELIVERY, more=WORK)
        with running(plan) as layout:
            insist(layout, 0)
            assert_all_done(layout, mail_sink, 1)

            disk.fill(layout)
            # What the write-ahead log still has room for may be taken; then there is an end.
            codes: list[int] = []
            while (code := offer(layout, len(codes) + 1, 200_000)) == 250:
                codes.append(code)
            assert code in {451, 452}
            assert offer(layout, len(codes) + 1, 200_000) in {451, 452}

            disk.free(layout)
            refused = len(codes) + 1
            insist(layout, refused, 200_000)
            assert_all_done(layout, mail_sink, refused + 1)


def test_stopped_database_is_a_temporary_refusal_and_passes(
    postgres_server: postgres.Postgres, working: Layout, mail_sink: Sink
) -> None:
    postgres_server.process.stop()
    codes = {offer(working, number) for number in (1, 2, 3)}
    assert not {code for code in codes if code == 250 or code >= 500}

    postgres_server.process.start()
    for number in (1, 2, 3):
        insist(working, number)
    assert_all_done(working, mail_sink, 4)
    assert working.is_serving()


def test_hanging_database_delays_and_passes(
    postgres_server: postgres.Postgres, working: Layout, mail_sink: Sink
) -> None:
    codes: list[int] = []
    client = threading.Thread(target=lambda: codes.append(offer(working, 1)))
    with _paused(postgres_server.process.pid):
        client.start()
        client.join(1.0)
        assert 250 not in codes
    client.join(SECONDS)

    assert not [code for code in codes if code >= 500]
    insist(working, 1)
    rows = wait_for(working, lambda rows: rows.is_settled, "nothing that waits")
    assert len(rows.tickets) == 2


@contextmanager
def _paused(pid: int) -> Iterator[None]:
    """A server hangs with its children, which for PostgreSQL are groups of their own."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    for each in pids:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)
