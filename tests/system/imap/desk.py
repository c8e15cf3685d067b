"""A mailbox on Dovecot, the real inbox, and a poller between them that tests run step by step."""

from __future__ import annotations

import imaplib
import itertools
import threading
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from imapclient.imap_utf7 import encode
from sqlalchemy import select

from daemon.arrival import Arrival, InboxId
from daemon.bell import silent
from daemon.clock import Clock, SystemClock
from daemon.errors import StoreBusy
from daemon.imap import Poller
from daemon.inbox import Inbox
from daemon.settings import Limits, Mailbox, Settings
from daemon.store import mailboxes
from daemon.store.engine import Store
from daemon.store.tables import inbox
from tests.servers.dovecot import PASSWORD, Dovecot

_users = itertools.count(1)


class Door:
    """The inbox's door, which a test may jam."""

    def __init__(self, inner: Inbox) -> None:
        self.inner = inner
        self.is_jammed: Callable[[Arrival], bool] = lambda _: False
        self.offered: list[Arrival] = []

    def offer(self, arrival: Arrival) -> Future[InboxId]:
        self.offered.append(arrival)
        if self.is_jammed(arrival):
            refused: Future[InboxId] = Future()
            refused.set_exception(StoreBusy("locked"))
            return refused
        return self.inner.offer(arrival)


@dataclass
class Desk:
    """Everything around one mailbox."""

    server: Dovecot
    store: Store
    door: Door
    user: str
    data_dir: Path
    clock: Clock = field(default_factory=SystemClock)
    logged: list[dict[str, Any]] = field(default_factory=list)

    def mailbox(self, **changes: Any) -> Mailbox:
        """The mailbox's settings: clear text and polling unless a test wants more."""
        settings: dict[str, Any] = {
            "name": self.user, "host": "127.0.0.1", "port": self.server.port,
            "security": "none", "user": self.user, "password": PASSWORD,
            "idle": False, "poll_seconds": 60,
        }  # fmt: skip
        return Mailbox(**(settings | changes))

    def settings(self, message_bytes: int = 25 * 1024 * 1024) -> Settings:
        """The desk's settings."""
        return Settings(
            addresses=("help@desk.test", "it@desk.test"),
            data_dir=self.data_dir,
            limits=Limits(message_bytes=message_bytes),
        )

    def poller(
        self,
        mailbox: Mailbox | None = None,
        *,
        pause: Callable[[float], object] | None = None,
        message_bytes: int = 25 * 1024 * 1024,
    ) -> Poller:
        """A new poller, as after a restart of the process."""
        return Poller(
            mailbox or self.mailbox(),
            settings=self.settings(message_bytes),
            clock=self.clock,
            store=self.store,
            door=self.door,
            log=structlog.wrap_logger(structlog.PrintLogger(), processors=[self._note]),
            pause=pause,
        )

    def poll(self, mailbox: Mailbox | None = None, *, rounds: int = 1, **more: Any) -> list[float]:
        """Run a poller for so many rounds and failures together; returns what it waited."""
        stop, waits = threading.Event(), list[float]()

        def pause(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) >= rounds:
                stop.set()

        self.poller(mailbox, pause=pause, **more).run(stop)
        return waits

    def _note(self, _: Any, level: str, event: MutableMapping[str, Any]) -> Any:
        self.logged.append({"level": level, **event})
        raise structlog.DropEvent

    def events(self, name: str) -> list[dict[str, Any]]:
        """What was logged under a name."""
        return [event for event in self.logged if event["event"] == name]

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """A person's mail program at the mailbox."""
        with imaplib.IMAP4("127.0.0.1", self.server.port, timeout=20) as client:
            client.authenticate("PLAIN", lambda _: f"\0{self.user}\0{PASSWORD}".encode())
            yield client

    def create(self, folder: str) -> None:
        """Make a folder."""
        with self.client() as client:
            assert client.create(_quoted(folder))[0] == "OK"

    def deliver(self, *names: str, folder: str = "INBOX", text: str = "Help.") -> None:
        """Put mails into the mailbox; the name becomes the Message-ID."""
        with self.client() as client:
            for name in names:
                answer = client.append(_quoted(folder), "", "", mail(name, text))
                assert answer[0] == "OK", answer

    def names(self, folder: str = "INBOX") -> list[str]:
        """The Message-IDs in a folder."""
        return sorted(name for name, _ in self.contents(folder))

    def contents(self, folder: str = "INBOX") -> list[tuple[str, str]]:
        """Message-IDs and flags of what a folder holds."""
        with self.client() as client:
            answer, (count, *_) = client.select(_quoted(folder), readonly=True)
            if answer != "OK" or count == b"0":
                return []
            _, said = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        found = []
        for part in said:
            if isinstance(part, tuple):
                name = part[1].decode().partition("<")[2].partition("@")[0]
                found.append((name, part[0].decode()))
        return found

    def ledger(self) -> list[str]:
        """The Message-IDs of this mailbox's arrivals, in their order."""
        return [row.message_id.partition("@")[0] for row in self.rows()]

    def rows(self) -> list[Any]:
        """This mailbox's arrivals."""
        query = select(inbox).where(inbox.c.peer == self.user).order_by(inbox.c.id)
        with self.store.read() as tx:
            return list(tx.execute(query).all())

    def view(self, folder: str = "INBOX") -> mailboxes.View:
        """The mailbox's own row."""
        with self.store.read() as tx:
            view = mailboxes.load(tx, f"{self.user}/{folder}")
        assert view is not None
        return view


def _quoted(folder: str) -> str:
    return f'"{encode(folder).decode()}"'


def mail(name: str, text: str = "Help.") -> bytes:
    """A small mail."""
    return (
        f"Message-ID: <{name}@client.test>\r\nFrom: anna@client.test\r\n"
        f"To: help@desk.test\r\nSubject: {name}\r\n\r\n{text}\r\n"
    ).encode()


@contextmanager
def open_desk(server: Dovecot, store: Store, data_dir: Path) -> Iterator[Desk]:
    """A desk with an empty mailbox of its own."""
    log = structlog.wrap_logger(structlog.PrintLogger(), processors=[_drop])
    inner = Inbox(store, ring=silent, log=log)
    try:
        yield Desk(server, store, Door(inner), f"user{next(_users)}", data_dir)
    finally:
        inner.close()


def _drop(*_: Any) -> Any:
    raise structlog.DropEvent
