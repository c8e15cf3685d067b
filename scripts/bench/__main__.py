"""``python -m scripts.bench [PART|all] [--quick]``: the parts are in the table below."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable

from scripts.bench import accept, brokers, parse, report, rules, timers, usage, way
from scripts.bench.report import Sizes

_FULL = Sizes(
    accept=accept.Sizes(mails={1: 600, 10: 3000, 50: 3000}, rounds=3),
    way=way.Sizes(mails=3000, connections=(10, 50), rate=20.0, paced=600, tickets=50_000),
    brokers=brokers.Sizes(rings=100, jobs=20_000, idle_seconds=10.0),
    parse=parse.Sizes(small=400, large=7),
    timers=timers.Sizes(clocks=100_000, due=2_000),
    rules=rules.Sizes(rules=(100, 1000, 10_000), rounds=50),
)
_QUICK = Sizes(
    accept=accept.Sizes(mails={1: 20, 10: 50, 50: 100}, rounds=1),
    way=way.Sizes(mails=60, connections=(10, 50), rate=20.0, paced=40, tickets=300),
    brokers=brokers.Sizes(rings=5, jobs=200, idle_seconds=1.0),
    parse=parse.Sizes(small=3, large=1),
    timers=timers.Sizes(clocks=200, due=50),
    rules=rules.Sizes(rules=(100,), rounds=2),
)
_PARTS: dict[str, Callable[[Sizes], None]] = {
    "accept": report.accepting,
    "way": report.ways,
    "latency": report.latency,
    "grown": report.grown,
    "brokers": report.bells,
    "rules": report.ruling,
    "parse": report.reading,
    "timers": report.ringing,
}


def main() -> None:
    """Measure and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and folders go, too
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=[*_PARTS, "all"])
    parser.add_argument("--quick", action="store_true", help="prove that it runs; no figures")
    wanted = parser.parse_args()
    print(f"machine: {usage.machine()}", flush=True)
    for name, part in _PARTS.items():
        if wanted.part in {name, "all"}:
            part(_QUICK if wanted.quick else _FULL)


if __name__ == "__main__":
    main()
