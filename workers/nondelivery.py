"""Somebody did not get a mail of a ticket: its agents must know."""

from __future__ import annotations

from typing import Final, Protocol

from daemon.store.writes import Writes
from workers import returning
from workers.desk import Desk
from workers.notices.notice import Kind

#: What cannot be told is not told about: the news of bad news ends here (mail.md, case 40).
_NEVER_REPORTED: Final = {Kind.UNDELIVERABLE.value, Kind.ALARM.value}


class Mail(Protocol):
    """What is to be known of a mail that somebody did not get."""

    @property
    def ticket(self) -> int | None: ...
    @property
    def recipient(self) -> str: ...
    @property
    def kind(self) -> str: ...


def tell(writes: Writes, desk: Desk, mail: Mail, reply: str) -> None:
    """Tell the ticket's agents who got nothing, and why, in this transaction."""
    ticket = _ticket(mail)
    if ticket is None:
        return
    now = desk.ctx.clock.now()
    returning.undelivered(
        writes, desk, ticket=ticket, recipient=mail.recipient, reply=reply, now=now
    )
    writes.flush()


def report(desk: Desk, mail: Mail, reply: str) -> None:
    """The same in a transaction of its own, where there is anybody to tell."""
    if _ticket(mail) is None:
        return
    desk.introduce()
    with desk.ctx.store.begin() as tx:
        tell(Writes(tx), desk, mail, reply)


def _ticket(mail: Mail) -> int | None:
    """The ticket whose agents are told; None where nobody is."""
    return None if mail.kind in _NEVER_REPORTED else mail.ticket
