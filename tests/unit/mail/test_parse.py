"""The whole reader: total, bounded, and right on ordinary mail."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.attachments import open_attachment
from daemon.mail.head import peek
from daemon.mail.message import Address, Automatic
from daemon.mail.parse import parse
from scripts.parse import as_json
from tests.unit.mail.mails import PLAIN, multipart, nested, plain

_FIELDS = [
    b"From",
    b"To",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"References",
    b"Content-Type",
    b"Content-Transfer-Encoding",
    b"Content-Disposition",
    b"Auto-Submitted",
    b"Return-Path",
]
_VALUES = [
    b"multipart/mixed; boundary=b",
    b"multipart/report; report-type=delivery-status; boundary=b",
    b"text/html; charset=utf-7",
    b"text/plain; charset=iso-2022-jp; format=flowed; delsp=yes",
    b"message/delivery-status",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"=?utf-8?q?=ED=A0=80?=",
    b"=?utf-16?b?2ADYAA==?=",
    b"attachment; filename*0*=utf-8''%ed%a0%80; filename*1=x",
    b"<",
    b'a@b, "c <d@e> (f',
    b"<>",
    b"Mon, 99 Foo 99999 99:99:99 +9999",
]
_LINES = st.one_of(
    st.builds(
        lambda name, value: name + b": " + value, st.sampled_from(_FIELDS), st.sampled_from(_VALUES)
    ),
    st.builds(lambda name, value: name + b": " + value, st.sampled_from(_FIELDS), st.binary()),
    st.sampled_from([b"", b"--b", b"--b--", b"> q", b"On 1 Jan 2024 at 10:00, a@b wrote:", b"-- "]),
    st.sampled_from([b"begin 644 x", b"<div><b>x</div>", b"Final-Recipient: rfc822; a@b"]),
    st.binary(max_size=40),
)


@given(st.one_of(st.binary(max_size=2000), st.lists(_LINES, max_size=40).map(b"\n".join)))
def test_parse_reads_any_bytes(raw: bytes) -> None:
    message = parse(raw)

    json.dumps(as_json(message)).encode("utf-8")
    json.dumps(as_json(message), ensure_ascii=False).encode("utf-8")
    for name, value in message.headers:
        (name + value).encode("utf-8")
    for attachment in message.attachments:
        assert len(open_attachment(raw, attachment.part)) == attachment.size
    assert len(message.content_key) == 64
    peek(raw)


def test_plain_mail_is_read() -> None:
    message = parse(plain("It is on fire.\n", "In-Reply-To: <a@b>", "References: <x@y> <a@b>"))

    assert message.message_id == "one@example.com"
    assert message.in_reply_to == "a@b"
    assert message.references == ("x@y", "a@b")
    assert message.date == datetime(2024, 1, 1, 1, tzinfo=UTC)
    assert message.from_ == Address("jane@example.com", "Jane Doe")
    assert message.from_is_strict
    assert message.to == (Address("help@example.org"),)
    assert message.subject == "Printer"
    assert message.text == message.reply == "It is on fire."
    assert message.html is None
    assert message.automatic is None
    assert message.language == "en"
    assert message.header("SUBJECT") == "Printer"
    assert message.warnings == ()
    assert message.unreadable == ""


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (nested(3000, terminated=True), "nested"),
        (nested(3000, terminated=False), "nested"),
        (
            PLAIN + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
            "1000 parts",
        ),
        (PLAIN + b"\r\n" + b"\r\n" * 15_000_000, "lines"),
        (PLAIN + b"X: " + b"y" * 5_000_000, "no end"),
        (PLAIN + b"X: y\r\n" * 200_000, "no end"),
        (
            PLAIN + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--\n" * 400_000,
            "look like boundaries",
        ),
    ],
    ids=["deep", "unterminated", "parts", "empty-lines", "one-field", "fields", "dashes"],
)
def test_parse_holds_a_bomb_with_its_head_read(raw: bytes, why: str) -> None:
    tracemalloc.start()
    message = parse(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert why in message.unreadable
    assert any("structure" in warning for warning in message.warnings)
    assert message.subject == "Printer"
    assert message.from_ == Address("jane@example.com", "Jane Doe")
    assert message.attachments == ()
    assert peak < 64 * 1024 * 1024 + len(raw)


def test_depth_within_bounds_is_read() -> None:
    message = parse(nested(49, terminated=False))

    assert message.unreadable == ""
    assert message.text == "deep"


def test_deep_mail_shows_its_raw_text() -> None:
    assert "deep" in parse(nested(3000, terminated=True)).text


def test_unreadable_mail_keeps_its_text() -> None:
    message = parse(PLAIN + b"\r\nHelp me\r\n" + b"\r\n" * 1_100_000)

    assert message.unreadable
    assert message.text.startswith("Help me")


@pytest.mark.parametrize(
    "field",
    [
        b"To: " + b"(" * 60_000,
        b"To: " + b'"' * 60_000,
        b"To: " + b"<" * 60_000,
        b"Subject: " + b"=?a?q?" * 10_000,
        b"Subject: " + b"=?utf-8?q?=41?= " * 5_000,
        b"To: " + b"a@b, " * 12_000,
        b"References: " + b"<a@b> " * 10_000,
        b"Content-Type: text/plain" + b"; a*1*=x" * 5_000,
    ],
)
def test_long_field_is_cut(field: bytes) -> None:
    message = parse(field + b"\r\n\r\nx")

    assert len(message.to) <= 500
    assert len(message.references) <= 100
    assert len(message.subject) <= 500
    assert message.text == "x"


def test_html_only_mail_has_text() -> None:
    raw = PLAIN + b"Content-Type: text/html\r\n\r\n<p>Hello <b>you</b><p>Bye<script>x()</script>"

    message = parse(raw)

    assert message.text == "Hello you\n\nBye"
    assert message.html is not None
    assert "script" not in message.html


def test_alternative_gives_text_and_html() -> None:
    message = parse(
        multipart(
            "alternative",
            ("Content-Type: text/plain", b"Hello"),
            ("Content-Type: text/html", b"<b>Hello</b>"),
        )
    )

    assert message.text == "Hello"
    assert message.html == "<b>Hello</b>"


def test_stub_of_text_gives_way_to_html() -> None:
    message = parse(
        multipart(
            "alternative",
            ("Content-Type: text/plain", b"Your mail client does not support HTML."),
            ("Content-Type: text/html", b"<b>The screen is black</b>"),
        )
    )

    assert message.reply == "The screen is black"
    assert message.text == "The screen is black\n\nYour mail client does not support HTML."


@pytest.mark.parametrize(
    ("fields", "body", "text"),
    [
        (b"Content-Type: html", b"<p>Jam</p>", "Jam"),
        (b"Content-Transfer-Encoding: (as it was) base64", b"SmFt", "Jam"),
        (b"Content-Transfer-Encoding: base64", b"No, it was not encoded at all.", None),
        (
            b"Content-Transfer-Encoding: base64",
            b"VGhlIHByaW50ZXIgaXMgYnJva2VuLg==\n____\nA list of a club and its rules\n",
            "The printer is broken.\n____\nA list of a club and its rules",
        ),
        (
            b"Content-Type: multipart/mixed; boundary=b",
            b"--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nJam\n--b--\n",
            "Jam",
        ),
    ],
)
def test_damage_to_a_part_is_read_around(fields: bytes, body: bytes, text: str | None) -> None:
    message = parse(PLAIN + fields + b"\n\n" + body)

    assert message.text == (text or body.decode())
    assert message.attachments == ()


@pytest.mark.parametrize("field", ["Reply-To", "Sender", "Return-Path"])
def test_author_without_an_address_has_that_of_another_field(field: str) -> None:
    message = parse(f"{field}: <jane@example.com>\nFrom: Jane Doe <>\n\nJam\n".encode())

    assert message.from_ == Address("jane@example.com", "Jane Doe")
    assert not message.from_is_strict


def test_short_names_in_raw_bytes_are_read_together() -> None:
    message = parse("From: 김철 <kim@example.com>\nSubject: 네, 예약\n\nJam\n".encode("euc-kr"))

    assert message.from_ == Address("kim@example.com", "김철")
    assert message.subject == "네, 예약"


def test_attachment_is_described_and_opened() -> None:
    raw = multipart(
        "mixed",
        ("Content-Type: text/plain", b"see it"),
        (
            (
                'Content-Type: image/png; name="../../a.png"\nContent-Transfer-Encoding: base64\n'
                "Content-Disposition: attachment"
            ),
            b"aGVsbG8=",
        ),
    )

    message = parse(raw)

    (attachment,) = message.attachments
    assert (attachment.filename, attachment.content_type) == ("a.png", "image/png")
    assert (attachment.size, attachment.part, attachment.inline) == (5, 1, False)
    assert open_attachment(raw, 1) == b"hello"
    assert open_attachment(raw, 7) == b""


def test_attached_mail_is_one_attachment() -> None:
    inner = (
        b"Subject: inner\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n\r\nx\r\n--z--"
    )

    message = parse(multipart("mixed", ("", b"outer"), ("Content-Type: message/rfc822", inner)))

    assert message.text == "outer"
    assert [attachment.filename for attachment in message.attachments] == ["inner.eml"]


def test_content_key_ignores_road_and_encoding() -> None:
    quoted = (
        b"Received: from here by there\r\nDelivered-To: help@example.org\r\n"
        + PLAIN
        + b"Content-Type: text/plain; charset=iso-8859-1\r\n"
        + b"Content-Transfer-Encoding: quoted-printable\r\n\r\nCaf=E9 is =\r\nclosed\r\n\r\n"
    )

    assert parse(quoted).content_key == parse(plain("Café is closed")).content_key


@pytest.mark.parametrize(
    "other",
    [
        plain("Another text"),
        plain("Text", "Cc: x@y").replace(b"one@example.com", b"two@example.com"),
        plain("Text").replace(b"jane@", b"joe@"),
        plain("Text").replace(b"Printer", b"Screen"),
        plain("Text").replace(b"1 Jan", b"2 Jan"),
    ],
)
def test_content_key_tells_mails_apart(other: bytes) -> None:
    assert parse(other).content_key != parse(plain("Text")).content_key


def test_content_key_knows_attachments() -> None:
    def mail(data: bytes) -> bytes:
        return multipart("mixed", ("", b"x"), ("Content-Type: application/x; name=a", data))

    assert parse(mail(b"one")).content_key != parse(mail(b"two")).content_key


def test_content_key_of_unreadable_mail_ignores_trace() -> None:
    bomb = PLAIN + b"X: y\r\n" * 200_000

    assert parse(b"Received: by x\r\n" + bomb).content_key == parse(bomb).content_key
    assert parse(bomb + b"z").content_key != parse(bomb).content_key


@pytest.mark.parametrize(
    ("text", "fields", "language"),
    [
        ("프린터가 안 됩니다", (), "ko"),
        ("Outlook 이 안 됩니다 빨리", (), "ko"),
        ("The printer is dead", (), "en"),
        ("The printer", ("Content-Language: ko-KR",), "ko"),
        ("1234", ("Subject: 12",), "en"),
    ],
)
def test_language_follows_header_then_script(
    text: str, fields: tuple[str, ...], language: str
) -> None:
    assert parse(plain(text, *fields)).language == language


def test_language_of_nothing_is_unknown() -> None:
    assert parse(b"Subject: 123\r\n\r\n456").language == ""


def test_korean_mail_is_read_in_its_charsets() -> None:
    for charset in ("euc-kr", "ks_c_5601-1987"):
        message = parse(
            PLAIN
            + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
            + "뷁 프린터가 고장났습니다".encode("cp949")
        )

        assert message.text == "뷁 프린터가 고장났습니다"
        assert message.language == "ko"


def test_null_sender_is_automatic() -> None:
    message = parse(b"Return-Path: <>\r\n" + plain("x"))

    assert message.automatic is Automatic.AUTO_GENERATED
    assert message.forbids_answer


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="<>\r\n\x00\x1f")))
def test_door_and_reader_agree_on_the_message_id(name: str) -> None:
    raw = f"From: a@b\r\nMessage-Id: <{name}>\r\n\r\nx".encode()

    assert peek(raw).message_id == parse(raw).message_id


def test_peek_looks_only_at_the_header() -> None:
    assert peek(b"From: a@b\r\n\r\nMessage-ID: <body@x>").message_id == ""
    assert peek(b"X: y\r\n" * 20_000 + b"Message-ID: <far@x>\r\n\r\n").message_id == ""
    assert peek(b"message-id:\r\n <folded@x>\r\n\r\n").message_id == "folded@x"
