"""A notice: a mail that we owe somebody, before it is written. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket


class Kind(StrEnum):
    """Every notice that the desk writes; each has a template of its name per language."""

    #: To the requester of a new ticket: number, what was understood, by when.
    ACKNOWLEDGEMENT = "acknowledgement"
    #: To an agent: a new ticket of his team, what the requester wrote, the verbs.
    NEW_TICKET = "new_ticket"
    #: To an agent: the ticket is now yours.
    ASSIGNED = "assigned"
    #: To an agent: the requester (or a watcher) wrote.
    REQUESTER_REPLIED = "requester_replied"
    #: To an agent: something was kept as unverified internal text, and why.
    UNVERIFIED = "unverified"
    #: To an agent: a colleague's internal note.
    NOTE = "note"
    #: To the requester: the desk's answer, in the agent's words.
    PUBLIC_REPLY = "public_reply"
    #: To the requester: what was done, that an answer reopens, and at times how it was.
    RESOLUTION = "resolution"
    #: To the requester: we still wait for his answer.
    WAITING_REMINDER = "waiting_reminder"
    #: To the requester: no answer came, so we consider it resolved.
    AUTO_RESOLVED = "auto_resolved"
    #: To the requester: it is closed for good.
    CLOSED = "closed"
    #: To the requester: how was it?
    SURVEY = "survey"
    #: To the requester: his ticket goes on under another number.
    MERGED = "merged"
    #: To an agent: this much of the target is used.
    SLA_WARNING = "sla_warning"
    #: To an agent or lead: the target is missed.
    SLA_BREACH = "sla_breach"
    #: To whoever a ladder names next: nobody has helped so far.
    ESCALATION = "escalation"
    #: To an agent: what he should have been told while the desk could not tell it, in one mail.
    CATCH_UP = "catch_up"
    #: To an agent: the time is over until which a ticket was to wait.
    WOKEN = "woken"
    #: To the team's lead: a requester was not content.
    LOW_RATING = "low_rating"
    #: To an agent: several things that happened to one ticket within a short time.
    NEWS = "news"
    #: To an agent in the morning: what waits for him, or how his team does.
    DIGEST = "digest"
    #: To an agent: a mail of this ticket could not be delivered.
    UNDELIVERABLE = "undeliverable"
    #: To an agent: his commands had a mistake; nothing was changed, nothing was sent.
    COMMAND_ERROR = "command_error"
    #: To an agent or requester: a mail in his name is held until he says that it is his.
    CONFIRM = "confirm"
    #: To whoever asked the desk: receipt, transcript, help, a ticket, its history, a list.
    ANSWER = "answer"
    #: To an admin: the desk needs a person.
    ALARM = "alarm"


#: Notices that a machine sends in answer to a mail (RFC 3834): counted by the brakes and never
#: sent to a machine. The others carry an agent's words or are owed to our own staff.
ANSWERS = frozenset({Kind.ACKNOWLEDGEMENT, Kind.COMMAND_ERROR, Kind.CONFIRM, Kind.ANSWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person, one mail."""

    person: PersonId
    address: str
    name: str = ""
    language: str = "en"
    is_agent: bool = False
    #: What the addresses that are signed for him must be of to be believed.
    generation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One target of a ticket, for a reader."""

    #: respond, resolve
    metric: str
    at: datetime
    is_breached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that the recipient can ask for by one touch: a prefilled answer."""

    #: What stands on the button: a term of the catalogues, or his language's words.
    label: str
    #: What the answer says: a line of commands at least.
    body: str
    #: Of the answer, where it is to begin a thread of its own.
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of an answer: lines kept as they are, or a table, below a heading or none."""

    title: str = ""
    lines: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    #: What each row leads to, where it does.
    links: tuple[str, ...] = ()
    #: How many more rows there are, which would make the mail too long.
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One of several things that a notice tells together."""

    kind: Kind
    at: datetime
    author: str = ""
    text: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Whose ticket it is, as an agent needs to know him."""

    name: str = ""
    address: str = ""
    #: Where he works, as far as it is known.
    site: str = ""
    is_vip: bool = False
    #: His open tickets, this one included; 0 when nobody counted.
    open_tickets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that goes along."""

    #: How it is packed in JSON (see ``packed``).
    __pydantic_config__: ClassVar[dict[str, str]] = {
        "ser_json_bytes": "base64",
        "val_json_bytes": "base64",
    }
    #: Safe to show and to save.
    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Everything that its template may show."""

    kind: Kind
    to: Recipient
    at: datetime
    #: Distinguishes the notices of one ticket: the Message-ID is made from it, so that the same
    #: notice decided twice is the same mail.
    unique: str
    #: Its Message-ID, once it is decided: keys that change later do not change it.
    message_id: str = ""
    ticket: Ticket | None = None
    #: Who wrote the words that the notice carries.
    author: str = ""
    author_address: str = ""
    #: Those words: a requester's or an agent's, never markup.
    text: str = ""
    #: The author's files, and the names of those that are not sent on.
    files: tuple[File, ...] = ()
    withheld: tuple[str, ...] = ()
    #: What an agent should know: why unverified, which target, what was refused, line by line.
    details: tuple[str, ...] = ()
    due: tuple[Due, ...] = ()
    #: The question that an answer decides, when the notice asks one.
    confirmation: int = 0
    requester: Requester = Requester()
    #: The name of the ticket's owner or team, for a reader.
    handler: str = ""
    #: Percent of the target that is used (SLA notices).
    percent: int = 0
    metric: str = ""
    #: What an answer or an alarm is about, in one line.
    title: str = ""
    #: What an answer holds.
    blocks: tuple[Block, ...] = ()
    #: What can be asked for by one touch, beside the verbs that are legal anyway.
    acts: tuple[Act, ...] = ()
    #: Solved tickets like this one: number and subject.
    similar: tuple[tuple[int, str], ...] = ()
    #: What is told together, oldest first.
    news: tuple[Happening, ...] = ()
    #: Business days that we have waited.
    days: int = 0
    #: 1 to 5.
    rating: int = 0
    #: True: asks how it was.
    asks_rating: bool = False
    #: The ticket under which this one goes on.
    other: int = 0
    #: Why the recipient gets it, where that is not because of its kind: ``watcher``, …
    why: str = ""

    @property
    def is_internal(self) -> bool:
        """True when it holds what is for agents only: an answer to it is, too (attack 36)."""
        if self.kind is Kind.ANSWER:
            return self.to.is_agent
        return self.kind is Kind.NOTE or any(part.kind is Kind.NOTE for part in self.news)

    #: Message-IDs without brackets, oldest first: what a mail client threads by.
    references: tuple[str, ...] = ()
    in_reply_to: str = ""
    #: False to a stranger: his notice repeats none of his words (security.md, attack 9).
    may_quote: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The finished mail, as the outbox keeps it once it is worded."""

    #: Final bytes with CRLF line ends.
    raw: bytes
    #: Without brackets.
    message_id: str
    #: Reverse-path of the envelope; empty for the null sender.
    sender: str
    recipient: str
