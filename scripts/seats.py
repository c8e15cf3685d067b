"""What a dead worker was at work on, due again at once where nobody else can be at work on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from daemon.context import Context
from daemon.store import inbox, outbox, timers
from daemon.store.engine import Tx
from daemon.store.seat import Seat


class _TakeBack(Protocol):
    def __call__(self, tx: Tx, *, now: datetime) -> int: ...


#: The tables whose rows the jobs of a queue lease.
_LEASED: Mapping[str, Mapping[str, _TakeBack]] = {
    "in": {"inbox": inbox.take_back, "timers": timers.take_back},
    "out": {"outbox": outbox.take_back},
    # A lease of a call is a try of it: the web server may have been told.
    "call": {},
}


def take_seats(ctx: Context, queues: Collection[str]) -> list[Seat]:
    """The seats of these queues that are free; where one is, leases of before are ended.

    A seat a queue: a restart of who sends ends no lease of who takes in, and the other way round.
    A restore of the database looks at all of them.
    """
    seats = [(queue, Seat(ctx.store, f"work {queue}")) for queue in queues]
    held = [(queue, seat) for queue, seat in seats if seat.is_held()]
    for queue, _ in held:
        _take_back(ctx, _LEASED[queue])
    return [seat for _, seat in held]


def _take_back(ctx: Context, tables: Mapping[str, _TakeBack]) -> None:
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        taken = {name: take_back(tx, now=now) for name, take_back in tables.items()}
    if any(taken.values()):
        ctx.log.info("leases_taken_back", **taken)
