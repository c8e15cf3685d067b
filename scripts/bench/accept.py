"""Durable acceptance: ``postdesk smtp`` alone against Postfix, both fed by smtp-source."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from daemon.store import tables
from scripts.bench.desk import ADDRESS, Layout, Plan, build
from tests.servers import postfix
from tests.servers.ports import is_listening
from tests.servers.process import wait_until

_SIZE = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much to measure: the mails of a round by the number of connections."""

    mails: Mapping[int, int]
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepting:
    """Somebody who takes mail."""

    name: str
    port: int
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Mails a second, of each who takes mail, the median of all rounds by connections."""

    by_name: Mapping[str, Mapping[int, float]]

    def ratio(self, name: str, connections: int) -> float:
        """How many times as fast as Postfix."""
        return self.by_name[name][connections] / self.by_name[POSTFIX][connections]


POSTFIX = "Postfix"


def measure(sizes: Sizes) -> Rates:
    """Everybody in turn, round by round, so that the machine's moods meet all alike."""
    with ExitStack() as stack:
        layouts = {
            f"postdesk smtp, {store}": stack.enter_context(_desk(store))
            for store in ("SQLite", "PostgreSQL")
        }
        doors = [_postfix(stack), *(_door(name, layout) for name, layout in layouts.items())]
        found = {
            door.name: {connections: list[float]() for connections in sizes.mails} for door in doors
        }
        for door in doors:
            _rate(door, 100, 10)
        for _ in range(sizes.rounds):
            for connections, mails in sizes.mails.items():
                for door in doors:
                    found[door.name][connections].append(_rate(door, mails, connections))
        for layout in layouts.values():
            _check(layout, 100 + sizes.rounds * sum(sizes.mails.values()))
    return Rates(
        by_name={
            name: {connections: median(rates) for connections, rates in each.items()}
            for name, each in found.items()
        }
    )


@contextmanager
def _desk(store: str) -> Iterator[Layout]:
    with build(Plan(store=store.lower(), programs=("smtp",))) as layout:
        layout.start()
        yield layout


def _door(name: str, layout: Layout) -> Accepting:
    return Accepting(name=name, port=layout.port, recipient=ADDRESS)


def _postfix(stack: ExitStack) -> Accepting:
    """A Postfix that may use a process for each connection and discards what it has taken."""
    server = stack.enter_context(postfix.running())
    master = server.home / "master.cf"
    text = master.read_text(encoding="ascii").replace("- 20 smtpd", "- 200 smtpd")
    master.write_text(text, encoding="ascii")
    os.kill(server.process.pid, signal.SIGHUP)
    wait_until(lambda: is_listening(server.port), what="Postfix")
    return Accepting(name=POSTFIX, port=server.port, recipient="somebody@elsewhere.test")


def _rate(door: Accepting, mails: int, connections: int) -> float:
    program = shutil.which("smtp-source", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise FileNotFoundError("smtp-source is not installed: it comes with Debian's postfix")
    command = [program, "-d", "-s", str(connections), "-m", str(mails), "-l", str(_SIZE)]
    command += ["-f", "anna@client.test", "-t", door.recipient, f"127.0.0.1:{door.port}"]
    start = time.monotonic()
    subprocess.run(command, check=True, timeout=300)
    return mails / (time.monotonic() - start)


def _check(layout: Layout, expected: int) -> None:
    with layout.store() as store, store.read() as tx:
        rows = tables.inbox.select().with_only_columns(tables.inbox.c.id)
        found = len(tx.execute(rows).all())
    if found != expected:
        raise RuntimeError(f"{expected} mails were accepted, {found} rows are there")
