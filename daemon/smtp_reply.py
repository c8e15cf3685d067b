"""What is said when something went wrong: one table from exceptions to replies, and ids for both.

A failure of ours is never permanent to the sender (RFC 5321 §4.2.1), and never tells what failed.
"""

from __future__ import annotations

import secrets
from base64 import b32hexencode
from datetime import datetime

from daemon.errors import MailError, NotAccepted, StoreFull, TooLarge

NO_ROOM = "452 4.3.1 no room now, try again later"

#: The first line that fits the exception is said; anything else is a failure of ours, 451.
REPLIES: tuple[tuple[type[Exception], str], ...] = (
    (TooLarge, "552 5.3.4 message is larger than we take"),
    (NotAccepted, "550 5.7.1 not accepted here"),
    (StoreFull, NO_ROOM),
)
DEFAULT_REPLY = "451 4.3.0 not possible now, try again later"


def reply_to(error: Exception, mark: str) -> str:
    """Return the reply to an exception; ``mark`` finds its line in the log when it is our fault."""
    reply = next((text for kind, text in REPLIES if isinstance(error, kind)), DEFAULT_REPLY)
    return reply if is_senders(error) else f"{reply}, id {mark}"


def is_senders(error: Exception) -> bool:
    """True when the fault is the sender's and not ours."""
    return isinstance(error, MailError)


def new_mark() -> str:
    """A short id that a person can read out."""
    return _letters(secrets.token_bytes(5))


def new_queue_id(now: datetime) -> str:
    """An id unique for ever, in order of time to the millisecond: 48 bits of time, 80 of chance."""
    milliseconds = int(now.timestamp() * 1000)
    return _letters(milliseconds.to_bytes(6, "big") + secrets.token_bytes(10))


def _letters(value: bytes) -> str:
    return b32hexencode(value).decode("ascii").rstrip("=").lower()
