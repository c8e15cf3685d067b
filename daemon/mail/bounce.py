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
from daemon.mail.origin import value_token
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
    r"(?:the )?(?:original|returned|unsent|your) (?:message|mail)(?: headers)? "
    r"(?:follows|below|is)|message (?:header|text) follows|included is a copy|"
    r"copy of (?:the|your) (?:original )?message|"
    r"(?:the )?headers? (?:of )?(?:the )?(?:message )?follow|received: |return-path: )",
    re.IGNORECASE | re.MULTILINE,
)
_PHRASE: Final = re.compile(
    r"\b(?:could|can|was|did|has|is)\s?(?:not|n't|n’t) (?:be(?:en)? )?(?:able to )?"
    r"(?:deliver|reach)|has been returned|unable to deliver|undeliver|"
    r"delivery (?:fail|error)|permanent error",
    re.IGNORECASE,
)
#: What leads to the list of those who were not reached.
_LEAD: Final = re.compile(
    r"(?:following|these) (?:recipient|address)\S*[^\n]{0,60}\n|intended recipient:",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"^[ >\t]{0,4}to: ?([^\n]{1,500})", re.IGNORECASE | re.MULTILINE)
_X400: Final = re.compile(r"^(?:SMTP|RFC-?822)=", re.IGNORECASE)
_PROSE: Final = 20_000
_NOISE: Final = re.compile(r"(?:mailer-daemon|postmaster|abuse|support|helpdesk)@", re.IGNORECASE)


def bounce(structure: Structure, header: Header, text: str) -> Bounce | None:
    """The report that a mail is, or None; a person who forwards a report is a person.

    Without recipients it is known that something did not arrive, but not to whom.
    """
    parts = [structure.parts[index] for index in structure.leaves]
    recipients = _reported(structure, parts) or _named(header)
    if not recipients:
        if not _looks_like_one(structure, header, text):
            return None
        recipients = _told(header, text)
    original = _original_id(structure, parts, text)
    return Bounce(recipients=tuple(recipients), original_message_id=original)


def _is_report(structure: Structure) -> bool:
    top = structure.parts[0]
    kind = top.parameters.get("report-type").lower()
    if kind:
        return kind == "delivery-status"
    return top.content_type == "multipart/report"


def _reported(structure: Structure, parts: Iterable[Part]) -> list[FailedRecipient]:
    """From message/delivery-status: one group of fields a recipient (RFC 3464 §2.1)."""
    found: dict[str, FailedRecipient] = {}
    for part in parts:
        if part.content_type not in ("message/delivery-status", "message/global-delivery-status"):
            continue
        mixed = part.parent < 0 or structure.parts[part.parent].content_type == "multipart/mixed"
        if mixed and not _is_report(structure):
            # Somebody sends a report on: it is no report to us.
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


def _looks_like_one(structure: Structure, header: Header, text: str) -> bool:
    """True for a report in prose: a system wrote it, about a mail that did not arrive."""
    if _is_report(structure):
        return True
    subject = header.text("subject")
    if _SENDER.search(encoded.text(header.first("from")[:FIELD_BYTES])):
        return bool(_SUBJECT.search(subject) or _PHRASE.search(text[:_PROSE]))
    null = header.first("return-path").replace(b" ", b"") == b"<>"
    generated = value_token(header.text("auto-submitted")) == "auto-generated"
    return (null or generated) and bool(_SUBJECT.search(subject))


def _told(header: Header, text: str) -> list[FailedRecipient]:
    """The addresses that the report's prose names, before it quotes the mail."""
    prose, returned = text[:_PROSE], ""
    if found := _RETURNED.search(prose):
        prose, returned = prose[: found.start()], prose[found.start() :]
    if lead := _LEAD.search(prose):
        prose = prose[lead.end() :]
    ours = {
        one.address.lower() for one in addresses(encoded.text(header.first("to")[:FIELD_BYTES]))
    }
    return _named_in(prose, ours) or _named_in(" ".join(_TO.findall(returned)), ours)


def _named_in(prose: str, ours: set[str]) -> list[FailedRecipient]:
    status = _STATUS.search(prose)
    out: dict[str, FailedRecipient] = {}
    for found in _ADDRESS.findall(prose):
        address = _X400.sub("", found).strip(".'")
        if address.lower() not in ours and not _NOISE.match(address):
            out.setdefault(
                address.lower(), FailedRecipient(address, status[1] if status else "", "failed")
            )
    return list(out.values())[:50]


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
