"""What Outlook packs into a winmail.dat."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail import tnef
from daemon.mail.attachments import open_attachment
from daemon.mail.parse import parse
from tests.unit.mail.mails import multipart

_REPORT = b"%PDF-1.4 a report"
_LEVEL = {0x9002: 2, 0x8010: 2, 0x800F: 2, 0x9005: 2}


def _attribute(number: int, value: bytes) -> bytes:
    level = _LEVEL.get(number, 1)
    head = struct.pack("<BHHI", level, number, 6, len(value))
    return head + value + struct.pack("<H", sum(value) & 0xFFFF)


def _property(kind: int, number: int, value: bytes) -> bytes:
    filled = value + b"\0" * (-len(value) % 4)
    return struct.pack("<HHII", kind, number, 1, len(value)) + filled


def _properties(*values: bytes) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(values)


def _file(title: bytes, data: bytes, *properties: bytes) -> bytes:
    return (
        _attribute(0x9002, b"\1\0" + b"\0" * 12)
        + _attribute(0x8010, title + b"\0")
        + _attribute(0x800F, data)
        + _attribute(0x9005, _properties(*properties))
    )


def _packed(*files: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\1\0" + _attribute(0x8008, b"IPM.Note\0") + b"".join(files)


_WORD = (
    struct.pack("<HH", 0x1F, 0x8001)
    + b"G" * 16
    + struct.pack("<II", 1, 6)
    + "abc".encode("utf-16-le")
    + b"\0\0"
    + struct.pack("<II", 1, 4)
    + "x\0".encode("utf-16-le")
)
_BEFORE = (
    struct.pack("<HHI", 0x03, 0x0E21, 7),
    struct.pack("<HHQ", 0x40, 0x3007, 1),
    struct.pack("<HHIII", 0x1003, 0x0E22, 2, 1, 1),
    struct.pack("<HH", 0x03, 0x8002) + b"G" * 16 + struct.pack("<III", 0, 5, 7),
    _WORD,
)
_PACKED = _packed(
    _file(
        b"REPORT~1.PDF",
        _REPORT,
        *_BEFORE,
        _property(0x1F, 0x3707, "보고서.pdf\0".encode("utf-16-le")),
    ),
    _file(b"note.txt", b"a note", _property(0x1E, 0x3707, b"a long note.txt\0")),
    _file(b"plain.txt", b"as it is"),
)


def _mail(data: bytes) -> bytes:
    head = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64"
    return multipart(
        "mixed", ("Content-Type: text/plain", b"See the files."), (head, base64.encodebytes(data))
    )


def test_files_are_unpacked_and_the_whole_is_kept() -> None:
    raw = _mail(_PACKED)

    message = parse(raw)

    assert [one.filename for one in message.attachments] == [
        "winmail.dat",
        "보고서.pdf",
        "a long note.txt",
        "plain.txt",
    ]
    assert message.text == "See the files."
    contents = [open_attachment(raw, one.part) for one in message.attachments]
    assert contents == [_PACKED, _REPORT, b"a note", b"as it is"]
    assert [one.size for one in message.attachments] == [len(content) for content in contents]


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (_PACKED[:-40], ["보고서.pdf", "a long note.txt"]),
        (
            _packed(
                _file(b"a.txt", b"a", struct.pack("<HH", 0x77, 1), _property(0x1E, 0x3707, b"b"))
            ),
            ["a.txt"],
        ),
        (_packed(_file(b"a.txt", b"a", b"")), ["a.txt"]),
        (b"no such stream", []),
        (_packed(*[_file(b"a.txt", b"a")] * 300), ["a.txt"] * 100),
    ],
    ids=["cut", "an unknown type", "no properties", "another", "many"],
)
def test_files_before_the_damage_are_unpacked(data: bytes, names: list[str]) -> None:
    assert [one.name for one in tnef.files(data)] == names


@given(st.binary(max_size=300), st.integers(0, len(_PACKED)))
def test_files_of_any_bytes(data: bytes, at: int) -> None:
    assert isinstance(tnef.files(_PACKED[:at] + data + _PACKED[at:]), list)
