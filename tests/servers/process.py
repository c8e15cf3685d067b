"""A server process of the tests: started, waited for, stopped by its pid, never left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


def wait_until(true: Callable[[], bool], *, seconds: float = 20, what: str = "condition") -> None:
    """Return as soon as the claim holds; fail when it does not within the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true in {seconds} s")
        time.sleep(0.02)


@contextmanager
def folder(name: str, *, user: str | None = None) -> Iterator[Path]:
    """A temporary folder that the user may enter and that only he may read."""
    path = Path(tempfile.mkdtemp(prefix=f"postdesk-{name}-"))
    if user and os.geteuid() == 0:
        shutil.chown(path, user, user)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Process:
    """One server that can be stopped and started again at the same place.

    The kernel ends it when the test run itself is killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        ready: Callable[[], bool],
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        seconds: float = 120,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.command = [*as_user(user), *command]
        self.log = log
        self.ready = ready
        self.env = {**os.environ, **(env or {})}
        self.seconds = seconds
        self.stop_signal = stop_signal
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Process:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process that stands for the server."""
        assert self._child is not None, "not started"
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start it and return when it serves; its log is in the error when it does not."""
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                cwd=self.log.parent,
                start_new_session=True,
            )
        try:
            wait_until(self._has_started, seconds=self.seconds, what=self.command[-1])
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it in its own way; by force when it does not end within the deadline."""
        if not self.is_running:
            return
        assert self._child is not None
        self._child.send_signal(self.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(self.seconds)
        # A child of it may hold the port for a moment longer.
        self.kill()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        if self._child is None:
            return
        # PostgreSQL's children lead groups of their own, and hold its memory until they end.
        children = [] if self._child.poll() is not None else list(descendants(self._child.pid))
        with suppress(ProcessLookupError):
            # Its own session, so its own group: nobody else's process is in it.
            os.killpg(self._child.pid, signal.SIGKILL)
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._child.wait(self.seconds)
        wait_until(
            lambda: not any(is_alive(pid) for pid in children),
            seconds=self.seconds,
            what="the end of its children",
        )

    def signal(self, number: int) -> None:
        """Send a signal to the server alone, not to its children."""
        os.kill(self.pid, number)

    def pause(self) -> None:
        """Let it hang: connections are taken by the kernel, nothing is answered."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """End a pause."""
        os.killpg(self.pid, signal.SIGCONT)

    def _has_started(self) -> bool:
        if not self.is_running:
            text = self.log.read_text(errors="replace")[-4000:]
            raise RuntimeError(f"{' '.join(self.command)} ended at once:\n{text}")
        return self.ready()


def descendants(pid: int) -> Iterator[int]:
    """Its children and theirs."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for word in words:
        yield int(word)
        yield from descendants(int(word))


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def as_user(user: str | None) -> list[str]:
    """The words before a command that make it run as the user and end with us."""
    words = ["setpriv", "--pdeathsig", "TERM"]
    if user and os.geteuid() == 0:
        words += ["--reuid", user, "--regid", user, "--init-groups"]
    return [*words, "--"]
