"""Coverage-guided fuzzing by Atheris (libFuzzer): it keeps what reaches new code, and mutates that.

Kept apart from the targets: instrumented code is slower, and is only wanted here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["daemon.mail"]):
    from scripts.fuzz.targets import check

_WORDS = Path(__file__).parent / "words.dict"


def fuzz(corpus: Path, seeds: Path, *, seconds: int, runs: int, most: int = 16384) -> None:
    """Fuzz for so long; ends the process: 0 without a finding, else it leaves the input behind."""
    limits = [f"-max_total_time={seconds}", f"-runs={runs}", f"-max_len={most}"]
    _run([*limits, f"-dict={_WORDS}", str(corpus), str(seeds)])


def _run(options: list[str]) -> None:
    limits = ["-timeout=5", "-rss_limit_mb=1024", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, *options], check)
    atheris.Fuzz()
