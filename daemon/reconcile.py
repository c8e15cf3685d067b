"""The daily comparison of each mailbox with the ledger: what was seen there and is not here.

The pollers write down what the server told at the end of each round; this reads that and the
ledger, and asks no server. So it also tells of a poller that does not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daemon.settings import Mailbox, Settings
from daemon.store import mailboxes
from daemon.store.engine import Store

_PATIENCE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that does not agree, in plain words."""

    #: ``mailbox/folder``
    mailbox: str
    message: str


def reconcile(store: Store, settings: Settings, *, now: datetime) -> tuple[Gap, ...]:
    """Every gap between the configured mailboxes and the ledger; nothing is changed."""
    return tuple(
        Gap(mailbox=f"{mailbox.name}/{mailbox.folder}", message=message)
        for mailbox in settings.mailboxes
        for message in _gaps(store, mailbox, now)
    )


def _gaps(store: Store, mailbox: Mailbox, now: datetime) -> Iterator[str]:
    name = f"{mailbox.name}/{mailbox.folder}"
    with store.read() as tx:
        view = mailboxes.load(tx, name)
        rows = mailboxes.arrivals(tx, name)
    if view is None:
        yield "never looked at: no poller has reached it yet"
        return
    if view.error is not None and _is_old(view.error_since, now):
        yield f"since {_day(view.error_since)}: {view.error}"
    if _is_old(view.seen_at, now):
        yield f"not looked at since {_day(view.seen_at)}: is the poller running?"
        return
    if view.error is None and view.uidvalidity:
        yield from _counts(mailbox, view, rows)


def _counts(mailbox: Mailbox, view: mailboxes.View, rows: int) -> Iterator[str]:
    """After a round without trouble the numbers must agree."""
    if view.next_uid < view.server_uidnext:
        yield (
            f"looked through to UID {view.next_uid - 1} only,"
            f" while the server has given out UID {view.server_uidnext - 1}"
        )
    elif mailbox.after == "flag" and rows < view.server_messages:
        # A lower bound: what people have removed since is in the ledger and not in the folder.
        yield f"holds {view.server_messages} messages, but the ledger has only {rows} of it"
    elif mailbox.after != "flag" and view.server_messages:
        yield f"still holds {view.server_messages} messages that should have left it"


def _is_old(since: datetime | None, now: datetime) -> bool:
    return since is not None and now - since > _PATIENCE


def _day(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else ""
