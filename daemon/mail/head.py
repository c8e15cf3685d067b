"""The little that the door needs of a mail: its Message-ID, from a bounded look. Pure."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final

from daemon.mail.limits import PEEK_BYTES

_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
_FIELD: Final = re.compile(
    rb"^message-id[ \t]*:([^\r\n]{0,2000}(?:\r?\n[ \t][^\r\n]{0,2000}){0,4})",
    re.IGNORECASE | re.MULTILINE,
)
_IN_BRACKETS: Final = re.compile(r"<([^<>]{1,998})>")
_SPACE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Head:
    """What the door knows of a mail before anybody reads it."""

    #: With brackets removed; empty when none was found.
    message_id: str = ""


def peek(raw: bytes) -> Head:
    """Look for the Message-ID in the first 64 KB of the header block: linear, never raises."""
    block = raw[:PEEK_BYTES]
    if end := _BLANK_LINE.search(block, 1):
        block = block[: end.start()]
    found = _FIELD.search(block)
    if not found:
        return Head()
    return Head(first_identifier(found[1].decode("utf-8", "replace")))


def identifiers(value: str) -> tuple[str, ...]:
    """Every message identifier of a field's value, in its order, brackets and blanks removed."""
    found = [_SPACE.sub("", name) for name in _IN_BRACKETS.findall(value)]
    if not found:
        words = (word.strip("<>,;\"'") for word in value.split())
        found = [_SPACE.sub("", word)[:998] for word in words if "@" in word]
    return tuple(name for name in found if name)


def first_identifier(value: str) -> str:
    """The identifier of a Message-ID field: bracketed, or whatever stands there."""
    found = identifiers(value)
    return found[0] if found else _SPACE.sub("", value).strip("<>")[:998]


def conversation(value: str) -> str:
    """The part of Outlook's Thread-Index that all mails of a conversation share, in hex.

    Six bytes of time, sixteen that name the conversation, then five for each answer: the time is
    left out, for Exchange writes it anew where a mail comes in without one.
    """
    try:
        data = binascii.a2b_base64(value[:1000])
    except ValueError:
        return ""
    return data[6:22].hex() if len(data) >= 22 else ""
