"""Desks and robots that answer each other: soon silent, whatever they hide (security.md G14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.utils import parseaddr
from typing import Any

import pytest

from tests.servers import desk as desks
from tests.servers import postman
from tests.servers.desk import ADDRESS, Desk, mail
from tests.servers.postman import PostOffice
from tests.servers.process import wait_until
from tests.servers.sink import Received

OTHER = "help@other.test"
ROBOT = "robot@vacation.test"
#: What a desk that keeps no rules leaves out.
_MANNERS = re.compile(
    rb"^(?:auto-submitted|x-auto-response-suppress|x-loop|in-reply-to|references|reply-to|message-id)"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with postman.running() as made:
        yield made


@contextmanager
def running(office: PostOffice, address: str) -> Iterator[Desk]:
    """A desk whose mails the post office carries."""
    more = {"POSTDESK_ADDRESSES": address}
    with desks.running(office.sink, more=more) as desk:
        office.desks[address] = desk.smtp_port
        yield desk


def settled(*found: Desk) -> None:
    """Wait until no desk has anything to do, twice: what one did may have woken another."""
    for _ in range(2):
        for desk in found:
            wait_until(lambda desk=desk: _is_idle(desk), seconds=90, what="silence")  # type: ignore[misc]


def _without_manners(carried: Received) -> tuple[str, bytes]:
    """As a desk would write that has never heard of RFC 3834: with a sender, and no mark at all."""
    raw = _MANNERS.sub(b"", carried.raw)
    sender = parseaddr(str(message_from_bytes(raw, policy=policy.default)["From"]))[1]
    return sender, raw


def _is_idle(desk: Desk) -> bool:
    waiting = [row for row in desk.arrivals() if row["state"] == "received"]
    return not waiting and all(row["state"] in {"sent", "failed"} for row in outbox(desk))


def outbox(desk: Desk) -> list[dict[str, Any]]:
    """Everything that a desk decided to send."""
    return desk.rows("outbox")


def automatic(desk: Desk, to: str) -> int:
    """How many automatic answers somebody was sent."""
    return sum(row["kind"] == "acknowledgement" and to in row["to"] for row in outbox(desk))


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("has_manners", [True, False], ids=["polite", "rude"])
def test_two_desks_fall_silent(office: PostOffice, *, has_manners: bool) -> None:
    if not has_manners:
        office.carry = _without_manners
    with running(office, ADDRESS) as one, running(office, OTHER) as other:
        one.send(mail(OTHER, "Printer", "It is broken."))
        wait_until(lambda: len(other.arrivals()) >= 1, what="the first answer")
        settled(one, other)

        assert automatic(one, OTHER) == 1
        assert automatic(other, ADDRESS) == (0 if has_manners else 1)
        for desk in (one, other):
            assert all(row["state"] == "done" for row in desk.arrivals())


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_vacation_robot_gets_one_answer_and_its_tickets_a_flag(office: PostOffice) -> None:
    def answer(got: Received) -> list[tuple[str, str, bytes]]:
        number = len(office.sink.to(ROBOT))
        away = mail(ROBOT, "Noted with thanks", f"Your mail was number {number}.")
        return [(ROBOT, ADDRESS, bytes(away))]

    office.robots[ROBOT] = answer
    with running(office, ADDRESS) as desk:
        desk.send(mail(ROBOT, "Noted with thanks", "Your mail was number 0."))
        wait_until(lambda: len(desk.arrivals()) >= 2, seconds=90, what="the robot's answer")
        settled(desk)
        for number in range(2, 5):
            desk.send(mail(ROBOT, "Noted with thanks", f"Your mail was number {number}."))
        settled(desk)

        assert automatic(desk, ROBOT) == 1
        assert "not-answered" in desk.ticket(2)["tags"]


def test_bounce_storm_is_answered_by_nobody(office: PostOffice) -> None:
    with running(office, ADDRESS) as desk:
        desk.send(mail(ROBOT, "Printer", "It is broken."))
        [ack] = desk.notices(ROBOT)
        for number in range(60):
            report = _report(number, ack["Message-ID"])
            office.hand("" if number % 3 else "mailer-daemon@mx.test", ADDRESS, report)
        settled(desk)

        fates = [row["fate"] for row in desk.arrivals()]
        assert fates == ["ticket", *["bounce"] * 60]
        assert automatic(desk, ROBOT) == 1
        assert not [row for row in outbox(desk) if "mx.test" in str(row["to"])]
        told = [row for row in outbox(desk) if row["kind"] == "undeliverable"]
        assert told == []


def _report(number: int, message_id: str) -> bytes:
    """A delivery report as a mail system writes it, at the address that everybody knows."""
    raw = (
        f"From: MAILER-DAEMON@mx.test\r\nTo: {ADDRESS}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <{number}@mx.test>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; {ROBOT}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n--b--\r\n"
    )
    assert message_from_bytes(raw.encode(), policy=policy.default).is_multipart()
    return raw.encode()
