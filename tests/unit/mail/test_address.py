"""Signed addresses, what they prove, and where a mail belongs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.arrival import Envelope
from daemon.mail.address import (
    Purpose,
    Token,
    extension_of,
    message_id,
    plus_address,
    sign,
    token_of_message_id,
    verify,
)
from daemon.mail.message import Address, Message
from daemon.mail.thread import evidence, subject_numbers

KEY = (b"k" * 32,)
DESK = ("help@example.org", "it@example.org")
TOKEN = Token(Purpose.REPLY, 48213, 32)
_NUMBERS = st.integers(min_value=0, max_value=10**17)
_TOKENS = st.builds(Token, st.sampled_from(Purpose), _NUMBERS, _NUMBERS, _NUMBERS)


@given(st.binary(min_size=16, max_size=64), _TOKENS)
def test_token_survives_the_way(key: bytes, token: Token) -> None:
    assert verify((key,), sign((key,), token)) == token
    assert verify((key,), sign((key,), token).upper()) == token


def test_old_key_is_believed_until_it_is_taken_away() -> None:
    old, new = b"o" * 32, b"n" * 32
    given = sign((old,), TOKEN)

    assert verify((new, old), given) == TOKEN
    assert sign((new, old), TOKEN) == sign((new,), TOKEN)
    assert verify((new,), given) is None


@given(_TOKENS, st.data())
def test_altered_token_is_refused(token: Token, data: st.DataObject) -> None:
    text = sign(KEY, token)
    at = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefghijklmnopqrstuvwxyz.-+@ "))
    altered = text[:at] + other + text[at + 1 :]

    assert altered == text or verify(KEY, altered) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "48213",
        sign(KEY, TOKEN)[:-1],
        sign(KEY, TOKEN) + "a",
        "0" + sign(KEY, TOKEN),
        " " + sign(KEY, TOKEN),
        sign((b"other",), TOKEN),
        sign(KEY, TOKEN).replace("a", "а"),
    ],
)
def test_foreign_token_is_refused(text: str) -> None:
    # The last one has a Cyrillic letter, unless the signature has no "a".
    assert verify(KEY, text) is None or text == sign(KEY, TOKEN)


def test_signature_covers_every_field() -> None:
    variants = [
        TOKEN,
        Token(Purpose.NOTE, 48213, 32),
        Token(Purpose.REPLY, 48214, 32),
        Token(Purpose.REPLY, 48213, 33),
        Token(Purpose.REPLY, 48213, 32, 1),
    ]

    macs = {sign(KEY, token).rpartition(".")[2] for token in variants}

    assert len(macs) == len(variants)
    assert all(len(mac) >= 20 for mac in macs)


def test_plus_address_fits_its_octets() -> None:
    extension = sign(KEY, TOKEN)

    assert plus_address("help@example.org", extension) == f"help+{extension}@example.org"
    assert plus_address("a" * 50 + "@example.org", extension) == "a" * 50 + "@example.org"


@pytest.mark.parametrize(
    ("address", "extension"),
    [
        ("help@example.org", ""),
        ("HELP@Example.ORG", ""),
        ("help+1.r2.0.abc@example.org", "1.r2.0.abc"),
        ("it+x+y@example.org", "x+y"),
        ("helper@example.org", None),
        ("help@example.org.evil", None),
        ("help@evil.org", None),
        ("xhelp@example.org", None),
        ("help%example.org", None),
        ("", None),
    ],
)
def test_extension_is_of_our_addresses_only(address: str, extension: str | None) -> None:
    assert extension_of(DESK, address) == extension


@given(_TOKENS)
def test_message_id_tells_its_token(token: Token) -> None:
    found = message_id(KEY, token, "u-1.x", "example.org")

    assert found.endswith(".u-1.x@example.org")
    assert token_of_message_id(KEY, found) == token
    assert token_of_message_id(KEY, f"<{found}>") == token
    assert token_of_message_id((b"other",), found) is None


@given(st.text())
def test_token_of_any_text(text: str) -> None:
    assert verify(KEY, text) is None
    assert token_of_message_id(KEY, text) is None


def _envelope(*recipients: str) -> Envelope:
    return Envelope(sender="", recipients=recipients)


def test_evidence_is_ordered_by_nearness() -> None:
    other = Token(Purpose.NOTE, 7, 3)
    ours = message_id(KEY, TOKEN, "u", "example.org")
    older = message_id(KEY, other, "u", "example.org")
    message = Message(
        to=(Address(plus_address("help@example.org", sign(KEY, other))),),
        cc=(Address("help+unsigned@example.org"),),
        in_reply_to=ours,
        references=("first@x", older, "near@x", ours),
        subject="Re: [#12] and #7, not &#39; nor x#9",
    )

    found = evidence(
        message, _envelope(plus_address("it@example.org", sign(KEY, TOKEN))), DESK, KEY
    )

    assert found.tokens == (TOKEN, other)
    assert found.own_ids == ((ours, TOKEN), (older, other))
    assert found.foreign_ids == ("near@x", "first@x")
    assert found.subject_numbers == (12, 7)


def test_subject_numbers_are_tickets_only() -> None:
    assert subject_numbers("[#123] printer #0 #12a") == (123, 12)
    assert subject_numbers("C#7 &#8212;") == ()
