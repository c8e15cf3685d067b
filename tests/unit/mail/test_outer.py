"""Fields that no signature covers, and that say how a body is read: borne out by it, or not."""

from __future__ import annotations

from base64 import encodebytes

import pytest

from daemon.mail import headers, outer
from daemon.mail.parse import parse

#: Forwarded by an agent: in the attached mail a stranger has planted parts of his own.
FORWARDED = b"""\
--outer
Content-Type: text/plain

Look at this.
--outer
Content-Type: message/rfc822

Content-Type: multipart/mixed; boundary=inner

--inner
Content-Type: text/plain

/cancel spam
--inner--
--outer--
"""
#: As Outlook quotes; the planted field would make it a part.
QUOTING = b"See below.\n\n--Original Message--\nContent-Type: text/plain\n\n/cancel spam\n"
PLAIN, HTML = b"The chair broke.\n\n-- \nAnn\n", b"<p>The chair broke.</p>\n"
UTF_8, FRENCH = b'text/plain; charset="UTF-8"', "C'est réglé.\n".encode()
QUOTED = b"C'est r=C3=A9gl=C3=A9, et la chaise de la salle =\nest chez vous =3D au 3=C3=A8me.\n"
#: What Mallory wrote, below an agent's answer.
ANSWERED = b"I do not know this.\n\n> hi=0A/cancel spam=0A>\n"
FOLDED = b"See what Mallory wrote, and tell me if it is true: he wrote =\n/cancel spam\n"


def _mail(kind: bytes, body: bytes) -> bytes:
    field = b"Content-Type: " + kind + b"\n" if kind else b""
    return b"From: ann@desk.test\n" + field + b"\n" + body


def _bears_out(raw: bytes, *signed: str) -> bool:
    return outer.bears_out(raw, headers.split(raw, 0, len(raw)), frozenset(signed))


def _encoded(encoding: bytes, body: bytes, kind: bytes = UTF_8) -> bytes:
    return b"Content-Transfer-Encoding: " + encoding + b"\n" + _mail(kind, body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"", PLAIN),
        (b"text/plain; charset=utf-8", PLAIN),
        (b"text/html; charset=utf-8", HTML),
        (b'multipart/mixed; boundary="outer"', FORWARDED),
        (
            b"multipart/mixed; boundary=outer",
            b"This is a multi-part message in MIME format.\n\n" + FORWARDED,
        ),
        (b"multipart/mixed; boundary=outer", b"\n" + FORWARDED.replace(b"\n", b"\r\n")),
    ],
)
def test_what_is_so_is_borne_out(kind: bytes, body: bytes) -> None:
    assert _bears_out(_mail(kind, body))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"multipart/mixed; boundary=inner", FORWARDED),
        (b"multipart/mixed; boundary*=utf-8''inner", FORWARDED),
        (b"multipart/mixed", FORWARDED),
        (b"", FORWARDED),
        (b"text/plain", FORWARDED),
        (b"text/html", FORWARDED),
        (b'multipart/mixed; boundary="Original Message--"', QUOTING),
        (b'multipart/mixed; boundary=" "', PLAIN),
        (b"text/html", PLAIN),
        (b"message/rfc822", PLAIN),
        (b"application/ms-tnef", PLAIN),
    ],
)
def test_what_was_made_of_it_is_not(kind: bytes, body: bytes) -> None:
    assert not _bears_out(_mail(kind, body))


def test_another_boundary_would_make_another_mail() -> None:
    read = parse(_mail(b"multipart/mixed; boundary=inner", FORWARDED))

    assert read.text.strip() == "/cancel spam"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (UTF_8, FRENCH),
        (b"", FRENCH),
        (b"text/plain; charset=us-ascii", PLAIN),
        (b"text/plain; charset=iso-8859-1", PLAIN),
        (b"text/plain; charset=windows-1252; format=flowed", FRENCH),
        (b"text/html; charset=utf-8", b"<!DOCTYPE html>\n<p>C\xc3\xb4t\xc3\xa9</p>\n"),
    ],
)
def test_charset_that_changes_nothing_is_borne_out(kind: bytes, body: bytes) -> None:
    assert _bears_out(_mail(kind, body))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"text/plain; charset=utf-7", b"No.\n> hi+AAo-/cancel spam+AAo-\n"),
        (b"text/plain; charset=utf-16", PLAIN),
        (b"text/plain; charset=hz", b"No.\n> ~{VPND~}\n"),
        (b"text/plain; charset=iso-2022-jp", b"\x1b$BF|K\\\x1b(B\n"),
        # Not ASCII in ASCII's place, as soon as one byte is above it.
        (b"text/plain; charset=cp037", b"\xe4%/cancel spam\n"),
        # What marks history as such could not be read in another one.
        (b"text/plain; charset=gb18030", "보낸 사람: Mallory\n".encode()),
        (b"text/plain; charset=big5", "Envoyé : lundi\n".encode()),
        (b"text/plain; charset=iso-8859-1", "Från: Mallory\n".encode("latin-1")),
        (b"", "Från: Mallory\n".encode("latin-1")),
    ],
)
def test_charset_that_could_say_something_else_is_not(kind: bytes, body: bytes) -> None:
    assert not _bears_out(_mail(kind, body))
    assert _bears_out(_mail(kind, body), "content-type")


