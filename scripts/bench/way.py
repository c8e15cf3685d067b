"""All the way: accepted, made a ticket, its acknowledgement taken by a sink; rate and latency."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from daemon.store import tables
from scripts.bench import sink as sinks
from scripts.bench import usage
from scripts.bench.client import Load, accepted
from scripts.bench.desk import Layout, Plan, build
from scripts.bench.sink import Sink, Taken
from scripts.bench.table import percentile
from tests.servers.process import folder, wait_until

#: Mails before the first figure.
WARM_UP = 50
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much to measure."""

    mails: int
    connections: tuple[int, ...]
    rate: float
    paced: int
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One load through one desk."""

    mails: int
    #: From the first mail's offer to the last acknowledgement.
    seconds: float
    #: Of each mail: from its 250 to its acknowledgement at the sink.
    latencies: tuple[float, ...]
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Mails a second, all the way."""
        return self.mails / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        """CPU time of all our processes for one mail."""
        return self.cpu_seconds / self.mails * 1000

    def latency(self, percent: float) -> float:
        """The latency that so many percent of the mails do not exceed."""
        return percentile(self.latencies, percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A desk that runs, with its sink."""

    layout: Layout
    sink: Sink
    #: What each mail causes: its acknowledgement, and a notice to everybody of the team.
    notices: int = 1

    def measure(self, run: str, count: int, connections: int, rate: float = 0.0) -> Way:
        """Send a load and wait until each of its mails is acknowledged exactly once."""
        before, cpu = self.sink.count, usage.cpu_seconds(self.layout.pids)
        load = Load(run=run, port=self.layout.port, count=count, connections=connections, rate=rate)
        sent = accepted(load, self.layout.home)
        began = sent.pop("")
        wait_until(
            lambda: self.sink.count - before >= count * self.notices,
            seconds=_PATIENCE_SECONDS,
            what=f"{count * self.notices} mails ({self.sink.count - before} came)",
        )
        cost = usage.cpu_seconds(self.layout.pids) - cpu
        acks = _by_number(self.sink.mails[before:], run)
        if len(acks) != count or len(sent) != count:
            raise RuntimeError(f"{count} mails, {len(sent)} accepted, {len(acks)} acknowledged")
        return Way(
            mails=count,
            seconds=max(ack.at for ack in acks.values()) - began,
            latencies=tuple(acks[number].at - at for number, at in _numbered(sent)),
            cpu_seconds=cost,
        )

    def check(self, expected: int) -> None:
        """Raises unless arrivals and tickets are that number, and mails sent what they cause."""
        with self.layout.store() as store, store.read() as tx:
            done = sum(row.state == "done" for row in tx.execute(tables.inbox.select()))
            tickets = len(tx.execute(tables.tickets.select()).all())
        distinct = len({mail.message_id for mail in self.sink.mails})
        told = expected * self.notices
        if not (done == tickets == expected and distinct == self.sink.count == told):
            raise RuntimeError(
                f"{expected} mails, {done} done, {tickets} tickets, {distinct} distinct of "
                f"{self.sink.count} mails sent, not {told}"
            )


def _by_number(taken: list[Taken], run: str) -> dict[int, Taken]:
    """Acknowledgements by the number of the mail, which its sender's address tells."""
    prefix = f"user-{run}-"
    return {
        int(mail.recipient.removeprefix(prefix).partition("@")[0]): mail
        for mail in taken
        if mail.recipient.startswith(prefix)
    }


def _numbered(sent: dict[str, float]) -> Iterator[tuple[int, float]]:
    for message_id, at in sent.items():
        yield int(message_id.partition("@")[0].rpartition("-")[2]), at


def plan(store: str, smarthost: str, agents: int) -> Plan:
    """The default mode on SQLite, and the grown layout with two workers on PostgreSQL and Redis."""
    rules = _team(agents) if agents else {}
    if store == "sqlite":
        return Plan(smarthost=smarthost, rules=rules)
    return Plan(
        store=store,
        broker="redis",
        programs=("smtp", "relay", "work:2"),
        smarthost=smarthost,
        rules=rules,
    )


def _team(agents: int) -> dict[str, str]:
    """One team of so many, who are all told of each new ticket."""
    names = [f"agent{number}" for number in range(agents)]
    rows = "".join(
        f"  {one}: {{full_name: {one}, addresses: [{one}@desk.test]}}\n" for one in names
    )
    team = f"teams:\n  desk: {{members: [{', '.join(names)}]}}\ndefault_team: desk\n"
    return {"people.yaml": f"agents:\n{rows}{team}"}


@contextmanager
def running(store: str, *, agents: int = 0) -> Iterator[Running]:
    """A desk and its sink, warmed up."""
    with (
        folder("bench") as home,
        sinks.running(home) as sink,
        build(plan(store, sink.url, agents)) as layout,
    ):
        layout.start()
        desk = Running(layout=layout, sink=sink, notices=1 + agents)
        desk.measure("warm", WARM_UP, 5)
        yield desk
