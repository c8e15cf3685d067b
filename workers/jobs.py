"""The table of jobs: every unit of work that a bell may ring for. Arguments are row ids only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workers.deliver import Carriers, deliver
from workers.desk import Desk
from workers.ring import ring
from workers.take_in import take_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A named unit of work; its truth is in rows, so it may run twice, late or never."""

    run: Callable[[int], None]
    queue: str


def table(desk: Desk, carriers: Carriers) -> dict[str, Job]:
    """Every job, bound to the collaborators of this process."""
    return {
        "take_in": Job(run=lambda row_id: take_in(desk, row_id), queue="in"),
        "ring": Job(run=lambda row_id: ring(desk, row_id), queue="in"),
        "deliver": Job(run=lambda row_id: deliver(desk, carriers, row_id), queue="out"),
    }


#: Job and queue by name, for a process that rings but does not work.
QUEUES = {"take_in": "in", "ring": "in", "deliver": "out"}
