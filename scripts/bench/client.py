"""The load, a process of its own: so many mails over so many connections, all out at once or paced.

Writes a line for each mail that got its 250: its number and the instant.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import uvloop

from scripts.bench import mails
from scripts.bench.wire import connect


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send."""

    run: str
    port: int
    count: int
    connections: int
    #: Mails in a second; 0 is as fast as the desk takes them.
    rate: float = 0.0


def accepted(load: Load, home: Path) -> dict[str, float]:
    """Send it all from a process of its own; the instants of the 250s by Message-ID.

    The empty Message-ID has the instant at which it began.
    """
    path = home / f"sent-{load.run}"
    words = [load.run, load.port, load.count, load.connections, load.rate, path]
    command = [sys.executable, "-P", "-m", "scripts.bench.client", *map(str, words)]
    subprocess.run(command, check=True, timeout=300)
    found = (line.split(" ") for line in path.read_text(encoding="ascii").splitlines())
    return {message_id: float(at) for message_id, at in found}


async def _send_all(load: Load) -> list[tuple[str, float]]:
    ready = [mails.mail(load.run, number) for number in range(load.count)]
    waiting = iter(ready)
    wires = [await connect(load.port) for _ in range(load.connections)]
    for wire in wires:
        await wire.greet()
    start = time.monotonic()
    done = [("", start)]

    async def work(number: int) -> None:
        wire = wires[number]
        for mail in waiting:
            if load.rate:
                due = start + (len(done) - 1) / load.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            reply = await wire.send(mail)
            if not reply.startswith(b"250"):
                raise RuntimeError(f"refused: {reply!r}")
            done.append((mail.message_id, time.monotonic()))
        wire.close()

    await asyncio.gather(*(work(number) for number in range(load.connections)))
    return done


def main() -> None:
    """Run as a process."""
    run, port, count, connections, rate, path = sys.argv[1:]
    load = Load(
        run=run, port=int(port), count=int(count), connections=int(connections), rate=float(rate)
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        done = runner.run(_send_all(load))
    lines = [f"{message_id} {at:.6f}\n" for message_id, at in done]
    Path(path).write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
