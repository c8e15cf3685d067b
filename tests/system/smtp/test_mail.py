"""One mail through the listener: what is stored is what came."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from daemon.arrival import Source
from tests.system.smtp.house import House, ListDoor


def _send(house: House, raw: bytes, protocol: str = "smtp") -> str:
    with house.connect(protocol) as wire:
        wire.open_mail("LHLO me" if protocol == "lmtp" else "EHLO me")
        wire.send(raw + b".\r\n")
        return wire.reply()


def test_mail_is_stored_with_its_envelope(house: House, door: ListDoor) -> None:
    reply = _send(house, b"x\r\n")

    (arrival,) = door.taken
    assert arrival.source is Source.SMTP
    assert arrival.envelope.sender == "ann@example.org"
    assert arrival.envelope.recipients == ("help@localhost",)
    assert arrival.envelope.peer == "127.0.0.1"
    assert arrival.envelope.trusted
    assert arrival.envelope.login == ""
    assert abs(datetime.now(UTC) - arrival.received_at) < timedelta(minutes=1)
    assert re.fullmatch("[0-9a-v]{26}", arrival.source_key)
    assert reply == f"250 2.0.0 queued as {arrival.source_key}"


def test_mail_by_lmtp_says_so(house: House, door: ListDoor) -> None:
    _send(house, b"x\r\n", "lmtp")

    assert door.taken[0].source is Source.LMTP


def test_same_mail_twice_has_two_keys(house: House, door: ListDoor) -> None:
    _send(house, b"x\r\n")
    _send(house, b"x\r\n")

    assert len({arrival.source_key for arrival in door.taken}) == 2


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_trust_is_what_the_settings_say(
    protocol: str, trusted: bool, start: Callable[..., House], door: ListDoor
) -> None:
    _send(start(**{protocol: {"trusted": trusted}}), b"x\r\n", protocol)

    assert door.taken[0].envelope.trusted is trusted


def test_accepted_mail_is_logged_without_its_text(house: House, door: ListDoor) -> None:
    _send(house, b"Subject: secret\r\n\r\nhush\r\n")

    (line,) = house.events("mail_accepted")
    assert line["id"] == 1
    assert line["source_key"] == door.taken[0].source_key
    assert (line["size"], line["peer"], line["recipients"]) == (25, "127.0.0.1", 1)
    assert "secret" not in str(house.lines)
    assert "hush" not in str(house.lines)


def test_smtplib_is_understood(house: House, door: ListDoor) -> None:
    with smtplib.SMTP(*house.place()) as client:
        client.ehlo()
        assert int(client.esmtp_features["size"]) == 25 * 1024 * 1024
        client.sendmail("ann@example.org", ["help@localhost"], "Subject: a\n\n.b\nc\n")
        client.sendmail(
            "안나@예시.한국",
            ["help@localhost"],
            "제목".encode(),
            mail_options=["SMTPUTF8", "BODY=8BITMIME"],
        )

    assert [each.raw for each in door.taken] == [
        b"Subject: a\r\n\r\n.b\r\nc\r\n",
        "제목\r\n".encode(),
    ]


def test_line_of_any_length_is_taken_as_it_is(house: House, door: ListDoor) -> None:
    raw = b"x" * 3_000_000 + b"\r\n" + b"y" * 70_000 + b"\r\n"

    assert _send(house, raw).startswith("250")
    assert door.taken[0].raw == raw


def test_every_byte_is_taken_as_it_is(house: House, door: ListDoor) -> None:
    raw = bytes(range(256)) * 300 + b"\n\n.\n\r\r.\r\r\n"

    assert _send(house, raw).startswith("250")
    assert door.taken[0].raw == raw


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_dots_are_right_wherever_the_network_cuts(
    loop: str, start: Callable[..., House], door: ListDoor
) -> None:
    house = start(loop=loop)
    sent = b"a\r\n..\r\n..b\r\n\r\n.\r\nNOOP\r\n"
    with house.connect() as wire:
        wire.open_mail()
        for index in range(len(sent)):
            wire.send(sent[index : index + 1])
        assert wire.reply().startswith("250 2.0.0 queued")
        assert wire.reply() == "250 2.0.0 ok"

    assert door.taken[0].raw == b"a\r\n.\r\n.b\r\n\r\n"


def test_mail_of_exactly_the_limit_is_taken(start: Callable[..., House], door: ListDoor) -> None:
    house = start(limits={"message_bytes": 200_000})
    raw = (b"x" * 98 + b"\r\n") * 2000

    assert _send(house, raw).startswith("250")
    assert _send(house, b"y" + raw).startswith("552 5.3.4")
    # The dot that its sender had to add does not count.
    assert _send(house, b".." + raw[1:]).startswith("250")
    assert [len(each.raw) for each in door.taken] == [200_000, 200_000]
