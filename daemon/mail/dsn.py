"""The fields of a delivery report (RFC 3464 §2): one group for the mail, one for each recipient."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from daemon.mail.headers import Header, split
from daemon.mail.limits import ADDRESSES
from daemon.mail.mailbox import addresses
from daemon.mail.message import FailedRecipient
from daemon.mail.mta import ANYWHERE, STATUS
from daemon.mail.structure import Part, Structure

_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
_ARRIVED: Final = ("delivered", "relayed", "expanded")
#: A group in the middle of plain text: some systems write the report without its parts.
_INLINE: Final = re.compile(
    r"^(?:(?:original|final)-recipient|action|status):[^\n]*"
    r"(?:\n[!-9;-~]+:[^\n]*|\n[ \t]+\S[^\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_DIAGNOSTIC: Final = 300


def is_report(structure: Structure) -> bool:
    """True when the mail itself is a delivery report."""
    top = structure.parts[0]
    kind = top.parameters.get("report-type").lower()
    return kind == "delivery-status" if kind else top.content_type == "multipart/report"


def reported(structure: Structure, parts: Iterable[Part]) -> list[FailedRecipient]:
    """Whom the report's own part names, those aside whom the mail has reached."""
    found: dict[str, FailedRecipient] = {}
    for part in parts:
        if part.content_type not in _TYPES:
            continue
        mixed = part.parent < 0 or structure.parts[part.parent].content_type == "multipart/mixed"
        if mixed and not is_report(structure):
            # Somebody sends a report on: it is no report to us.
            continue
        _collect(part.content(structure.raw), found)
    return _lost(found)


def inline(text: str) -> list[FailedRecipient]:
    """Whom field groups name that stand in the text itself."""
    if "-recipient:" not in text.lower():
        return []
    found: dict[str, FailedRecipient] = {}
    for group in _INLINE.findall(text):
        _collect(group.encode("utf-8", "replace"), found)
    return _lost(found)


def _lost(found: dict[str, FailedRecipient]) -> list[FailedRecipient]:
    return [one for one in found.values() if one.action not in _ARRIVED]


def _collect(data: bytes, found: dict[str, FailedRecipient]) -> None:
    for header in _groups(data):
        recipient = _recipient(header)
        if recipient and len(found) < ADDRESSES:
            found.setdefault(recipient.address.lower(), recipient)


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
    original = _address(header.text("original-recipient"))
    actual = _address(header.text("final-recipient"))
    address = actual or original or _address(header.text("x-actual-recipient"))
    if not address:
        return None
    diagnostic = header.text("diagnostic-code").partition(";")
    said = (diagnostic[2] or diagnostic[0]).strip()
    status = STATUS.search(header.text("status")) or STATUS.search(said)
    return FailedRecipient(
        address,
        status[1] if status else "",
        header.text("action").lower().partition(" ")[0],
        original=original if original.lower() != address.lower() else "",
        diagnostic=said[:_DIAGNOSTIC],
    )


def _address(value: str) -> str:
    kind, _, address = value.rpartition(";")
    if kind.strip().lower() not in ("rfc822", "utf-8", "smtp", "x-unknown", ""):
        return ""
    found = addresses(address.strip())
    if found and "@" in found[0].address:
        return found[0].address
    anywhere = ANYWHERE.search(address)
    return anywhere[1] if anywhere else ""
