"""The parts of the bench, each measured and printed with its target beside it."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.bench import accept as accepts
from scripts.bench import brokers, seed, usage
from scripts.bench import parse as parses
from scripts.bench import rules as rules_
from scripts.bench import timers as timers_
from scripts.bench import way as ways_
from scripts.bench.table import milliseconds, percentile, show
from scripts.bench.way import Running, Way

_STORES = {"sqlite": "SQLite, default mode", "postgresql": "PostgreSQL + Redis, 2 workers"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much of everything."""

    accept: accepts.Sizes
    way: ways_.Sizes
    brokers: brokers.Sizes
    parse: parses.Sizes
    timers: timers_.Sizes
    rules: rules_.Sizes


def accepting(sizes: Sizes) -> None:
    """Durable acceptance against Postfix."""
    rates = accepts.measure(sizes.accept)
    counts = list(sizes.accept.mails)
    rows = []
    for name, by_count in rates.by_name.items():
        cells = [f"{by_count[count]:.0f}/s ({rates.ratio(name, count):.2f} x)" for count in counts]
        rows.append([name, *cells])
    head = ["accepted durably", *(f"{count} connections" for count in counts)]
    show("accept: target 1.5 x Postfix at 10 and 50 connections", head, rows)


def ways(sizes: Sizes) -> None:
    """Rate, cost and memory of the whole way."""
    rows, peaks = [], []
    for store, agents in (("sqlite", 0), ("sqlite", 2), ("postgresql", 0)):
        name = _STORES[store] + (f", team of {agents}" if agents else "")
        with ways_.running(store, agents=agents) as desk:
            sent = 0
            for count in sizes.way.connections:
                way = desk.measure(f"way{count}", sizes.way.mails, count)
                sent += sizes.way.mails
                rows.append([name, str(count), f"{way.per_second:.0f}/s", _cost(way)])
            peaks += [
                [name, process, f"{peak:.0f} MB"]
                for process, peak in usage.peak_megabytes(desk.layout.pids).items()
            ]
            desk.check(ways_.WARM_UP + sent)
    head = ["all the way", "connections", "mails", "CPU a mail"]
    show("way: target 300/s with SQLite, 250/s with PostgreSQL + Redis", head, rows)
    show("peak memory", ["all the way", "process", "RSS"], peaks)


def latency(sizes: Sizes) -> None:
    """From the 250 to the acknowledgement at the sink, at an ordinary pace."""
    rows = []
    for store, name in _STORES.items():
        with ways_.running(store) as desk:
            way = _paced(desk, sizes, "paced")
            rows.append([name, *_tail(way), _cost(way)])
            desk.check(ways_.WARM_UP + sizes.way.paced)
    title = f"latency at {sizes.way.rate:.0f} mails/s: target p50 60 ms, p99 500 ms"
    show(title, ["acceptance to acknowledgement", "p50", "p99", "max", "CPU a mail"], rows)


def grown(sizes: Sizes) -> None:
    """The same when many tickets are there already."""
    rows = []
    for store, name in _STORES.items():
        with ways_.running(store) as desk:
            before = _both(desk, sizes, "empty")
            with desk.layout.store() as rows_of:
                seed.seed(rows_of, sizes.way.tickets)
            desk.measure("again", ways_.WARM_UP, 5)
            after = _both(desk, sizes, "full")
        for label, (rate, paced) in (("empty", before), ("full", after)):
            rows.append([name, label, f"{rate.per_second:.0f}/s", *_tail(paced), _cost(rate)])
        ratio = after[0].cpu_milliseconds / before[0].cpu_milliseconds
        slower = before[0].per_second / after[0].per_second
        p50 = after[1].latency(50) / before[1].latency(50)
        p99 = after[1].latency(99) / before[1].latency(99)
        cells = [f"{slower:.2f} x", f"{p50:.2f} x", f"{p99:.2f} x", "", f"{ratio:.2f} x"]
        rows.append([name, "cost", *cells])
    title = f"grown: {sizes.way.tickets} tickets there already, target 1.2 x empty"
    show(title, ["all the way", "tickets", "mails", "p50", "p99", "max", "CPU a mail"], rows)


