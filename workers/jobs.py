"""The table of jobs: every unit of work that a bell may ring for. Arguments are row ids only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from daemon.errors import StoreError
from workers.call import call
from workers.deliver import Carriers, deliver
from workers.desk import Desk
from workers.job import QUEUES, Job
from workers.ring import ring
from workers.take_in import take_in


def table(desk: Desk, carriers: Carriers) -> dict[str, Job]:
    """Every job, bound to the collaborators of this process."""
    jobs: dict[str, Callable[[int], None]] = {
        "take_in": partial(take_in, desk),
        "ring": partial(ring, desk),
        "deliver": partial(deliver, desk, carriers),
        "call": partial(call, desk),
    }
    return {
        name: Job(run=partial(_run, desk, run), queue=QUEUES[name]) for name, run in jobs.items()
    }


def _run(desk: Desk, run: Callable[[int], None], row_id: int) -> None:
    """The job runner's edge: whatever happens, the rows are due again and the relay rings."""
    try:
        run(row_id)
    except StoreError as err:
        desk.ctx.log.warning("job_deferred", error=str(err))
    except Exception:
        desk.ctx.log.exception("job_failed")
