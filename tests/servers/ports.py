"""Free ports for servers under test."""

from __future__ import annotations

import random
import socket

# Below the kernel's range for outgoing connections, so that no client takes one in between.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on now."""
    chance = random.SystemRandom()
    for _ in range(200):
        port = chance.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port found")


def is_listening(port: int) -> bool:
    """Whether somebody takes connections at the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
