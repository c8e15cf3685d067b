"""``python -m scripts.fuzz guided|minimise|replay|seeds|desk …``: see docs/fuzzing.md.

The targets are imported where they are used: Atheris must be there before the code that it watches.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_CORPUS = Path(__file__).parents[2] / "tests" / "unit" / "mail" / "corpus"


def main() -> None:
    """Run what was asked for; exit 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz", description=__doc__)
    ways = parser.add_subparsers(dest="way", required=True)
    guided = ways.add_parser("guided", help="coverage-guided, by Atheris")
    guided.add_argument("corpus", type=Path, help="grows; made if it is not there")
    guided.add_argument("--seconds", type=int, default=0, help="no limit without it")
    guided.add_argument("--runs", type=int, default=-1, help="no limit without it")
    minimise = ways.add_parser("minimise", help="the smallest inputs that reach the same code")
    minimise.add_argument("corpus", type=Path)
    minimise.add_argument("--into", type=Path, default=_CORPUS)
    minimise.add_argument("--most", type=int, default=1024, help="bytes of an input")
    replay = ways.add_parser("replay", help="try inputs again, without Atheris")
    replay.add_argument("inputs", type=Path, nargs="*", default=sorted(_CORPUS.glob("*")))
    seeds = ways.add_parser("seeds", help="make a corpus from mails")
    seeds.add_argument("corpus", type=Path)
    seeds.add_argument("mails", type=Path, nargs="+")
    desk = ways.add_parser("desk", help="damaged mails through a running desk")
    desk.add_argument("--mails", type=int, default=5000)
    desk.add_argument("--seed", type=int, default=0)
    desk.add_argument("--more", type=Path, nargs="*", default=[], help="mails to damage, too")
    wanted = parser.parse_args()
    sys.exit(_WAYS[wanted.way](wanted))


def _guided(wanted: argparse.Namespace) -> int:
    from scripts.fuzz.guided import fuzz

    wanted.corpus.mkdir(parents=True, exist_ok=True)
    fuzz(wanted.corpus, _CORPUS, seconds=wanted.seconds, runs=wanted.runs)
    return 0


def _minimise(wanted: argparse.Namespace) -> int:
    from scripts.fuzz.minimise import minimise

    wanted.into.mkdir(parents=True, exist_ok=True)
    kept = minimise(wanted.corpus, wanted.into, most=wanted.most)
    print(f"{kept} inputs")
    return 0


def _replay(wanted: argparse.Namespace) -> int:
    from scripts.fuzz.targets import check

    for path in wanted.inputs:
        check(path.read_bytes())
    print(f"{len(wanted.inputs)} inputs: no finding")
    return 0


def _seeds(wanted: argparse.Namespace) -> int:
    """Every mail for the target that reads mails; its text for the one that finds replies."""
    from scripts.fuzz.targets import TARGETS

    wanted.corpus.mkdir(parents=True, exist_ok=True)
    names = tuple(TARGETS)
    for path in wanted.mails:
        raw = path.read_bytes()
        for name in ("mail", "reply"):
            seed = bytes([names.index(name)]) + raw
            (wanted.corpus / f"{name}-{path.stem}").write_bytes(seed)
    return 0


def _desk(wanted: argparse.Namespace) -> int:
    from scripts.fuzz import desk

    originals = [*desk.mails(), *(path.read_bytes() for path in wanted.more)]
    report = desk.run(wanted.mails, seed=wanted.seed, originals=originals)
    print("\n".join(report.lines))
    return 1 if report.findings else 0


_WAYS = {
    "guided": _guided,
    "minimise": _minimise,
    "replay": _replay,
    "seeds": _seeds,
    "desk": _desk,
}


if __name__ == "__main__":
    main()
