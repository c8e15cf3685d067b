"""Two facts for each mail, durable before and after it can have left, in one commit for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from daemon.store import sending
from daemon.store.engine import Store, Tx
from daemon.store.group import GroupCommit
from daemon.store.outbox import Leased, OutboxId
from daemon.store.sending import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one mail, and which one is sent next on the same connection."""

    outcome: Outcome | None
    starting: Leased | None
    lease_until: datetime


#: One commit for the steps of every connection that wait for one; says whether to send.
Recorder = GroupCommit[Step, bool]


def recorder(store: Store, log: structlog.typing.FilteringBoundLogger) -> Recorder:
    """What makes the steps of a process durable."""
    return GroupCommit(store, _write, name="outbox", log=log)


def _write(tx: Tx, steps: Sequence[Step]) -> list[bool]:
    begun = sending.record(
        tx,
        [step.outcome for step in steps if step.outcome],
        [step.starting for step in steps if step.starting],
        lease_until=max(step.lease_until for step in steps),
    )
    return [_is_begun(step, begun) for step in steps]


def _is_begun(step: Step, begun: set[OutboxId]) -> bool:
    """True once for each mail: two connections that hold the same one do not both send it."""
    if step.starting is None or step.starting.id not in begun:
        return False
    begun.remove(step.starting.id)
    return True
