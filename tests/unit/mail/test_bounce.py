"""Delivery reports of many systems, and what only resembles one."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.mail.message import Bounce
from daemon.mail.parse import parse
from tests.unit.mail.mails import multipart, plain

#: One mail a system or a kind of wording; its first field names who was not reached.
_REPORTS = sorted((Path(__file__).parents[2] / "mails" / "reports").glob("*.eml"))


def _bounce(raw: bytes) -> Bounce:
    found = parse(raw).bounce
    assert found is not None
    return found


def _report(text: str) -> bytes:
    head = b"From: MAILER-DAEMON@x.org\nTo: desk@example.org\nSubject: Undelivered Mail\n\n"
    return head + text.encode()


@pytest.mark.parametrize("path", _REPORTS, ids=lambda path: path.stem)
def test_report_in_prose_names_who_was_not_reached(path: Path) -> None:
    message = parse(path.read_bytes())

    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == [message.header("x-unreached")]


@pytest.mark.parametrize(
    ("text", "status", "action"),
    [
        ("<joe@x.org>: 550 5.1.1 no such user", "5.1.1", "failed"),
        ("<joe@x.org>: 550 no such user", "5.0.0", "failed"),
        ("<joe@x.org>: 451 4.7.1 try again, will be retried for 3 days", "4.7.1", "delayed"),
        ("<joe@x.org>: no reason given", "", "failed"),
    ],
)
def test_report_in_prose_says_why(text: str, status: str, action: str) -> None:
    (one,) = _bounce(_report(f"These recipients were not reached:\n\n{text}\n")).recipients

    assert (one.status, one.action) == (status, action)


def test_several_recipients_each_have_their_own_status() -> None:
    text = (
        "I wasn't able to deliver your message to the following addresses.\n\n"
        "<joe@x.org>:\n550 5.1.1 unknown\n\n<ann@x.org>:\n552 5.2.2 full\n"
    )

    found = _bounce(_report(text))

    assert [(one.address, one.status) for one in found.recipients] == [
        ("joe@x.org", "5.1.1"),
        ("ann@x.org", "5.2.2"),
    ]


def test_report_names_the_first_recipient_and_what_the_other_side_said() -> None:
    status = (
        b"Reporting-MTA: dns; mx\r\n\r\nOriginal-Recipient: rfc822;team@x.org\r\n"
        b"Final-Recipient: rfc822;joe@x.org\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        b"Diagnostic-Code: smtp; 552 mailbox\r\n full\r\n"
    )
    raw = multipart(
        'report; report-type="delivery-status"',
        ("Content-Type: text/plain", b"Sorry."),
        ("Content-Type: message/delivery-status", status),
    )

    (one,) = _bounce(raw).recipients

    assert (one.address, one.original, one.diagnostic) == (
        "joe@x.org",
        "team@x.org",
        "552 mailbox full",
    )


def test_quoted_local_part_keeps_its_quotes() -> None:
    raw = multipart(
        'report; report-type="delivery-status"',
        (
            "Content-Type: message/delivery-status",
            b'Final-Recipient: rfc822; "joe..x"@x.org\r\nAction: failed\r\nStatus: 5.1.1\r\n',
        ),
    )

    assert [one.address for one in _bounce(raw).recipients] == ['"joe..x"@x.org']


def test_fields_of_a_report_without_its_parts_are_read() -> None:
    text = (
        "The following addresses had errors:\n|program #joe\n\n"
        "Reporting-MTA: dns; mx\n\nFinal-Recipient: RFC822; joe@x.org\nAction: failed\n"
        "Status: 5.5.0\n"
    )

    found = _bounce(_report(text))

    assert [(one.address, one.status) for one in found.recipients] == [("joe@x.org", "5.5.0")]


def test_report_that_a_gateway_wrapped_is_read() -> None:
    inner = multipart(
        "report; report-type=delivery-status",
        (
            "Content-Type: message/delivery-status",
            b"Final-Recipient: rfc822;joe@x.org\r\nAction: failed\r\n",
        ),
    ).replace(b"=b=", b"inner")
    raw = multipart("mixed; report-type=delivery-status", ("Content-Type: message/rfc822", inner))

    assert [one.address for one in _bounce(raw).recipients] == ["joe@x.org"]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Mail not delivered", "Hello,\nmy mail to joe@x.org was not delivered.\nJane"),
        ("Fwd: Undelivered Mail", "Your message could not be delivered to\njoe@x.org\n"),
        ("Mail problem", "My mail could not be delivered to joe@x.org, please help."),
        ("Message could not be delivered", "I get this: 550 5.1.1 joe@x.org user unknown"),
        ("Mailbox full", "Please give me more room."),
        ("Delivery problem", "The parcel was not delivered to the third floor."),
    ],
)
def test_person_who_writes_about_lost_mail_is_a_person(subject: str, text: str) -> None:
    message = parse(plain(text).replace(b"Printer", subject.encode()))

    assert message.bounce is None
    assert message.automatic is None
