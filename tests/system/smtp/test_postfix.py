"""A real MTA in front: Postfix hands mail on by LMTP, and keeps what we put off."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

from daemon.errors import StoreBusy
from tests.servers import postfix
from tests.system.smtp.house import House, ListDoor, wait_until

_DESK = {"addresses": ["help@desk.test", "it@desk.test"]}


def test_postfix_delivers_by_lmtp_and_tries_again(
    start: Callable[..., House], door: ListDoor
) -> None:
    house = start(**_DESK)
    _, port = house.place("lmtp")
    with postfix.running(lmtp_port=port) as mta:
        door.failure = StoreBusy("away")
        with smtplib.SMTP("127.0.0.1", mta.port, local_hostname="tests") as client:
            client.sendmail(
                "ann@example.org",
                ["help+x@desk.test", "it@desk.test", "nobody@desk.test"],
                "Subject: printer\n\n.\nIt burns.\n",
            )
        # All recipients of the mail were put off, each by an answer of its own.
        wait_until(lambda: mta.log.count("451 4.3.0") >= 2, what="deferral")
        assert not door.taken
        door.failure = None
        wait_until(lambda: mta.log.count("status=sent") >= 2, what="delivery")
        # The one that is not ours comes back to its sender at once.
        wait_until(lambda: "status=bounced" in mta.log, what="bounce")
        assert "550 5.7.1" in mta.log

    got = sorted(each for arrival in door.taken for each in arrival.envelope.recipients)
    assert got == ["help+x@desk.test", "it@desk.test"]
    assert all(each.raw.endswith(b"\r\n\r\n.\r\nIt burns.\r\n") for each in door.taken)
