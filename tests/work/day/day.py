"""The day: mails go in, time passes, and what the desk sends for each of them is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy import select

from daemon.store.tables import inbox, outbox
from tests.servers.desk import ADDRESS, Notice
from tests.servers.sink import Received
from tests.work.conftest import Work
from tests.work.day.cast import Person
from tests.work.day.clients import Letter
from workers.finishing import worded

CONTROL = ADDRESS.replace("@", "+desk@")
Kinds = Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A mail that came in."""

    writer: str
    is_automatic: bool
    fate: str
    ticket: int
    mail: int
    #: What its writer wrote, where that is to be kept as it is.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail that the desk decided to send, and the mail that made it."""

    row: int
    cause: Came | None
    recipient: str
    kind: str
    #: 0 for what is about none.
    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a story says of one of its tickets."""

    story: str
    ticket: int
    state: str
    owner: str
    team: str
    requester: str
    public: int
    notes: int
    #: By address.
    told: Mapping[str, Kinds]


@dataclass(kw_only=True)
class Day:
    """What the stories play on."""

    work: Work
    came: list[Came] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    #: Mails about no ticket, by address: transcripts.
    reports: dict[str, Kinds] = field(default_factory=dict)

    # ------------------------------------------------------------------ what people do

    def writes(
        self,
        who: Person,
        subject: str,
        text: str,
        *,
        to: str = ADDRESS,
        cc: tuple[Person, ...] = (),
    ) -> int:
        """A new mail; the ticket that it opened, or 0."""
        return self.comes(who, self.draft(who, subject, text, to=to, cc=cc), to, text=text).ticket

    def draft(
        self,
        who: Person,
        subject: str,
        text: str,
        *,
        to: str = ADDRESS,
        cc: tuple[Person, ...] = (),
    ) -> EmailMessage:
        """A new mail that is not sent yet."""
        letter = Letter(
            sender=who.shown,
            to=to,
            subject=subject,
            text=text,
            at=self.work.clock.now(),
            cc=", ".join(one.shown for one in cc),
        )
        return who.client.write(letter)

    def answers(self, who: Person, ticket: int, text: str) -> Came:
        """An answer to the last mail about a ticket that he got."""
        notice = self.last(who, ticket)
        letter = Letter(
            sender=who.shown,
            to=notice["Reply-To"],
            subject=who.client.subject_of(notice),
            text=text,
            at=self.work.clock.now(),
            answers=notice,
        )
        return self.comes(who, who.client.write(letter), notice.reply_to, text=text)

    def is_away(self, who: Person, ticket: int) -> Came:
        """His mail server answers for him."""
        notice = self.last(who, ticket)
        letter = Letter(
            sender=who.shown,
            to=notice["Reply-To"],
            subject=f"Automatic reply: {notice['Subject']}",
            text="I am out of office until 9 March. For urgent matters call the front desk.",
            at=self.work.clock.now(),
            answers=notice,
        )
        made = who.client.write(letter)
        made["Auto-Submitted"] = "auto-replied"
        made["X-Auto-Response-Suppress"] = "All"
        return self.comes(who, made, notice.reply_to, sender="")

    def comes(
        self, who: Person, made: EmailMessage, to: str, *, text: str = "", **envelope: str
    ) -> Came:
        """A mail is at the door, and is taken in at once."""
        raw = made.as_bytes(policy=SMTP)
        values = {"sender": who.address, **envelope}
        row_id = self.work.arrive(raw, recipients=(to,), **values)
        self.work.take_in()
        with self.work.store.read() as tx:
            row = tx.execute(select(inbox).where(inbox.c.id == row_id)).one()
        assert row.state == "done", (who.address, row.state, row.error)
        came = Came(
            writer=who.address,
            is_automatic="Auto-Submitted" in made,
            fate=row.fate,
            ticket=row.ticket or 0,
            mail=row_id,
            text=text,
        )
        self.came.append(came)
        self._notice(came)
        return came

    def passes(self, seconds: int) -> None:
        """Time goes by, and what it causes happens."""
        self.work.clock.advance(timedelta(seconds=seconds))
        self.work.ring()
        self._notice(None)

    # ------------------------------------------------------------------ what came of it

    def last(self, who: Person, ticket: int) -> Notice:
        """The newest mail about a ticket that somebody has."""
        mine = (outbox.c.recipient == who.address) & (outbox.c.ticket == ticket)
        wanted = select(outbox).where(mine, outbox.c.state != "dropped")
        with self.work.store.read() as tx:
            row = tx.execute(wanted.order_by(outbox.c.id.desc()).limit(1)).first()
        assert row is not None, (who.address, ticket)
        return Notice(
            Received(
                sender=row.sender, recipients=(who.address,), at=0, connection=0,
                raw=row.raw or worded(self.work.desk, row.notice),
                is_acknowledged=True, is_encrypted=False, user="", mail_options=(),
            )
        )  # fmt: skip

    @property
    def newest(self) -> int:
        """The ticket that was opened last."""
        return max(each.ticket for each in self.sent)

    def _notice(self, cause: Came | None) -> None:
        """Keep what was decided since the last look."""
        seen = self.sent[-1].row if self.sent else 0
        columns = (outbox.c.id, outbox.c.recipient, outbox.c.kind, outbox.c.ticket)
        with self.work.store.read() as tx:
            rows = tx.execute(select(*columns).where(outbox.c.id > seen).order_by(outbox.c.id))
            self.sent += [
                Sent(
                    row=row.id, cause=cause, recipient=row.recipient, kind=row.kind,
                    ticket=row.ticket or 0,
                )
                for row in rows
            ]  # fmt: skip

    def mails(self) -> Iterator[Sent]:
        """All mails that people got: those that were told with another are none."""
        with self.work.store.read() as tx:
            dropped = set(tx.scalars(select(outbox.c.id).where(outbox.c.state == "dropped")))
        return (each for each in self.sent if each.row not in dropped)

    # ------------------------------------------------------------------ what stories say

    def ends(
        self,
        story: str,
        ticket: int,
        state: str,
        *,
        requester: Person,
        told: Mapping[Person, str],
        owner: Person | None = None,
        team: str = "desk",
        public: int,
        notes: int = 0,
    ) -> None:
        """What a ticket must be at the end of the day, and which mails about it each has got."""
        ending = Ending(
            story=story,
            ticket=ticket,
            state=state,
            owner=owner.login if owner else "",
            team=team,
            requester=requester.address,
            public=public,
            notes=notes,
            told={who.address: Counter(kinds.split()) for who, kinds in told.items()},
        )
        self.endings.append(ending)

    def reported(self, who: Person, *kinds: str) -> None:
        """He was told of several tickets, or of none."""
        self.reports.setdefault(who.address, Counter()).update(kinds)
