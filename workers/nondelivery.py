"""Somebody did not get a mail of a ticket: its agents must know."""

from __future__ import annotations

from typing import Final

from daemon.store.writes import Writes
from workers import returning
from workers.desk import Desk
from workers.notices.notice import Kind

#: What cannot be told is not told about: the news of bad news ends here (mail.md, case 40).
_NEVER_REPORTED: Final = {Kind.UNDELIVERABLE.value, Kind.ALARM.value}


def tell(
    writes: Writes, desk: Desk, *, ticket: int | None, recipient: str, kind: str, reply: str
) -> None:
    """Tell the ticket's agents who got nothing, and why, in this transaction."""
    if ticket is None or kind in _NEVER_REPORTED:
        return
    now = desk.ctx.clock.now()
    returning.undelivered(writes, desk, ticket=ticket, recipient=recipient, reply=reply, now=now)
    writes.flush()


def report(desk: Desk, *, ticket: int | None, recipient: str, kind: str, reply: str) -> None:
    """The same in a transaction of its own."""
    desk.introduce()
    with desk.ctx.store.begin() as tx:
        tell(Writes(tx), desk, ticket=ticket, recipient=recipient, kind=kind, reply=reply)
