"""A mail as read: frozen values, whatever the bytes were. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Automatic(StrEnum):
    """Why a mail is not a person's: RFC 3834 and its look-alikes."""

    AUTO_REPLY = "auto-reply"
    AUTO_GENERATED = "auto-generated"
    LIST = "list"
    BOUNCE = "bounce"


class Kind(StrEnum):
    """What sort of mail it is, by the strongest sign; finer than ``Automatic``."""

    PERSON = "person"
    AUTO_REPLY = "auto-reply"
    AUTO_GENERATED = "auto-generated"
    LIST = "list"
    BULK = "bulk"
    BOUNCE = "bounce"
    #: A disposition notification (RFC 8098): somebody's program opened or deleted our mail.
    RECEIPT = "receipt"
    #: A feedback report (RFC 5965): somebody called our mail unwanted.
    COMPLAINT = "complaint"
    #: A meeting (RFC 6047): asked for, moved or called off.
    INVITATION = "invitation"
    #: The answer to one.
    INVITATION_ANSWER = "invitation-answer"
    #: A filter that wants its sender to prove that he is a person.
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header field."""

    #: ``local@domain``, the domain in lower case; empty when there was none to read.
    address: str
    #: The display name, decoded and cleaned, never used as identity.
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part offered as a file. Its bytes are decoded on demand from the raw mail."""

    filename: str
    content_type: str
    #: Decoded bytes.
    size: int
    inline: bool = False
    content_id: str = ""
    #: Which MIME leaf it is, counted in document order from 0; a file within the text of a leaf
    #: has a thousand more for each place.
    part: int = 0
    #: SHA-256 of the decoded bytes, in hex.
    sha256: str = ""
    #: The media type that its bytes tell, whatever its sender says; empty when they tell none.
    sniffed: str = ""
    #: True for a picture that its text shows and that is as small as a logo: no file to read.
    is_decoration: bool = False


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient that a bounce speaks of (RFC 3464 §2.3)."""

    address: str
    #: Enhanced status (RFC 3463), or empty.
    status: str = ""
    #: ``failed``, ``delayed``, ``delivered``, ``relayed``, ``expanded``, or empty.
    action: str = ""
    #: Whom the mail was first sent to, where that is another (``ORCPT`` of RFC 3461).
    original: str = ""
    #: What the other side said.
    diagnostic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a delivery report says."""

    recipients: tuple[FailedRecipient, ...]
    original_message_id: str = ""

    @property
    def is_final(self) -> bool:
        """True unless every recipient is only delayed: a delay is information, no failure."""
        return any(recipient.action != "delayed" for recipient in self.recipients)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What a calendar part says of its first event (RFC 5545)."""

    #: ``REQUEST``, ``REPLY``, ``CANCEL``, …; empty for a mere entry.
    method: str = ""
    summary: str = ""
    #: Aware where the zone is known, else the time as its place has it.
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    #: The name of the zone as written, where the event names one.
    zone: str = ""
    location: str = ""
    organizer: str = ""
    #: What the answering attendee says: ``ACCEPTED``, ``DECLINED``, ``TENTATIVE``.
    answer: str = ""
    #: The rule by which it takes place again (RFC 5545 §3.3.10): ``FREQ=WEEKLY;BYDAY=MO``.
    repeats: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a feedback report says (RFC 5965 §3)."""

    #: ``abuse``, ``fraud``, ``not-spam``, ``auth-failure``, …
    feedback: str = ""
    #: Who complained, where the report tells.
    recipients: tuple[str, ...] = ()
    source: str = ""
    original_message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The parsed value of a mail; ``docs/parse.md`` describes its JSON form."""

    #: With brackets removed; empty when the mail has none.
    message_id: str = ""
    in_reply_to: str = ""
    #: Oldest first, at most 100, the newest kept.
    references: tuple[str, ...] = ()
    #: Outlook's name for the whole conversation, in hex; empty when the mail has none.
    thread_index: str = ""
    date: datetime | None = None
    from_: Address | None = None
    #: True when there is exactly one From field with exactly one mailbox in a strict grammar
    #: (security.md F8): only then may the sender prove anything.
    from_is_strict: bool = False
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    #: The whole text body, decoded; from HTML where there is no usable text part.
    text: str = ""
    #: What the sender newly wrote: a view on ``text``, never stored instead of it.
    reply: str = ""
    #: Sanitised HTML, or None.
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    kind: Kind = Kind.PERSON
    #: What decided the kind; empty for a person.
    kind_because: str = ""
    automatic: Automatic | None = None
    #: The header or shape that decided ``automatic``.
    automatic_because: str = ""
    #: RFC 3834 and others forbid an automatic answer (also Precedence, X-Auto-Response-Suppress).
    forbids_answer: bool = False
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    meeting: Meeting | None = None
    #: ``en``, ``ko``, … by header or script, else empty.
    language: str = ""
    #: Every header field as (lower-case name, decoded value), cut to the limits; for rules only.
    headers: tuple[tuple[str, str], ...] = ()
    #: SHA-256 over what makes two copies of one mail the same, whatever road they took.
    content_key: str = ""
    #: What was broken and how it was read.
    warnings: tuple[str, ...] = field(default=())
    #: Why the structure was not read to its end (a bound was met); empty for an ordinary mail.
    #: Fields and text are then what could be had: such a mail is for a person, held.
    unreadable: str = ""

    def header(self, name: str) -> str:
        """The first field of that name, or the empty text."""
        return next(iter(self.every(name)), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Every field of that name in its order, each one clean line."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)
