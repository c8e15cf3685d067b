"""The workers in the test's own process, on both stores, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from sqlalchemy import Table, select

from daemon.arrival import Arrival, Envelope, InboxId, Source
from daemon.clock import FixedClock
from daemon.context import Context
from daemon.settings import Delivery, Limits, Mailbox, Settings
from daemon.store import inbox, tables
from daemon.store.engine import Store
from daemon.store.tables import outbox
from scripts.desk import make_desk
from tests.servers.desk import ADDRESS, PEOPLE, ROUTING, Notice
from tests.servers.sink import Received
from workers.carriers import Carriers
from workers.deliver import deliver
from workers.desk import Desk
from workers.finishing import worded
from workers.maildir import Maildir
from workers.parsing.pool import Parsers
from workers.ring import ring
from workers.scanner import Scanner
from workers.steps import recorder
from workers.take_in import take_in

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(kw_only=True)
class Work:
    """Jobs at hand, nothing running by itself."""

    desk: Desk
    clock: FixedClock
    store: Store
    folder: Path
    rung: list[tuple[str, int]] = field(default_factory=list)

    def arrive(self, raw: bytes, key: str = "", **envelope: Any) -> InboxId:
        """A mail at the door, accepted."""
        values = {"sender": "carol@acme.test", "recipients": (ADDRESS,), "trusted": True}
        arrival = Arrival(
            source=Source.SMTP,
            source_key=key or f"key {hash((raw, self.clock.now()))}",
            received_at=self.clock.now(),
            envelope=Envelope(**(values | envelope)),
            raw=raw,
        )
        with self.store.begin() as tx:
            return inbox.insert(tx, [arrival])[0]

    def limit(self, **limits: Any) -> None:
        """Other limits, and parsers of this desk's own that keep them."""
        tight = Limits(**limits)
        self.configure(limits=tight)
        self.desk = replace(self.desk, parsers=Parsers(tight, most=1))

    def configure(self, **sections: Any) -> None:
        """Other settings from now on."""
        ctx = self.desk.ctx
        settings = ctx.settings.model_copy(update=sections)
        scanner = Scanner(settings.attachments, ctx.clock)
        self.desk = replace(self.desk, ctx=replace(ctx, settings=settings), scanner=scanner)

    def files(self) -> list[dict[str, Any]]:
        """The files of every message."""
        return [each for row in self.rows(tables.messages) for each in row.attachments]

    def fates(self) -> list[Any]:
        """The ledger."""
        return self.rows(tables.inbox)

    def take_in(self) -> None:
        take_in(self.desk, 0)

    def ring(self) -> None:
        ring(self.desk, 0)

    def deliver(self) -> None:
        log = self.desk.ctx.log
        carriers = Carriers(lambda: Maildir(self.folder / "out"), 1, recorder(self.store, log))
        deliver(self.desk, carriers, 0)
        carriers.close()

    def knows(self, more: str) -> None:
        """The admin adds these lines to people.yaml."""
        path = self.folder / "rules" / "people.yaml"
        path.write_text(PEOPLE + more, encoding="utf-8")
        self.desk.reload()

    def notices(self, recipient: str) -> list[Notice]:
        """What the desk decided to send somebody, oldest first."""
        return [
            Notice(
                Received(
                    sender=row.sender,
                    recipients=(recipient,),
                    raw=row.raw,
                    at=0,
                    connection=0,
                    is_acknowledged=True,
                    is_encrypted=False,
                    user="",
                    mail_options=(),
                )
            )
            for row in self.rows(outbox)
            if row.recipient == recipient
        ]

    def rows(self, table: Table, *, written: bool = True) -> list[Any]:
        """All rows of a table; of the outbox with the mails as they are, or would be, sent."""
        with self.store.read() as tx:
            rows = list(tx.execute(select(table).order_by(*table.primary_key)))
        return list(map(self._written, rows)) if written and table is outbox else rows

    def _written(self, row: Any) -> Any:
        raw = row.raw or worded(self.desk, row.notice)
        return SimpleNamespace(**{**row._mapping, "raw": raw})


@pytest.fixture(scope="session")
def parsers_of_all() -> Iterator[Parsers]:
    """Parsers that every test shares."""
    made = Parsers(Limits(), most=2)
    yield made
    made.close()


@pytest.fixture
def work(store: Store, tmp_path: Path, parsers_of_all: Parsers) -> Work:
    """A desk whose jobs the test runs."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (rules / "routing.yaml").write_text(ROUTING, encoding="utf-8")
    clock = FixedClock(START)
    rung: list[tuple[str, int]] = []
    ctx = Context(
        settings=Settings(
            addresses=(ADDRESS, "it@desk.test"),
            admins=("root@desk.test",),
            data_dir=tmp_path / "data",
            rules_dir=rules,
            delivery=Delivery(maildir=tmp_path / "out"),
            mailboxes=(Mailbox(name="main", host="127.0.0.1", user="help"),),
        ),
        clock=clock,
        store=store,
        log=structlog.get_logger(),
        ring=lambda job, row_id: rung.append((job, row_id)),
        keys=(b"k" * 32,),
    )
    return Work(
        desk=make_desk(ctx, parsers_of_all), clock=clock, store=store, folder=tmp_path, rung=rung
    )
