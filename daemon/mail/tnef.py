"""The files in a ``winmail.dat``, which Outlook writes for itself alone (MS-OXTNEF). Pure, bounded.

Only files and their names: the words are in the mail's own text, and the rest is Outlook's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from daemon.mail import charset
from daemon.mail.embedded import File

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_HEAD: Final = struct.Struct("<BHHI")
_ATTACHMENT: Final = 2
#: The numbers of attributes (§2.1.2.1): where a file begins, its name, its bytes, its properties.
_BEGINS, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
#: The long name of a file, among its properties (MS-OXPROPS).
_LONG_NAME: Final = 0x3707
_TEXT, _WIDE_TEXT, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_MANY: Final = 0x1000
_NAMED: Final = 0x8000
#: The bytes that a value of each fixed type takes (§2.1.3.1.2), filled up to four.
_SIZES: Final = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_ATTRIBUTES: Final = 10_000
_VALUES: Final = 2_000
_FILES: Final = 100


def files(data: bytes) -> list[File]:
    """The files in their order; none in what is no such stream, those before the damage else."""
    if not data.startswith(_SIGNATURE):
        return []
    found: list[tuple[str, bytes]] = []
    for number, value in _attributes(data):
        if number == _BEGINS:
            found.append(("", b""))
        elif found:
            name, content = found[-1]
            if number == _DATA:
                content = value
            elif number == _TITLE:
                name = name or _text(value)
            elif number == _PROPERTIES:
                name = _long_name(value) or name
            found[-1] = (name, content)
    return [File(0, 0, name, content) for name, content in found[:_FILES] if content]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and value of every attribute of a file."""
    at = len(_SIGNATURE) + 2
    for _ in range(_ATTRIBUTES):
        if at + _HEAD.size > len(data):
            return
        level, number, _, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + length > len(data):
            return
        if level == _ATTACHMENT:
            yield number, data[at : at + length]
        at += length + 2


def _long_name(data: bytes) -> str:
    try:
        return next((_text(value, kind) for kind, value in _names(data)), "")
    except struct.error:
        return ""


def _names(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of the properties that are the file's long name."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, _VALUES)):
        kind, number = struct.unpack_from("<HH", data, at)
        at = _after_name(data, at + 4) if number >= _NAMED else at + 4
        first, at = _value(data, at, kind)
        if number == _LONG_NAME and kind in (_TEXT, _WIDE_TEXT):
            yield kind, first


def _after_name(data: bytes, at: int) -> int:
    """Behind the name of a property that has one: a number or a word."""
    (is_word,) = struct.unpack_from("<I", data, at + 16)
    if not is_word:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + _filled(int(length))


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """The first value of a property, and where the next property begins."""
    is_many, kind = kind & _MANY, kind & ~_MANY
    has_lengths = kind in (_TEXT, _WIDE_TEXT, _OBJECT, _BINARY)
    count = 1
    if is_many or has_lengths:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    if not has_lengths:
        # An unknown type: nothing behind it can be found.
        return b"", at + count * _SIZES.get(kind, len(data))
    first = b""
    for place in range(min(count, _VALUES)):
        (length,) = struct.unpack_from("<I", data, at)
        if not place:
            first = data[at + 4 : at + 4 + length]
        at += 4 + _filled(int(length))
    return first, at


def _filled(length: int) -> int:
    return length + -length % 4


def _text(value: bytes, kind: int = _TEXT) -> str:
    if kind == _WIDE_TEXT:
        return value.decode("utf-16-le", "replace").strip("\0")
    return charset.decode(value.rstrip(b"\0"))[0]
