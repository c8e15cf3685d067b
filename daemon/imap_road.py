"""What the mail of one mailbox needs on its way in."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

import structlog

from daemon.arrival import Arrival, InboxId
from daemon.clock import Clock
from daemon.settings import Mailbox, Settings
from daemon.store.engine import Store


class Door(Protocol):
    """Where arrivals are offered: ``daemon.inbox.Inbox``."""

    def offer(self, arrival: Arrival) -> Future[InboxId]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A mailbox, and everything that its mail needs on the way in."""

    mailbox: Mailbox
    settings: Settings
    clock: Clock
    store: Store
    door: Door
    log: structlog.typing.FilteringBoundLogger

    @property
    def folder(self) -> str:
        """The folder's name in the ledger's keys and in the table of mailboxes."""
        return f"{self.mailbox.name}/{self.mailbox.folder}"
