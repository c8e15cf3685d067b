"""The way out, against a real SMTP server: in one go where it may, step by step where it must."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from daemon.clock import SystemClock
from daemon.errors import PermanentFailure, TemporaryFailure
from daemon.settings import Delivery
from daemon.store.outbox import Leased, OutboxId
from tests.servers import sink as sinks
from tests.servers.sink import Behaviour, Sink
from workers.smarthost import Smarthost

_RAW = b"Subject: dots\r\n\r\n.\r\n..two\r\n.one\r\nend\r\n"
_MAIL = Leased(
    id=OutboxId(1),
    created_at=datetime(2026, 3, 2, tzinfo=UTC),
    kind="public_reply",
    ticket=1,
    message_id="a@b",
    recipient="anna@client.test",
    sender="help+b1@desk.test",
    is_automatic=False,
    attempts=0,
    is_unsure=False,
    raw=_RAW,
)


@pytest.fixture(params=[True, False], ids=["pipelining", "stepwise"])
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    with sinks.running() as server:
        server.pipelining = request.param
        yield server


@pytest.fixture
def smarthost(sink: Sink) -> Iterator[Smarthost]:
    carrier = Smarthost(Delivery(smarthost=sink.url), SystemClock(), "desk.test")
    carrier.open()
    yield carrier
    carrier.close()


def test_a_mail_arrives_as_it_is(sink: Sink, smarthost: Smarthost) -> None:
    assert smarthost.send(_MAIL).startswith("250")
    assert smarthost.send(replace(_MAIL, sender="", recipient="jürgen@client.test"))

    first, second = sink.mails
    assert (first.sender, first.recipients) == ("help+b1@desk.test", ("anna@client.test",))
    assert (first.raw, second.raw) == (_RAW, _RAW)
    assert second.recipients == ("jürgen@client.test",)
    assert sink.connections == 1


def test_a_dot_at_the_very_beginning_and_a_quoted_address_arrive(
    sink: Sink, smarthost: Smarthost
) -> None:
    raw = b".\r\n" + _RAW

    smarthost.send(replace(_MAIL, raw=raw, recipient='"anna b"@client.test'))

    [mail] = sink.mails
    assert mail.raw == raw
    assert mail.recipients == ('"anna b"@client.test',)


@pytest.mark.parametrize(
    ("behaviour", "trouble"),
    [
        (Behaviour.REFUSE, PermanentFailure),
        (Behaviour.DEFER, TemporaryFailure),
        (Behaviour.REFUSE_DATA, PermanentFailure),
        (Behaviour.DEFER_DATA, TemporaryFailure),
    ],
)
def test_a_refused_mail_leaves_the_connection_fit_for_the_next(
    sink: Sink, smarthost: Smarthost, behaviour: Behaviour, trouble: type[Exception]
) -> None:
    sink.behaviour = behaviour
    with pytest.raises(trouble):
        smarthost.send(_MAIL)

    sink.behaviour = Behaviour.ACCEPT
    smarthost.open()
    smarthost.send(_MAIL)

    assert [mail.recipients for mail in sink.mails] == [("anna@client.test",)]
    assert sink.connections == 1


def test_an_address_with_a_line_break_says_nothing_to_the_server(
    sink: Sink, smarthost: Smarthost
) -> None:
    with pytest.raises(PermanentFailure):
        smarthost.send(replace(_MAIL, recipient="a@b.test>\r\nRCPT TO:<evil@x.test"))

    assert sink.mails == ()
