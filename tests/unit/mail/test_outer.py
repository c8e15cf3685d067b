"""A Content-Type that no signature covers: borne out by the body, or not."""

from __future__ import annotations

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


def _mail(kind: bytes, body: bytes) -> bytes:
    field = b"Content-Type: " + kind + b"\n" if kind else b""
    return b"From: ann@desk.test\n" + field + b"\n" + body


def _bears_out(raw: bytes) -> bool:
    return outer.bears_out(raw, headers.split(raw, 0, len(raw)))


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
