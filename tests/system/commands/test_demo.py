"""``postdesk demo``: every sample becomes what it should, and nothing is left behind."""

from __future__ import annotations

import subprocess
import sys


def test_demo_ends_well() -> None:
    command = [sys.executable, "-P", "-m", "scripts.postdesk", "demo"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 14 mails became what they should" in done.stdout
    assert "WRONG" not in done.stdout
