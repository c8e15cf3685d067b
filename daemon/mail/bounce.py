"""Delivery reports: RFC 3464, X-Failed-Recipients, and those in prose. Pure, linear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from daemon.mail import dsn, encoded, mta, prose, structure
from daemon.mail.head import first_identifier
from daemon.mail.headers import Header, split
from daemon.mail.limits import FIELD_BYTES, LIST_FIELD_BYTES
from daemon.mail.mailbox import addresses
from daemon.mail.message import Bounce, FailedRecipient
from daemon.mail.origin import value_token
from daemon.mail.structure import Part, Structure

_RETURNED: Final = ("message/rfc822", "text/rfc822-headers", "message/global", "text/rfc822-header")
_RETURNED_BYTES: Final = 64 * 1024
_MESSAGE_ID: Final = re.compile(
    r"^[ >]{0,4}message-id: ?([^\n]{1,998})", re.IGNORECASE | re.MULTILINE
)


def bounce(read: Structure, header: Header, text: str) -> Bounce | None:
    """The report that a mail is, or None; a person who forwards a report is a person.

    Without recipients it is known that something did not arrive, but not to whom.
    """
    parts = [read.parts[index] for index in read.leaves]
    recipients = dsn.reported(read, parts) or _named(header)
    if not recipients:
        if not _looks_like_one(read, header, text):
            return None
        ours = frozenset(one.address.lower() for one in addresses(_field(header, "to")))
        recipients = dsn.inline(text) or prose.unreached(text, ours) or _wrapped(read, parts)
    return Bounce(recipients=tuple(recipients), original_message_id=_original_id(read, parts, text))


def _field(header: Header, name: str) -> str:
    return encoded.text(header.first(name)[:FIELD_BYTES])


def _named(header: Header) -> list[FailedRecipient]:
    value = encoded.text(header.first("x-failed-recipients")[:LIST_FIELD_BYTES])
    return [FailedRecipient(one.address, "", "failed") for one in addresses(value) if one.address]


def _wrapped(read: Structure, parts: Iterable[Part]) -> list[FailedRecipient]:
    """From a report that a gateway has wrapped into another mail."""
    for part in parts:
        if part.content_type == "message/rfc822":
            inner = structure.read(part.content(read.raw))
            leaves = [inner.parts[index] for index in inner.leaves]
            if found := dsn.reported(inner, leaves):
                return found
    return []


def _looks_like_one(read: Structure, header: Header, text: str) -> bool:
    """True for a report in prose: a system wrote it, about a mail that did not arrive."""
    if dsn.is_report(read):
        return True
    sender = encoded.text(header.first("from")[:FIELD_BYTES])
    if mta.is_system(sender) or sender.replace(" ", "") == "<>":
        return _speaks(header) or bool(mta.PHRASE.search(text[: prose.PROSE]))
    null = header.first("return-path").replace(b" ", b"") == b"<>"
    if null or value_token(header.text("auto-submitted")).startswith("auto-gen"):
        return _speaks(header)
    return (
        _speaks(header)
        and not mta.FORWARDED.match(header.text("subject"))
        and prose.is_unmistakable(text)
    )


def _speaks(header: Header) -> bool:
    return mta.tells_of_failure(header.text("subject"))


def _original_id(read: Structure, parts: Iterable[Part], text: str) -> str:
    """The Message-ID of the mail that was returned, whole or only its header."""
    for part in parts:
        if part.content_type in _RETURNED:
            data = part.content(read.raw)[:_RETURNED_BYTES]
            if found := first_identifier(split(data, 0, len(data)).text("message-id")):
                return found
    found_line = _MESSAGE_ID.search(text)
    return first_identifier(found_line[1]) if found_line else ""
