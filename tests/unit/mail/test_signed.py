"""S/MIME messages that are signed as one opaque part."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail import signed
from daemon.mail.parse import parse
from tests.unit.mail.mails import PLAIN

_SIGNED = "2a864886f70d010702"
_DATA = "2a864886f70d010701"
_ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe printer is broken.\r\n"


def _value(tag: int, *inner: bytes) -> bytes:
    data = b"".join(inner)
    size = len(data).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + data


def _streamed(tag: int, *inner: bytes) -> bytes:
    """Without a length, as programs write that do not know it yet."""
    return bytes([tag, 0x80]) + b"".join(inner) + b"\0\0"


def _message(entity: bytes, *, is_streamed: bool = False) -> bytes:
    write = _streamed if is_streamed else _value
    halves = (_value(0x04, entity[:20]), _value(0x04, entity[20:]))
    octets = _streamed(0x24, *halves) if is_streamed else _value(0x04, entity)
    encapsulated = write(0x30, _value(0x06, bytes.fromhex(_DATA)), write(0xA0, octets))
    body = write(0x30, _value(0x02, b"\1"), _value(0x31), encapsulated, _value(0x31))
    return write(0x30, _value(0x06, bytes.fromhex(_SIGNED)), write(0xA0, body))


def _mail(data: bytes, kind: str = "pkcs7-mime; smime-type=signed-data") -> bytes:
    head = f"Content-Type: application/{kind}; name=smime.p7m\r\n"
    return (
        PLAIN + head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n"
    ) + base64.encodebytes(data)


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("kind", ["pkcs7-mime", "x-pkcs7-mime", "octet-stream"])
def test_signed_words_are_read_and_the_whole_is_kept(kind: str, is_streamed: bool) -> None:
    message = parse(_mail(_message(_ENTITY, is_streamed=is_streamed), kind))

    assert message.text == "The printer is broken."
    assert [one.filename for one in message.attachments] == ["smime.p7m"]
    assert message.warnings == ("s/mime: the signature was not checked",)


def test_what_is_signed_twice_is_opened_once() -> None:
    inner = _mail(_message(_ENTITY)).removeprefix(PLAIN)

    assert "printer" not in parse(_mail(_message(inner))).text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        _message(_ENTITY)[:60],
        _message(_ENTITY).replace(bytes.fromhex(_SIGNED), bytes.fromhex(_SIGNED[:-2] + "03")),
        b"\x30\x80" * 10_000,
        b"\x30\x80" + b"\x02\x00" * 200_000,
    ],
    ids=["nothing", "cut", "encrypted", "deep", "many"],
)
def test_what_cannot_be_opened_stays_a_file(data: bytes) -> None:
    message = parse(_mail(data))

    assert message.text == ""
    assert len(message.attachments) == 1


@given(st.binary(max_size=200))
def test_content_of_any_bytes(data: bytes) -> None:
    assert isinstance(signed.content(data), bytes)
