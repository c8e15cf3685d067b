"""The daily reconciliation: what each mailbox holds against what the ledger knows."""

from __future__ import annotations

from datetime import datetime, timedelta

from daemon.reconcile import reconcile
from daemon.store import timers
from daemon.store.timers import Timer
from daemon.store.writes import Writes
from workers import audit_clocks
from workers.desk import Desk
from workers.tell import Teller

KIND = "reconcile"
_EVERY = timedelta(days=1)


def plan(writes: Writes, now: datetime) -> None:
    """Set the next one, a day from now; one a day, however often the desk starts."""
    at = now + _EVERY
    timers.add(writes, [Timer(key=f"{KIND}:{at.date()}", kind=KIND, at=at)])
    audit_clocks.plan(writes, at)


def audit(writes: Writes, desk: Desk, now: datetime) -> None:
    """Compare, log every gap, tell the admins once, and plan the next."""
    ctx = desk.ctx
    gaps = reconcile(ctx.store, ctx.settings, now=now)
    for gap in gaps:
        ctx.log.error("mailbox_gap", mailbox=gap.mailbox, problem=gap.message)
    if gaps:
        Teller(writes, desk, now).to_admins(
            f"{KIND}-{now.date()}",
            title="A mailbox and the ledger do not agree",
            details="\n".join(f"{gap.mailbox}: {gap.message}" for gap in gaps),
        )
    plan(writes, now)
