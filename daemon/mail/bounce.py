"""Delivery reports: RFC 3464, X-Failed-Recipients, and the plain-text kinds. Pure, linear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from daemon.mail import encoded
from daemon.mail.head import first_identifier
from daemon.mail.headers import Header, split
from daemon.mail.limits import ADDRESSES, FIELD_BYTES, LIST_FIELD_BYTES
from daemon.mail.mailbox import addresses
from daemon.mail.message import Bounce, FailedRecipient
from daemon.mail.structure import Part, Structure

_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+=#&'/~-]{1,64}@[A-Za-z0-9.-]{1,190}[A-Za-z0-9]")
_SENDER: Final = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|mail[-_.]?delivery|mailerdaemon|bounces?)\b", re.IGNORECASE
)
_SUBJECT: Final = re.compile(
    r"undeliver|non[- ]?deliver|not delivered|returned (?:mail|to sender|message)|"
    r"(?:mail|message|delivery)[ -](?:delivery )?(?:fail|error|status|problem|system)|"
    r"fail(?:ed|ure) (?:notice|mail|to deliver|delivery)|unzustellbar|unbekannt|nicht zustell|"
    r"delivery (?:has )?(?:fail|report|delay|notification|error)|could not be delivered|"
    r"user unknown|no such user|undelivered|전송 ?실패|반송|배달.{0,4}실패|退信|未送達|配信不能|"
    r"échec|non remis|no se (?:ha )?(?:puede|pudo) entregar|não entregue|mancata consegna",
    re.IGNORECASE,
)
#: Where the report ends and the returned mail begins.
_RETURNED: Final = re.compile(
    r"^\W{0,60}(?:this is a copy of|original message|below (?:this line )?is (?:a|the) copy|"
    r"(?:the )?(?:original|returned|unsent|your) (?:message|mail)(?: headers)? (?:follows|below|is)|"
    r"message (?:header|text) follows|included is a copy|copy of (?:the|your) (?:original )?message|"
    r"(?:the )?headers? (?:of )?(?:the )?(?:message )?follow|received: |return-path: )",
    re.IGNORECASE | re.MULTILINE,
)
_NOISE: Final = re.compile(r"(?:mailer-daemon|postmaster|abuse|support|helpdesk)@", re.IGNORECASE)


def bounce(structure: Structure, header: Header, text: str) -> Bounce | None:
    """The report that a mail is, or None; a person who forwards a report is a person."""
    parts = [structure.parts[index] for index in structure.leaves]
    recipients = _reported(structure, parts)
    if not recipients:
        recipients = _named(header)
    if not recipients and _looks_like_one(structure, header):
        recipients = _told(header, text)
        if not recipients and not _is_report(structure):
            return None
    elif not recipients:
        return None
    original = _original_id(structure, parts, text)
    return Bounce(recipients=tuple(recipients), original_message_id=original)


def _is_report(structure: Structure) -> bool:
    top = structure.parts[0]
    return (
        top.content_type == "multipart/report"
        and top.parameters.get("report-type").lower() != "disposition-notification"
    )


def _reported(structure: Structure, parts: Iterable[Part]) -> list[FailedRecipient]:
    """From message/delivery-status: one group of fields a recipient (RFC 3464 §2.1)."""
    found: dict[str, FailedRecipient] = {}
    for part in parts:
        if part.content_type not in ("message/delivery-status", "message/global-delivery-status"):
            continue
        if part.parent < 0 or structure.parts[part.parent].content_type == "multipart/mixed":
            # Somebody sends a report on: it is no report to us.
            if not _is_report(structure):
                continue
        data = part.content(structure.raw)
        for header in _groups(data):
            recipient = _recipient(header)
            if recipient and len(found) < ADDRESSES:
                found.setdefault(recipient.address.lower(), recipient)
    return [one for one in found.values() if one.action not in ("delivered", "relayed", "expanded")]


def _groups(data: bytes) -> Iterable[Header]:
    at = 0
    for _ in range(ADDRESSES):
        if at >= len(data):
            return
        header = split(data, at, len(data))
        if header.body <= at:
            return
        at = header.body
        yield header


def _recipient(header: Header) -> FailedRecipient | None:
    value = header.text("original-recipient") or header.text("final-recipient")
    final = header.text("final-recipient")
    for candidate in (final, value, header.text("x-actual-recipient")):
        kind, _, address = candidate.rpartition(";")
        if kind.strip().lower() in ("rfc822", "utf-8", "") and (
            found := addresses(address.strip())
        ):
            status = _STATUS.search(header.text("status")) or _STATUS.search(
                header.text("diagnostic-code")
            )
            action = header.text("action").lower().partition(" ")[0]
            return FailedRecipient(found[0].address, status[1] if status else "", action)
    return None


def _named(header: Header) -> list[FailedRecipient]:
    value = encoded.text(header.first("x-failed-recipients")[:LIST_FIELD_BYTES])
    return [FailedRecipient(one.address, "", "failed") for one in addresses(value) if one.address]


def _looks_like_one(structure: Structure, header: Header) -> bool:
    """True for a report in prose: a system wrote it, about a mail that did not arrive."""
    if _is_report(structure):
        return True
    sender = encoded.text(header.first("from")[:FIELD_BYTES])
    null = header.first("return-path").replace(b" ", b"") == b"<>"
    if not (_SENDER.search(sender) or null):
        return False
    return bool(_SUBJECT.search(header.text("subject")))


def _told(header: Header, text: str) -> list[FailedRecipient]:
    """The addresses that the report's prose names, before it quotes the mail."""
    prose = text[:20_000]
    if returned := _RETURNED.search(prose):
        prose = prose[: returned.start()]
    ours = {
        one.address.lower() for one in addresses(encoded.text(header.first("to")[:FIELD_BYTES]))
    }
    status = _STATUS.search(prose)
    found: dict[str, FailedRecipient] = {}
    for address in _ADDRESS.findall(prose):
        key = address.strip(".'").lower()
        if key not in ours and not _NOISE.match(key):
            found.setdefault(
                key, FailedRecipient(address.strip(".'"), status[1] if status else "", "failed")
            )
    return list(found.values())[:50]


def _original_id(structure: Structure, parts: Iterable[Part], text: str) -> str:
    """The Message-ID of the mail that was returned, whole or only its header."""
    for part in parts:
        if part.content_type in ("message/rfc822", "text/rfc822-headers", "message/global"):
            data = part.content(structure.raw)[: 64 * 1024]
            returned = split(data, 0, len(data))
            if found := first_identifier(returned.text("message-id")):
                return found
    found_line = re.search(
        r"^[ >]{0,4}message-id: ?([^\n]{1,998})", text, re.IGNORECASE | re.MULTILINE
    )
    return first_identifier(found_line[1]) if found_line else ""
