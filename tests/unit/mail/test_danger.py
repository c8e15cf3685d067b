"""What a file is, and whether it may be passed on: by its bytes as well as by its name."""

from __future__ import annotations

import struct

import pytest

from daemon.mail.attachments import safe_name
from daemon.mail.danger import ENDINGS, danger
from daemon.mail.parse import parse
from daemon.mail.sniff import kind_of, picture_size
from tests.unit.mail.mails import multipart

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\0\0\0"
GIF = b"GIF89a" + struct.pack("<HH", 120, 40) + b"\0\0\0"
JPEG = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08" + struct.pack(">HH", 300, 900) + b"\x03"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 x", "application/pdf"),
        (PNG, "image/png"),
        (GIF, "image/gif"),
        (JPEG, "image/jpeg"),
        (b"PK\x03\x04rest", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"MZ\x90\0", "application/x-executable"),
        (b"\x7fELF\x02", "application/x-executable"),
        (b"#!/bin/sh\n", "text/x-script"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><p>", "text/html"),
        (b"<!-- a --> <SCRIPT>", "text/html"),
        (b"<?xml version='1.0'?>\n<svg xmlns=''>", "image/svg+xml"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"Dear desk, <html> is not how this begins", ""),
        (b"", ""),
    ],
)
def test_kind_by_first_bytes(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    ("data", "size"),
    [(PNG, (640, 480)), (GIF, (120, 40)), (JPEG, (900, 300)), (PNG[:20], None), (JPEG[:9], None)],
)
def test_size_of_a_picture(data: bytes, size: tuple[int, int] | None) -> None:
    assert picture_size(data, kind_of(data)) == size


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("report.pdf", "application/pdf", ""),
        ("report.pdf.exe", "", "its name ends in .exe"),
        ("SETUP.EXE", "", "its name ends in .exe"),
        (safe_name(".htaccess\u200b"), "", "its name ends in .htaccess"),
        (safe_name("invoice\u202excod.exe"), "", "its name ends in .exe"),
        ("report.pdf", "application/x-executable", "it is a program"),
        ("notes.txt", "text/x-script", "it is a script"),
        ("picture.png", "image/svg+xml", "it is a picture that can run scripts"),
        ("", "", ""),
    ],
)
def test_danger(name: str, kind: str, why: str) -> None:
    assert danger(name, kind) == why


def test_the_admins_list_replaces_ours() -> None:
    assert "exe" in ENDINGS
    assert danger("setup.exe", "", ("bin",)) == ""
    assert danger("setup.bin", "", ("bin",)) == "its name ends in .bin"


def test_an_attachment_tells_what_it_is_and_not_what_it_claims() -> None:
    fake = b"MZ\x90\0" + b"\0" * 60
    [found] = parse(
        multipart("mixed", ("Content-Type: application/pdf; name=bill.pdf", fake))
    ).attachments

    assert (found.content_type, found.sniffed) == ("application/pdf", "application/x-executable")


@pytest.mark.parametrize(
    ("picture", "disposition", "is_decoration"),
    [
        (GIF, "inline", True),
        (GIF, "attachment", False),
        (PNG, "inline", False),
    ],
)
def test_small_picture_within_the_text_is_decoration(
    picture: bytes, disposition: str, is_decoration: bool
) -> None:
    head = f"Content-Type: image/x; name=a.gif\nContent-Disposition: {disposition}"
    [found] = parse(multipart("related", (head, picture))).attachments

    assert found.is_decoration is is_decoration