def bells(sizes: Sizes) -> None:
    """The brokers, and a desk at rest."""
    rows = [
        [
            bell.name,
            milliseconds(percentile(bell.latencies, 50)),
            milliseconds(percentile(bell.latencies, 99)),
            f"{bell.drained_per_second:.0f}/s",
        ]
        for bell in brokers.measure(sizes.brokers)
    ]
    show("brokers", ["ring to job", "p50", "p99", "small jobs"], rows)
    percent, memory = brokers.idle(sizes.brokers.idle_seconds)
    show("idle", ["default mode", "CPU", "RSS"], [["run", f"{percent:.1f} %", f"{memory:.0f} MB"]])


def ruling(sizes: Sizes) -> None:
    """Rules against a mail of 3 KB: each asked in its turn, beside all of them compiled."""
    found = [rules_.measure(count, sizes.rules.rounds) for count in sizes.rules.rules]
    rows = [
        [
            f"{each.rules} rules",
            f"{each.one_by_one * 1000:.2f} ms",
            f"{each.compiled * 1000:.3f} ms",
            f"{each.rules / each.one_by_one:,.0f}/s",
            f"{each.rules / each.compiled:,.0f}/s",
            f"{each.compile_seconds:.2f} s",
        ]
        for each in found
    ]
    head = ["a mail", "one by one", "compiled", "rules one by one", "rules compiled", "to compile"]
    show("rules: target 0.2 ms with 1,000, 1 ms with 10,000", head, rows)


def _both(desk: Running, sizes: Sizes, run: str) -> tuple[Way, Way]:
    rate = desk.measure(f"{run}way", sizes.way.mails, sizes.way.connections[0])
    return rate, _paced(desk, sizes, f"{run}paced")


def _paced(desk: Running, sizes: Sizes, run: str) -> Way:
    return desk.measure(run, sizes.way.paced, 4, sizes.way.rate)


def _tail(way: Way) -> list[str]:
    return [milliseconds(way.latency(percent)) for percent in (50, 99, 100)]


def _cost(way: Way) -> str:
    return f"{way.cpu_milliseconds:.2f} ms"


def reading(sizes: Sizes) -> None:
    """The library call beside the standard library's, and what hostile mails cost."""
    rows = [
        [
            name,
            f"{found.size / 1000:,.0f} KB",
            f"{found.ours * 1000:.2f} ms",
            f"{found.standard * 1000:.2f} ms",
            f"{found.ours / found.standard:.2f} x",
            f"{found.allowed * 1000:.2f} ms",
        ]
        for name, found in parses.measure(sizes.parse).items()
    ]
    head = ["parse, median", "size", "ours", "standard library", "ratio", "allowed"]
    show("parse: target 2 x the standard library + 0.5 ms, 3 KB in 1.5 ms", head, rows)
    costs = [
        [name, f"{cost.size / 1000:,.0f} KB", f"{cost.seconds:.2f} s", f"{cost.megabytes:.0f} MB"]
        for name, cost in parses.endure().items()
    ]
    show("hostile: target 2 s and 100 MB", ["mail", "size", "time", "memory grown"], costs)


def ringing(sizes: Sizes) -> None:
    """Due timers a second while many clocks are open."""
    found, sizes_ = timers_.rates(sizes.timers), sizes.timers
    row = [f"{found.rung:.0f}/s", f"{found.milliseconds:.1f} ms", f"{found.started:.0f}/s"]
    head = [f"{sizes_.due} due", "timers rung", "CPU a timer", "clocks started"]
    show(f"timers: {sizes_.clocks} clocks are open", head, [["SQLite", *row]])
