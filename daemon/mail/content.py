"""The key by which two copies of one mail are known as one, whatever road they took. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from daemon.mail.message import Message
from daemon.mail.structure import Structure

#: Written by those who carry a mail, not by its sender.
_TRACE: Final = frozenset(
    {
        "received",
        "return-path",
        "delivered-to",
        "envelope-to",
        "delivery-date",
        "x-original-to",
        "x-delivered-to",
        "x-envelope-to",
        "x-received",
        "received-spf",
        "authentication-results",
        "arc-seal",
        "arc-message-signature",
        "arc-authentication-results",
        "status",
        "x-status",
        "x-uid",
        "x-keywords",
        "x-mozilla-status",
        "x-mozilla-status2",
    }
)
#: One field at the top of a mail, with its continuations.
_LEADING: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")


def key(message: Message, structure: Structure, date: bytes) -> str:
    """SHA-256 over who, when, about what and what; not over how it was encoded or carried."""
    if message.unreadable:
        return _of_bytes(structure)
    sender = message.from_.address if message.from_ else ""
    said = (
        message.message_id,
        sender.lower(),
        date.decode("utf-8", "replace"),
        message.subject,
        " ".join(message.text.split()),
        *(attachment.sha256 for attachment in message.attachments),
    )
    digest = hashlib.sha256()
    for piece in said:
        data = piece.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _of_bytes(structure: Structure) -> str:
    """For a mail that could not be read: all its bytes below what its carriers put on top."""
    raw, at = structure.raw, 0
    while (found := _LEADING.match(raw, at)) and found[1].lower().decode("ascii") in _TRACE:
        at = found.end()
    digest = hashlib.sha256(b"unreadable\0")
    digest.update(raw[at:].replace(b"\r\n", b"\n").rstrip(b"\n"))
    return digest.hexdigest()
