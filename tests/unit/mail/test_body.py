"""Which parts are the text, and how they are joined."""

from __future__ import annotations

import pytest

from daemon.mail.parse import parse
from tests.unit.mail.mails import PLAIN, multipart

_FLOWED = b"Content-Type: text/plain; format=flowed%s\r\n\r\n"


@pytest.mark.parametrize(
    ("parameter", "body", "text"),
    [
        (b"", b"one \r\ntwo\r\nthree", "one two\nthree"),
        (b"; delsp=yes", b"on \r\ne", "one"),
        (b"", b"> a \r\n> b\r\nc", "> a b\nc"),
        (b"", b"x\r\n-- \r\nJane", "x\n-- \nJane"),
        (b"", b" From here", "From here"),
    ],
)
def test_flowed_text_is_joined(parameter: bytes, body: bytes, text: str) -> None:
    assert parse(PLAIN + _FLOWED % parameter + body).text == text


def test_text_around_an_attachment_is_joined() -> None:
    message = parse(
        multipart(
            "mixed",
            ("", b"before"),
            ("Content-Type: application/pdf; name=a.pdf", b"x"),
            ("Content-Type: text/html", b"<p>after"),
        )
    )

    assert message.text == "before\n\nafter"
    assert [attachment.filename for attachment in message.attachments] == ["a.pdf"]


def test_named_text_part_is_an_attachment() -> None:
    message = parse(
        multipart("mixed", ("", b"see"), ("Content-Type: text/plain; name=log.txt", b"log"))
    )

    assert message.text == "see"
    assert [attachment.filename for attachment in message.attachments] == ["log.txt"]


def test_page_names_its_own_charset() -> None:
    page = '<meta charset="euc-kr"><p>한글'.encode("euc-kr")

    assert parse(PLAIN + b"Content-Type: text/html\r\n\r\n" + page).text == "한글"


def test_header_tells_the_charset_of_a_bare_body() -> None:
    raw = b"Subject: =?iso-8859-9?q?=FE?=\r\n\r\n" + "şişe ığ".encode("iso-8859-9")

    assert parse(raw).text == "şişe ığ"


def test_lost_bytes_are_marked_and_named() -> None:
    message = parse(PLAIN + b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xed\x95\x9c \xff ok")

    assert message.text == "한 \ufffd ok"
    assert any("could not be read" in warning for warning in message.warnings)


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n\r\ntext\r\n--b--\r\n",
        b"preamble\r\n--b\r\n\r\ntext\r\n",
        b"--b  \n\ntext\n--b--\nepilogue",
        b"--b\r\nContent-Type: text/plain\r\n\r\ntext",
    ],
    ids=["whole", "unterminated", "padded", "no-line-end"],
)
def test_parts_are_found(body: bytes) -> None:
    assert parse(PLAIN + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body).text == "text"


def test_boundary_is_guessed_where_it_was_not_given() -> None:
    raw = (
        PLAIN + b"Content-Type: multipart/mixed\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\ntext"
    )

    assert parse(raw + b"\r\n--q--\r\n").text == "text"


def test_multipart_without_parts_is_text() -> None:
    assert parse(PLAIN + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nread me").text == (
        "read me"
    )


def test_mail_with_lone_carriage_returns_is_read() -> None:
    message = parse(b"From: a@b.c\rSubject: old\r\rtext\rmore")

    assert (message.subject, message.text) == ("old", "text\nmore")


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("text/enriched", b"hello", "hello"),
        ("text/x-odd", b"hello", "hello"),
        ("text/plain\r\nContent-Transfer-Encoding: base64", b"This is no base64 at all.", None),
        (
            "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
            b"caf=3DC3=3DA9 na=3DC3=3DAFve",
            "caf\u00e9 na\u00efve",
        ),
        (
            "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
            b"1+1=3D2 and a=3DA9",
            "1+1=2 and a=A9",
        ),
        # Somebody quotes what looks so: it must not make lines that he never wrote.
        (
            "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
            b"> =3DC3=3DA9 =3DC3=3DA9=3D0A/cancel spam",
            "> =C3=A9 =C3=A9=0A/cancel spam",
        ),
        ("text/plain", b"<html><body><p>hello</p></body></html>", "hello"),
        ("text/plain", b"<html> is how a page begins", None),
        ("multipart/mixed; boundary=no", b"--b\r\nContent-Type: text/plain\r\n\r\nhello", "hello"),
    ],
)
def test_text_under_a_wrong_label_is_read(head: str, body: bytes, text: str | None) -> None:
    raw = PLAIN + f"Content-Type: {head}\r\n\r\n".encode() + body

    assert parse(raw).text == (body.decode() if text is None else text)


def test_calendar_alone_is_no_text() -> None:
    message = parse(PLAIN + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR")

    assert message.text == ""
    assert len(message.attachments) == 1
