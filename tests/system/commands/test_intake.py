"""JSON on standard input becomes an arrival, once, or an error that says what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from daemon.mail.parse import parse
from daemon.store import listing
from daemon.store.engine import Store
from tests.system.commands.conftest import Command


def given_json(**values: Any) -> bytes:
    return json.dumps({"from": "Anna Lee <anna@example.org>"} | values).encode()


def test_intake_prints_the_arrival_that_it_made(store: Store, postdesk: Command) -> None:
    submission = given_json(subject="프린터", text="3층", via="chat", external_id="m1")

    result = postdesk("intake", stdin=submission)

    assert (result.code, result.out) == (0, "1\n")
    (arrived,) = postdesk("inbox", "list", "--json").lines
    assert (arrived["id"], arrived["source"]) == (1, "intake")
    assert (arrived["from"], arrived["recipients"]) == ("anna@example.org", ["help@localhost"])
    assert arrived["trusted"]
    with store.read() as tx:
        message = parse(listing.arrival_raw(tx, 1))
    assert (message.subject, message.text.strip()) == ("프린터", "3층")
    assert message.message_id == arrived["message_id"]
    assert message.header("X-Postdesk-Via") == "chat"


def test_intake_of_the_same_id_is_one_arrival(store: Store, postdesk: Command) -> None:
    again = [
        postdesk("intake", stdin=given_json(text=text, via=via, external_id=17)).out
        for text, via in (("one", "chat"), ("one, edited", "chat"), ("other", "portal"))
    ]

    assert again[0] == again[1] != again[2]
    assert len(list(listing.arrivals(store))) == 2


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "standard input is no JSON"),
        (b'{"subject": "x"}', "from is missing"),
        (given_json(sujbect="x"), "unknown key 'sujbect'; did you mean subject?"),
        (given_json(text="x" * 2000), "more than 1000 bytes"),
    ],
)
def test_intake_refuses_in_words(store: Store, postdesk: Command, raw: bytes, words: str) -> None:
    result = postdesk("intake", stdin=raw, POSTDESK_LIMITS__MESSAGE_BYTES="1000")

    assert (result.code, result.out) == (65, "")
    assert words in result.err
    assert list(listing.arrivals(store)) == []
