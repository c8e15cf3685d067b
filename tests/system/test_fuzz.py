"""A short run of what ``python -m scripts.fuzz`` does at length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.fuzz import desk


def test_guided_fuzzing_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "scripts.fuzz", "guided", "corpus", "--runs", "3000"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stderr[-4000:]
    assert "Done 3000 runs" in done.stderr, done.stderr[-4000:]


def test_damaged_mails_are_accepted_and_accounted_for() -> None:
    report = desk.run(200, seed=1, originals=desk.mails())

    assert report.findings == (), "\n".join(report.lines)
    assert sum(report.fates.values()) == report.sent == 202
