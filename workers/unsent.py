"""Somebody did not get a mail of a ticket: its agents must know."""

from __future__ import annotations

from typing import Final

from daemon.store.writes import Writes
from workers import returning
from workers.desk import Desk
from workers.notices.notice import Kind

#: What cannot be told is not told about: the news of bad news ends here (mail.md, case 40).
_NEVER_REPORTED: Final = {Kind.UNDELIVERABLE.value, Kind.ALARM.value}


def report(desk: Desk, *, ticket: int | None, recipient: str, kind: str, reply: str) -> None:
    """Tell the ticket's agents who got nothing, and why."""
    if ticket is None or kind in _NEVER_REPORTED:
        return
    desk.introduce()
    now = desk.ctx.clock.now()
    with desk.ctx.store.begin() as tx:
        writes = Writes(tx)
        returning.undelivered(
            writes, desk, ticket=ticket, recipient=recipient, reply=reply, now=now
        )
        writes.flush()
