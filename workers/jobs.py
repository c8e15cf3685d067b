"""The table of jobs: every unit of work that a bell may ring for. Arguments are row ids only."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from daemon.errors import StoreError
from workers.call import call
from workers.carriers import Carriers
from workers.deliver import deliver
from workers.desk import Desk
from workers.job import EVERY_QUEUE, QUEUES, Job
from workers.ring import ring
from workers.take_in import take_in


def table(
    desk: Desk, carriers: Carriers | None, queues: Collection[str] = EVERY_QUEUE
) -> dict[str, Job]:
    """Every job of these queues, bound to the collaborators of this process.

    Who has no carriers delivers nothing.
    """
    jobs: dict[str, Callable[[int], None]] = {
        "take_in": partial(take_in, desk),
        "ring": partial(ring, desk),
        "call": partial(call, desk),
    }
    if carriers is not None:
        jobs["deliver"] = partial(deliver, desk, carriers)
    return {
        name: Job(run=partial(_run, desk, run), queue=QUEUES[name])
        for name, run in jobs.items()
        if QUEUES[name] in queues
    }


def _run(desk: Desk, run: Callable[[int], None], row_id: int) -> None:
    """The job runner's edge: whatever happens, the rows are due again and the relay rings."""
    try:
        run(row_id)
    except StoreError as err:
        desk.ctx.log.warning("job_deferred", error=str(err))
    except Exception:
        desk.ctx.log.exception("job_failed")
