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
