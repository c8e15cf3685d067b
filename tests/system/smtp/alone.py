"""A listener in a process of its own, for measuring: prints its port; ``peak`` on input prints KiB.

Run as ``python -m tests.system.smtp.alone [asyncio|uvloop] [TOML of settings]``.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tomllib
from concurrent.futures import Future

import structlog
import uvloop

from daemon.arrival import Arrival, InboxId
from daemon.clock import SystemClock
from daemon.settings import Settings
from daemon.smtp_listener import Listener


class NullDoor:
    """Takes everything and keeps nothing."""

    def offer(self, arrival: Arrival) -> Future[InboxId]:
        future: Future[InboxId] = Future()
        future.set_result(InboxId(1))
        return future


async def _serve(text: str) -> None:
    tree = {"smtp": {"listen": "127.0.0.1:0"}, **tomllib.loads(text)}
    log = structlog.wrap_logger(
        structlog.PrintLogger(), wrapper_class=structlog.make_filtering_bound_logger(40)
    )
    listener = Listener(
        settings=Settings.model_validate(tree), clock=SystemClock(), log=log, door=NullDoor()
    )
    await listener.start()
    print(listener.addresses[0][2], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
    await listener.stop(1)


def main(loop: str = "uvloop", text: str = "") -> None:
    """Serve until the end of input."""
    factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(text))


if __name__ == "__main__":
    main(*sys.argv[1:])