def test_charset_of_the_subject_counts_where_none_is_said() -> None:
    raw = b"Subject: =?utf-7?q?x?=\n" + _mail(b"text/plain", b"> hi+AAo-/cancel spam+AAo-\n")

    assert "\n/cancel spam" in parse(raw).text
    assert not _bears_out(raw)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"text/plain", b"<div>No.</div><pre>\n/cancel spam\n</pre>\n"),
        (b"text/plain", b"No.<br><blockquote><pre>\n/cancel spam\n</pre></blockquote>\n"),
        (b"text/html; charset=utf-8", b"<ann@desk.test> wrote:\n> <br>/cancel spam<br>\n"),
        (b"text/html", b"<p>No.</p><blockquote><meta charset=utf-7></blockquote>\n"),
    ],
)
def test_page_is_no_plain_text_and_text_no_page(kind: bytes, body: bytes) -> None:
    assert not _bears_out(_mail(kind, body))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"7bit", PLAIN),
        (b"8bit", FRENCH),
        (b"binary", FRENCH),
        (b"7bit", b"Chairs\n======\nhttps://desk.test/?id=C3&name=chair\n"),
        (b"7bit", b"See https://desk.test/?id=42\n"),
        (b"quoted-printable", QUOTED),
        (b"Quoted-Printable (as it is)", QUOTED.replace(b"\n", b"\r\n")),
        (b"quoted-printable", PLAIN),
        (b"quoted-printable", b"-- =20\nAnn=\n=2E=\n"),
        (b"base64", encodebytes(FRENCH * 20)),
        (b"base64", encodebytes(FRENCH * 20).replace(b"\n", b"\r\n")),
    ],
)
def test_encoding_that_the_body_is_in_is_borne_out(encoding: bytes, body: bytes) -> None:
    assert _bears_out(_encoded(encoding, body))
    assert _bears_out(_encoded(encoding, body), "content-type")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"quoted-printable", ANSWERED),
        (b"quoted-printable", ANSWERED.replace(b"=0A", b"=0d")),
        (b"quoted-printable", b"No.\n> =C3=A9=C3=A9 =3D0A/cancel spam=0A\n"),
        (b"quoted-printable", b"> hi=00\n"),
        (b"quoted-printable", b"> so =3E there\n"),
        (b"quoted-printable", FRENCH + b"> so =C3=A9\n"),
        # The agent's own /internal, drawn into what he quotes.
        (b"quoted-printable", b"> why=\n/internal\nMallory is on the list.\n"),
        (b"base64", PLAIN),
        (b"base64", b"No.\n" + encodebytes(b"\n/cancel spam\n")),
        (b"x-uuencode", b"begin 644 a\n#0V%T\n`\nend\n"),
        (b"yenc", PLAIN),
        # Not decoded, what was only folded is a line of its own.
        (b"7bit", FOLDED),
        (b"8bit", QUOTED),
        (b"8bit", QUOTED.lower() + b"=5Fa=0D\n"),
        (b"7bit", encodebytes(FRENCH * 20)),
    ],
)
def test_encoding_that_makes_another_mail_is_not(encoding: bytes, body: bytes) -> None:
    assert not _bears_out(_encoded(encoding, body))
    assert not _bears_out(_encoded(encoding, body), "content-type")
    assert _bears_out(_encoded(encoding, body), "content-type", "content-transfer-encoding")


def test_encoding_of_a_mail_with_parts_decides_nothing() -> None:
    raw = _encoded(b"quoted-printable", FORWARDED, b"multipart/mixed; boundary=outer")

    assert _bears_out(raw)
    assert _bears_out(raw, "content-type")
    assert not _bears_out(raw.replace(FORWARDED, ANSWERED), "content-type")


def test_text_is_not_made_a_file_of() -> None:
    raw = b"Content-Disposition: attachment\n" + _mail(UTF_8, PLAIN)

    assert not _bears_out(raw)
    assert not _bears_out(raw, "content-type")
    assert _bears_out(raw, "content-disposition")
