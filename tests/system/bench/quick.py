"""A part of the bench, quickly: it runs, checks its own counts and prints; figures are for people.

Each part that runs whole desks has a file of its own: a file's tests run one after the other.
"""

from __future__ import annotations

import subprocess
import sys


def left_out(part: str, *lines: str) -> list[str]:
    """Which of these lines a part does not print."""
    words = [sys.executable, "-P", "-m", "scripts.bench", part, "--quick"]

    result = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith("machine: ")
    return [line for line in lines if line not in result.stdout]
