"""``python -m scripts.chaos --kills 200 --store sqlite|postgresql --broker local|redis``.

``python -m scripts.chaos month --tickets 2000`` simulates a month of clocks instead.
"""

from __future__ import annotations

import argparse
import signal
import sys

from scripts.chaos.month_verdict import simulate
from scripts.chaos.run import Options, run


def main() -> None:
    """Kill, count, print; exit 1 when a promise was broken."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and folders go, too
    parser = argparse.ArgumentParser(prog="python -m scripts.chaos", description=__doc__)
    parser.add_argument("part", nargs="?", default="kills", choices=["kills", "month"])
    parser.add_argument("--tickets", type=int, default=2000, help="of the month")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--broker", choices=["local", "redis"])
    parser.add_argument("--rate", type=float, default=25.0, help="mails a second")
    parser.add_argument("--interval", type=float, default=1.2, help="seconds between kills")
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    if wanted.part == "month":
        sys.exit(simulate(wanted.tickets, wanted.seed))
    report = run(
        Options(
            kills=wanted.kills,
            store=wanted.store,
            broker=wanted.broker or ("local" if wanted.store == "sqlite" else "redis"),
            rate=wanted.rate,
            interval=wanted.interval,
            seed=wanted.seed,
        )
    )
    print("\n".join(report.lines), flush=True)
    sys.exit(1 if report.findings else 0)


if __name__ == "__main__":
    main()
