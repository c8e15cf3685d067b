"""``postdesk run``: a small supervisor over a process that accepts, one that works, one that sends.

Apart, so that a heavy mail never delays a ``250``, and a burst of mail never what was decided to be
sent. Each child holds the read end of a pipe on its standard input: when the supervisor dies,
however it dies, they are gone at once.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import click
import structlog

from daemon import log as logs
from daemon import notify
from daemon.configuration import load
from scripts.keys import secret_keys

#: The processes, in the order in which a mail meets them. The first is started before the others,
#: which would only keep the processor from it: senders wait for the door, and what came can wait
#: inside. In that order they stop, too: first no new mail, then what is under way, and what came of
#: it is sent while there is time.
_PARTS = ("accept-process", "work-process", "send-process")
_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
_STOP_SECONDS = 30.0
#: Of those, for who is last: by then he is told to stop, too, whoever has not ended yet.
_LAST_SECONDS = 10.0
#: How long a child that dies again and again is left dead, by its deaths so far.
_RESTART_SECONDS = (0.0, 0.2, 1.0, 5.0, 10.0)
#: A child that lived so long has recovered.
_STEADY_SECONDS = 60.0
_EX_CONFIG = 78


@click.command()
@click.pass_obj
def command(config: Path | None) -> None:
    """Run the whole desk on this machine, until SIGTERM; SIGHUP reloads the rules."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    settings = load(config)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret_keys(settings)
    log = logs.configure(settings.log.level, settings.log.format)
    sys.exit(Supervisor(config, log).run())


class Child:
    """One process of ours, restarted when it dies."""

    def __init__(self, name: str, config: Path | None, notify_socket: str) -> None:
        self.name = name
        self.is_ready = False
        self.is_alive = False
        self._config, self._notify_socket = config, notify_socket
        self._deaths = 0
        self._started_at = 0.0
        self.restart_at: float | None = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin a new process."""
        config = ["--config", str(self._config)] if self._config else []
        environ = {key: value for key, value in os.environ.items() if key not in _OURS_ALONE}
        environ["NOTIFY_SOCKET"] = self._notify_socket
        sockets = int(environ.get("LISTEN_FDS", "0")) if self.name == "accept-process" else 0
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "scripts.child", *config, self.name],
            stdin=subprocess.PIPE,
            env=environ,
            pass_fds=range(3, 3 + sockets),
        )
        self._started_at, self.restart_at = time.monotonic(), None

    def poll(self) -> int | None:
        """The exit code of a process that has just died; plans its successor."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        if self.process.stdin:
            self.process.stdin.close()
        self.process, self.is_alive = None, False
        now = time.monotonic()
        self._deaths = 1 if now - self._started_at > _STEADY_SECONDS else self._deaths + 1
        self.restart_at = now + _RESTART_SECONDS[min(self._deaths, len(_RESTART_SECONDS)) - 1]
        return code

    def signal(self, number: int) -> None:
        """Pass a signal on."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def wait(self, deadline: float) -> bool:
        """True when it has ended by then."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it at once, which is safe."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def stop(
    children: Sequence[Child], *, seconds: float = _STOP_SECONDS, last: float = _LAST_SECONDS
) -> None:
    """One after the other, as far as there is time: none is told later than ``last`` leaves."""
    deadline = time.monotonic() + seconds
    for child in children:
        child.signal(signal.SIGTERM)
        child.wait(deadline - last)
    for child in children:
        if not child.wait(deadline):
            child.kill()


#: Between systemd and the supervisor only: a child has another pid and another socket.
_OURS_ALONE = {"NOTIFY_SOCKET", "LISTEN_PID", "WATCHDOG_PID"}


class Supervisor:
    """Starts the processes, speaks for them to systemd, and restarts the one that dies."""

    def __init__(self, config: Path | None, log: structlog.typing.FilteringBoundLogger) -> None:
        self._log = log
        name = f"postdesk-{os.getpid()}-{secrets.token_hex(8)}"
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        # Credentials tell which child speaks.
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._channel.bind(f"\0{name}")
        self._children = [Child(part, config, f"@{name}") for part in _PARTS]
        self._was_ready = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns the exit code."""
        threading.Thread(target=self._listen, name="notify", daemon=True).start()
        code = 0
        try:
            while code == 0:
                self._start_due()
                found = signal.sigtimedwait(_SIGNALS, self._pause())
                number = found.si_signo if found else 0
                if number in {signal.SIGTERM, signal.SIGINT}:
                    break
                if number == signal.SIGHUP:
                    for child in self._children:
                        child.signal(signal.SIGHUP)
                code = self._bury()
                self._feed_watchdog()
        finally:
            self._stop()
        return code

    def _start_due(self) -> None:
        for child, at in self._starts():
            if at <= time.monotonic():
                child.start()

    def _pause(self) -> float:
        waits = [at - time.monotonic() for _, at in self._starts()]
        return max(0.0, min([notify.watchdog_seconds() or 3600.0, *waits]))

    def _starts(self) -> list[tuple[Child, float]]:
        """Who is to be started, and when."""
        first = self._children[0]
        wanted = self._children if first.is_ready else [first]
        return [(child, child.restart_at) for child in wanted if child.restart_at is not None]

    def _bury(self) -> int:
        """Note who died; a configuration error at start ends us, anything else is restarted."""
        for child in self._children:
            code = child.poll()
            if code is None:
                continue
            if code == _EX_CONFIG and not child.is_ready:
                return code
            self._log.error("process_died", process=child.name, code=code)
        return 0

    def _feed_watchdog(self) -> None:
        """Alive means: each child has said so since we last did."""
        if all(child.is_alive for child in self._children):
            notify.alive()
            for child in self._children:
                child.is_alive = False

    def _listen(self) -> None:
        size = socket.CMSG_SPACE(12)
        while True:
            message, control, *_ = self._channel.recvmsg(1024, size)
            pid = int.from_bytes(control[0][2][:4], sys.byteorder) if control else 0
            for child in self._children:
                if child.process is not None and child.process.pid == pid:
                    self._heard(child, message.decode("utf-8", "replace").split("\n"))

    def _heard(self, child: Child, states: list[str]) -> None:
        child.is_alive = True
        if "READY=1" in states and not child.is_ready:
            child.is_ready = True
            os.kill(os.getpid(), signal.SIGCHLD)  # others may have waited for it
        if not self._was_ready and all(each.is_ready for each in self._children):
            self._was_ready = True
            self._log.info("ready")
            notify.ready("accepting, working and sending")

    def _stop(self) -> None:
        notify.stopping()
        stop(self._children)
