"""``kill -9`` of one process at a time, and what systemd does next."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

from scripts.bench.desk import Layout, Program, process_name
from tests.servers.process import is_alive

_RESTART_SECONDS = 0.2
#: An interpreter that is only starting cannot see it yet, and the machine may be busy.
_ORPHAN_SECONDS = 30.0
_TICK_SECONDS = 0.01
#: FLUSHALLs for each kill, where there is a Redis.
_FLUSHES = 0.3


@dataclass(slots=True)
class Killer:
    """Kills at random, restarts at once."""

    layout: Layout
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    #: When somebody who accepts was killed.
    gaps_began: list[float] = field(default_factory=list)
    flushed: int = 0
    wrongs: list[str] = field(default_factory=list)

    def kill_one(self) -> None:
        """One process of the desk, whichever."""
        targets = [(program, pid) for program in self.layout.programs for pid in program.pids]
        if not targets:
            return
        program, pid = self.chance.choice(targets)
        name = process_name(pid)
        children = program.pids[1:]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.kills[name] += 1
        if name in {"run", "smtp", "accept-process"}:
            self.gaps_began.append(time.monotonic())
        if pid not in children:
            program.kill()
            self._bury(program, children)

    def flush_perhaps(self) -> None:
        """Now and then Redis forgets everything."""
        if self.layout.redis is not None and self.chance.random() < _FLUSHES:
            self.layout.redis.flush()
            self.flushed += 1

    def _bury(self, program: Program, children: list[int]) -> None:
        """A dead supervisor's children must go by themselves: then systemd starts it again."""
        deadline = time.monotonic() + _ORPHAN_SECONDS
        while alive := [pid for pid in children if is_alive(pid)]:
            if time.monotonic() > deadline:
                self.wrongs.append(f"{program.name}: processes {alive} outlived their supervisor")
                for pid in alive:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                deadline = float("inf")
            time.sleep(_TICK_SECONDS)
        time.sleep(_RESTART_SECONDS)
        program.start()

    def revive(self) -> None:
        """Start again what ended without our doing: on record, because nothing should."""
        for program in self.layout.programs:
            if not program.is_running:
                self.wrongs.append(f"{program.name} ended by itself:\n{program.log[-2000:]}")
                program.start()
