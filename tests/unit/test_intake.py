"""JSON in, a mail out: what is taken, what is refused in words, and that nothing gets between."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.arrival import Source
from daemon.errors import NotUnderstood
from daemon.intake import arrival, compose, read
from daemon.mail.parse import parse

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HEADERS = {
    "from", "to", "subject", "date", "message-id", "x-postdesk-via", "content-type",
    "content-transfer-encoding", "mime-version",
}  # fmt: skip


def given_json(**values: Any) -> bytes:
    return json.dumps({"from": "anna@example.org"} | values).encode()


def test_read_takes_all_keys() -> None:
    submission = read(
        given_json(
            **{"from": "Anna Lee <anna@Example.org>"},
            subject="VPN",
            text="down",
            via="chat",
            external_id=17,
        )
    )

    assert (submission.address, submission.name) == ("anna@example.org", "Anna Lee")
    assert (submission.subject, submission.text) == ("VPN", "down")
    assert (submission.via, submission.external_id) == ("chat", "17")


def test_read_asks_for_from_only() -> None:
    submission = read(b'{"from": "anna@example.org", "subject": null}')

    assert (submission.via, submission.subject, submission.external_id) == ("intake", "", "")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no JSON at line 1"),
        (b"{\n,", "no JSON at line 2"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "expected one JSON object, as {'from': …}, not a list"),
        (b"null", "not null"),
        (b"{}", "from is missing; expected an address"),
        (given_json(**{"from": ""}), "from is missing"),
        (given_json(**{"from": 7}), "from: expected a text, not a number"),
        (given_json(**{"from": "Anna"}), "from: expected an address"),
        (given_json(**{"from": "a@x.example, b@x.example"}), "from: expected an address"),
        (given_json(**{"from": "a@x.example\r\nBcc: b@x.example"}), "from: expected an address"),
        (given_json(subject=["a"]), "subject: expected a text, not a list"),
        (given_json(text=True), "text: expected a text, not true or false"),
        (given_json(text={}), "text: expected a text, not an object"),
        (given_json(via="A b"), "via: expected a word"),
        (given_json(via="x" * 17), "via: expected a word"),
        (given_json(external_id="a\nb"), "external_id: expected one line"),
        (given_json(external_id="x" * 401), "external_id: expected one line"),
        (given_json(external_id=True), "external_id: expected a text"),
        (given_json(subjekt="x"), "unknown key 'subjekt'; did you mean subject?"),
        (given_json(zzz="x"), "unknown key 'zzz'; expected from, subject"),
    ],
)
def test_read_says_which_key_and_what_was_expected(raw: bytes, words: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(raw)

    assert words in str(caught.value)


def test_compose_makes_a_mail_that_we_read_back() -> None:
    submission = read(
        given_json(
            **{"from": "김민수 <minsu@example.org>"},
            subject="프린터가 안 됩니다",
            text="3층\n프린터",
            via="chat",
        )
    )

    message = parse(compose(submission, "help@example.org", now=NOW, unique="intake.1"))

    assert message.from_ is not None
    assert (message.from_.address, message.from_.name) == ("minsu@example.org", "김민수")
    assert message.from_is_strict
    assert message.subject == "프린터가 안 됩니다"
    assert message.text.splitlines() == ["3층", "프린터"]
    assert message.message_id == "intake.1@example.org"
    assert message.header("X-Postdesk-Via") == "chat"
    assert message.date == NOW
    assert message.automatic is None
    assert not message.forbids_answer


_ANY = st.text(alphabet=st.characters(exclude_categories=[]), max_size=80)


@given(name=_ANY, subject=_ANY, text=_ANY)
def test_compose_lets_nobody_add_a_header(name: str, subject: str, text: str) -> None:
    quoted = name.replace("\\", "").replace('"', "")
    try:
        submission = read(
            given_json(**{"from": f'"{quoted}" <a@x.example>'}, subject=subject, text=text)
        )
    except NotUnderstood:
        return

    raw = compose(submission, "help@example.org", now=NOW, unique="intake.1")

    message = parse(raw)
    assert {name for name, _ in message.headers} == HEADERS
    assert len(message.headers) == len(HEADERS)
    assert message.from_ is not None
    assert message.from_.address == "a@x.example"
    assert [to.address for to in message.to] == ["help@example.org"]


_WRITTEN = st.one_of(st.just("\n"), st.characters(categories=["L", "N", "P", "S", "Zs"]))


@given(text=st.text(alphabet=_WRITTEN, max_size=300))
def test_compose_keeps_the_text(text: str) -> None:
    submission = read(given_json(text=text))

    message = parse(compose(submission, "help@example.org", now=NOW, unique="intake.1"))

    assert message.text.split() == submission.text.split()


def test_arrival_of_the_same_id_is_the_same_arrival() -> None:
    submission = read(given_json(via="chat", external_id="msg-1"))

    first = arrival(submission, "help@example.org", now=NOW)
    again = arrival(submission, "help@example.org", now=NOW)

    assert first == again
    assert first.source is Source.INTAKE
    assert first.source_key == "intake:chat:msg-1"
    assert first.envelope.trusted
    assert first.envelope.recipients == ("help@example.org",)


def test_arrival_without_an_id_is_always_another() -> None:
    submission = read(given_json())

    first = arrival(submission, "help@example.org", now=NOW)
    second = arrival(submission, "help@example.org", now=NOW)

    assert first.source_key != second.source_key
    assert first.raw != second.raw
