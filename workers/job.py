"""What a job is, and on which queue each is rung; apart, so that who only rings loads no job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

QUEUES = {"take_in": "in", "ring": "in", "deliver": "out", "call": "call"}
#: Every queue, once.
EVERY_QUEUE = tuple(dict.fromkeys(QUEUES.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A named unit of work; its truth is in rows, so it may run twice, late or never."""

    run: Callable[[int], None]
    queue: str
