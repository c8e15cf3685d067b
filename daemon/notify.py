"""What systemd and we tell each other: readiness, the watchdog, sockets that it opened for us.

Everything is a no-op without systemd, so that the same command runs in a terminal.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

_FIRST_FD = 3


def notify(*states: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send states (``READY=1``, ``STATUS=…``) to the supervisor; False when nobody listens.

    Never raises: a supervisor that went away must not stop the mail.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        # An abstract socket, which has no file.
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            # A queue that nobody reads must not block us.
            channel.settimeout(1)
            channel.connect(address)
            channel.send("\n".join(states).encode())
    except OSError:
        return False
    return True


def ready(status: str = "") -> bool:
    """Say that we serve, after the start or after a reload."""
    return notify("READY=1", *_status(status))


def reloading(status: str = "") -> bool:
    """Say that the rules are being read again; ``ready`` ends it."""
    return notify("RELOADING=1", *_status(status))


def stopping(status: str = "") -> bool:
    """Say that we drain and will end."""
    return notify("STOPPING=1", *_status(status))


def alive() -> bool:
    """Feed the watchdog."""
    return notify("WATCHDOG=1")


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often to call ``alive``; None when systemd does not watch us.

    A third of what it allows: a process that waits for another's word may miss one turn.
    """
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    allowed = environ.get("WATCHDOG_USEC", "")
    return int(allowed) / 3_000_000 if allowed.isdigit() and int(allowed) else None


def listen_sockets(
    environ: Mapping[str, str] = os.environ,
) -> tuple[tuple[str, socket.socket], ...]:
    """The listening sockets that were opened for us, each with its ``FileDescriptorName``.

    They are ours only when ``LISTEN_PID`` is our pid or, from our own supervisor, is left out.
    """
    if environ.get("LISTEN_PID", str(os.getpid())) != str(os.getpid()):
        return ()
    given = environ.get("LISTEN_FDS", "")
    count = int(given) if given.isdigit() else 0
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    names += [""] * (count - len(names))
    return tuple((names[index], _take(_FIRST_FD + index)) for index in range(count))


def _take(fd: int) -> socket.socket:
    # A process that we start must not hold the port open after us.
    os.set_inheritable(fd, False)  # noqa: FBT003  takes no keyword
    return socket.socket(fileno=fd)


def _status(status: str) -> tuple[str, ...]:
    return (f"STATUS={status}",) if status else ()
