"""The parser's process: reads one mail after the other, under limits that the kernel keeps.

It has no database, no key and no configuration; it ends when its worker is gone.
"""

from __future__ import annotations

import math
import resource
import socket
import sys
import time

from daemon.mail.parse import parse
from workers.parsing.frames import ERROR, MESSAGE, pack, receive, send

#: Enough for Python to load a codec; nothing is ever written.
_FILES = 16
_ENDLESS = 1 << 62


def main(memory: int, seconds: int) -> None:
    """Serve the worker at our standard input until it hangs up."""
    _give_up_rights(memory)
    with socket.socket(fileno=0) as channel:
        while answer := _answer(channel, seconds):
            send(channel, *answer)


def _give_up_rights(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))


def _allow(seconds: int) -> None:
    """So much more CPU time; the kernel kills us beyond it, wherever we are (SIGXCPU)."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))


def _answer(channel: socket.socket, seconds: int) -> tuple[bytes, bytes] | None:
    """What became of the next mail; nothing when none will come."""
    try:
        _, raw = receive(channel, _ENDLESS)
        _allow(seconds)
        return MESSAGE, pack(parse(raw))
    except EOFError:
        return None
    except MemoryError:
        return ERROR, b"reading it needs more memory than a mail may have"
    except Exception as err:  # noqa: BLE001  the edge: whatever it is, the worker is told
        return ERROR, f"{type(err).__name__}: {err}".encode("utf-8", "replace")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
