"""One mail being taken in: what every way of admitting it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daemon.desk.events import EventKind
from daemon.desk.people import Directory, fold
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.mail.address import extension_of
from daemon.mail.message import Message
from daemon.mail.proof import Proof
from daemon.mail.sender import Checked
from daemon.mail.subject import is_another
from daemon.mail.thread import subject_numbers
from daemon.store.engine import Tx
from daemon.store.inbox import Claimed, Settled
from daemon.store.known import Known
from daemon.store.messages import Entry
from daemon.store.writes import Writes
from workers.desk import Desk
from workers.rules.ruleset import RuleSet
from workers.scanner import Scan
from workers.tell import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A mail, the transaction in which it is decided, and the rules in force."""

    desk: Desk
    known: Known
    mail: Claimed
    message: Message
    #: How far its sender was checked.
    checked: Checked
    #: Whether it was found to be harmful.
    scan: Scan
    #: Its files, as its message keeps them.
    attachments: tuple[dict[str, Any], ...]
    #: What named its author, where From does not.
    named_by: str = ""
    #: The agent who forwarded it, if one did.
    forwarded_by: str = ""
    #: Weaker evidence that named another ticket than the one that the mail belongs to.
    conflicts: tuple[tuple[str, int], ...] = ()
    rules: RuleSet
    teller: Teller
    now: datetime

    @property
    def writes(self) -> Writes:
        """What the mail causes."""
        return self.known.writes

    @property
    def tx(self) -> Tx:
        """The transaction in which it is decided."""
        return self.known.writes.tx

    @property
    def sender(self) -> str:
        """The address that the mail claims to be from; empty when it claims none."""
        return self.message.from_.address if self.message.from_ else ""

    @property
    def sender_key(self) -> str:
        """That address as it is compared."""
        return fold(self.sender)

    @property
    def sender_name(self) -> str:
        """The name that it claims."""
        return self.message.from_.name if self.message.from_ else ""

    @property
    def directory(self) -> Directory:
        """Who is who, by the rules in force."""
        return self.rules.directory

    @property
    def bare_recipients(self) -> tuple[str, ...]:
        """Our addresses that the mail came to, but for signed ones."""
        ours = self.desk.ctx.settings.addresses
        found = (each for each in self.mail.envelope.recipients if extension_of(ours, each) == "")
        return tuple(dict.fromkeys(map(fold, found)))

    def is_ours(self, address: str) -> bool:
        """True for the desk's own addresses."""
        return extension_of(self.desk.ctx.settings.addresses, address) is not None

    def entry(self, ticket: int, **fields: Any) -> Entry:
        """The mail as a message of the ticket."""
        message = self.message
        others = (*message.to, *message.cc)
        values: dict[str, Any] = {
            "direction": "in",
            "visibility": "public",
            "from_address": self.sender_key,
            "from_name": self.sender_name,
            "inbox_id": self.mail.id,
            "message_id": message.message_id,
            "proof": self.checked.because,
            "conversation": message.thread_index or None,
            "content_key": message.content_key,
            "at": self.mail.received_at,
            "text": message.text,
            "reply": message.reply,
            "html": message.html,
            "automatic": message.automatic.value if message.automatic else None,
            "recipients": tuple(
                fold(other.address) for other in others[:50] if not self.is_ours(other.address)
            ),
            "attachments": self.attachments,
        }
        return Entry(ticket=ticket, **(values | fields))  # type: ignore[arg-type]

    def record(self, change: Change, actor: str, proof: Proof, **facts: Any) -> None:
        """The mail belongs to the ticket: an event that says how far its author is proven."""
        change.record(
            self.now,
            actor,
            EventKind.MESSAGE,
            message_id=self.message.message_id,
            authority=proof.level.name.lower(),
            because=proof.because,
            **self._remarks(change.ticket),
            **facts,
        )
        if self.conflicts:
            others = [{"by": by, "ticket": number} for by, number in self.conflicts]
            change.record(self.now, "desk", EventKind.CONFLICT, others=others)

    def _remarks(self, ticket: Ticket) -> dict[str, str]:
        """What a reader of the ticket's record should know of the mail."""
        message = self.message
        remarks = {
            "named_by": self.named_by,
            "automatic": message.automatic.value if message.automatic else "",
            # Programs that keep our number keep our subject, whatever else they make of it.
            "subject": message.subject
            if ticket.number not in subject_numbers(message.subject)
            and is_another(message.subject, ticket.subject)
            else "",
        }
        return {name: value for name, value in remarks.items() if value}

    def settled(self, fate: str, ticket: int | None, **facts: Any) -> Settled:
        """What the ledger keeps of the mail."""
        return Settled(
            fate=fate,
            ticket=ticket,
            from_address=self.sender,
            subject=self.message.subject,
            **facts,
        )
