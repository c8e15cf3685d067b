"""The end of ``postdesk run``: nobody's slow end takes the time of who comes after him."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from scripts.supervise import Child, stop

_READY = "print('ready', flush=True)"
#: Stops when it is told to.
_SENDER = f"""
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
{_READY}
signal.sigwait([signal.SIGTERM])
"""
#: Has more under way than there is time for: it goes on until its standard input ends.
_WORKER = f"""
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
{_READY}
sys.stdin.read()
"""
#: Longer than any test.
_SECONDS = 60.0


@pytest.fixture
def undone() -> Iterator[ExitStack]:
    """Nothing outlives the test."""
    with ExitStack() as stack:
        yield stack


def _child(undone: ExitStack, program: str, stdin: int, *, holds: int = -1) -> Child:
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", program],
        stdin=stdin,
        stdout=subprocess.PIPE,
        pass_fds=[holds] if holds >= 0 else [],
    )
    undone.callback(process.wait)
    undone.callback(process.kill)
    assert process.stdout is not None
    undone.enter_context(process.stdout)
    assert process.stdout.readline() == b"ready\n"
    child = Child("test", None, "")
    child.process = process
    return child


def test_who_is_last_is_told_in_time_though_another_has_not_ended(undone: ExitStack) -> None:
    read_end, write_end = os.pipe()
    worker = _child(undone, _WORKER, read_end)
    # The worker's input ends with the sender, so that each sees the other's end.
    sender = _child(undone, _SENDER, subprocess.DEVNULL, holds=write_end)
    os.close(read_end)
    os.close(write_end)

    stop([worker, sender], seconds=_SECONDS, last=_SECONDS)

    assert [each.process and each.process.returncode for each in (worker, sender)] == [0, 0]


def test_who_does_not_end_is_killed(undone: ExitStack) -> None:
    read_end, write_end = os.pipe()
    worker = _child(undone, _WORKER, read_end)

    stop([worker], seconds=0, last=0)

    assert worker.process
    assert worker.process.returncode < 0
    os.close(read_end)
    os.close(write_end)
