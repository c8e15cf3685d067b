"""Abuse reports (RFC 5965): what a provider tells of those who called our mail unwanted. Pure."""

from __future__ import annotations

from typing import Final

from daemon.mail.head import first_identifier
from daemon.mail.headers import Header, split
from daemon.mail.mailbox import addresses
from daemon.mail.message import Complaint
from daemon.mail.structure import Structure

_RECIPIENTS: Final = 20
_RETURNED: Final = ("message/rfc822", "text/rfc822-headers", "message/global")


def complaint(read: Structure, header: Header) -> Complaint | None:
    """The report that a mail is, or None."""
    report = _report(read)
    # Some providers write a plain mail with this one field.
    named = [value.decode("utf-8", "replace") for value in header.all("x-hmxmroriginalrecipient")]
    if report is None and not named:
        return None
    report = report or Header()
    named += [value.decode("utf-8", "replace") for value in report.all("original-rcpt-to")]
    found = [one.address for value in named for one in addresses(value[:1000]) if one.address]
    return Complaint(
        feedback=report.text("feedback-type").lower() or "abuse",
        recipients=tuple(dict.fromkeys(found))[:_RECIPIENTS],
        source=report.text("source-ip"),
        original_message_id=_original_id(read),
    )


def _report(read: Structure) -> Header | None:
    top = read.parts[0]
    declared = top.parameters.get("report-type").lower() == "feedback-report"
    for index in read.leaves:
        part = read.parts[index]
        if part.content_type == "message/feedback-report" and (
            declared or top.content_type == "multipart/report"
        ):
            data = part.content(read.raw)
            return split(data, 0, len(data))
    return Header() if declared else None


def _original_id(read: Structure) -> str:
    for index in read.leaves:
        part = read.parts[index]
        if part.content_type in _RETURNED:
            data = part.content(read.raw)[: 64 * 1024]
            return first_identifier(split(data, 0, len(data)).text("message-id"))
    return ""
