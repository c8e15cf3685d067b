"""What a way in hands to the inbox: the bytes as they came, and how they came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

InboxId = NewType("InboxId", int)


class Source(StrEnum):
    """The roads by which mail reaches the desk."""

    SMTP = "smtp"
    LMTP = "lmtp"
    IMAP = "imap"
    INTAKE = "intake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the transport said, apart from the mail itself."""

    #: Reverse-path without brackets; empty for the null sender and where there is none (IMAP).
    sender: str
    #: The desk's addresses that it was sent to, as the transport named them.
    recipients: tuple[str, ...]
    #: Address of the peer, or the mailbox's name.
    peer: str = ""
    #: True when the configuration marks the road as one that checks senders.
    trusted: bool = False
    #: The login of an authenticated submission, else empty.
    login: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail at the door."""

    source: Source
    #: Unique for this arrival for ever: a second arrival with the same key is the same arrival.
    source_key: str
    received_at: datetime
    envelope: Envelope
    raw: bytes
