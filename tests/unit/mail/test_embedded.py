"""Files that were put into the text itself."""

from __future__ import annotations

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.attachments import open_attachment
from daemon.mail.parse import parse
from tests.unit.mail.mails import PLAIN, plain

_DATA = bytes(range(256)) * 5


def _uuencoded(data: bytes, name: str = "report.pdf") -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    return f"begin 644 {name}\n".encode() + b"".join(lines) + b"`\nend\n"


def _yencoded(data: bytes) -> bytes:
    out = bytearray()
    for value in data:
        shifted = (value + 42) % 256
        if shifted in b"\x00\n\r=":
            out += b"=" + bytes([(shifted + 64) % 256])
        else:
            out.append(shifted)
    lines = [bytes(out[at : at + 128]) for at in range(0, len(out), 128)]
    for number, line in enumerate(lines[:-1]):
        if line.endswith(b"="):
            lines[number], lines[number + 1] = line[:-1], b"=" + lines[number + 1]
    body = b"\r\n".join(lines)
    return b"=ybegin line=128 size=%d name=report.pdf\r\n%s\r\n=yend size=%d\r\n" % (
        len(data),
        body,
        len(data),
    )


@pytest.mark.parametrize("coded", [_uuencoded(_DATA), _yencoded(_DATA)], ids=["uu", "yenc"])
def test_file_within_the_text_is_an_attachment(coded: bytes) -> None:
    raw = PLAIN + b"Content-Type: text/plain\r\n\r\nSee below.\n\n" + coded + b"\nRegards\n"

    message = parse(raw)

    (attachment,) = message.attachments
    assert (attachment.filename, attachment.content_type) == ("report.pdf", "application/pdf")
    assert attachment.size == len(_DATA)
    assert open_attachment(raw, attachment.part) == _DATA
    assert message.text.split() == ["See", "below.", "Regards"]


def test_several_files_are_told_apart() -> None:
    raw = PLAIN + b"\r\n" + _uuencoded(b"one", "a.txt") + b"\n" + _uuencoded(b"two", "b.txt")

    message = parse(raw)

    assert [open_attachment(raw, one.part) for one in message.attachments] == [b"one", b"two"]
    assert message.text == ""


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 the meeting at ten\nwith everybody\nend\n",
        "begin again\nend",
        "=ybegin is how yEnc starts\n",
        "begin 644 x\nend\n",
    ],
)
def test_words_stay_words(text: str) -> None:
    message = parse(plain(text))

    assert message.attachments == ()
    assert message.text == text.rstrip("\n")


@given(st.binary(max_size=400))
def test_every_file_comes_out_as_it_went_in(data: bytes) -> None:
    raw = PLAIN + b"\r\n" + _uuencoded(data)

    assert [open_attachment(raw, one.part) for one in parse(raw).attachments] == [data] * bool(data)
