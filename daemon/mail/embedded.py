"""Files within text, as they were sent before MIME: uuencode and yEnc. Pure, linear, bounded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daemon.mail import charset, transfer

#: More in one text is no mail that anybody sent.
_FILES: Final = 100
_UU: Final = re.compile(
    rb"^begin (?:[0-7]{3,4}) ([^\r\n]{1,200})\r?\n((?:[ -`]{1,90}[ \t]*\r?\n)+)end[ \t]*\r?$",
    re.MULTILINE,
)
_YENC: Final = re.compile(
    rb"^=ybegin [^\r\n]{0,200}?\bname=([^\r\n]{1,200})\r?\n(?:=ypart [^\r\n]{0,200}\r?\n)?"
    rb"((?:(?!=y(?:end|begin) )[^\n]*\n)*)=yend [^\r\n]{0,200}\r?$",
    re.MULTILINE,
)
_ESCAPED: Final = re.compile(rb"=(.)", re.DOTALL)
_SHIFT: Final = bytes((value - 42) % 256 for value in range(256))


@dataclass(frozen=True, slots=True)
class File:
    """A file in a text: where it stands, its name, and its bytes."""

    start: int
    end: int
    name: str
    data: bytes


def files(data: bytes) -> list[File]:
    """The files of a text in their order; none for nearly every text."""
    found = []
    if b"begin " in data:
        found += [_file(match, _uu) for match in _matches(_UU, data)]
        found += [_file(match, _yenc) for match in _matches(_YENC, data)]
    return sorted((one for one in found if one.data), key=lambda one: one.start)[:_FILES]


def without(data: bytes, found: list[File]) -> bytes:
    """The text around the files."""
    out, at = [], 0
    for one in found:
        if one.start >= at:
            out.append(data[at : one.start])
            at = one.end
    return b"".join([*out, data[at:]])


def _matches(pattern: re.Pattern[bytes], data: bytes) -> list[re.Match[bytes]]:
    return [match for match, _ in zip(pattern.finditer(data), range(_FILES), strict=False)]


def _file(match: re.Match[bytes], decode: Callable[[bytes], bytes]) -> File:
    name = charset.decode(match[1].strip())[0]
    return File(match.start(), match.end(), name, decode(match[2]))


def _uu(lines: bytes) -> bytes:
    """The bytes, or none where the lines are no uuencode: somebody's words may begin so, too."""
    wrong = sum(not _fits(line) for line in lines.splitlines())
    return b"" if wrong else transfer.decode(lines, "uuencode")


def _fits(line: bytes) -> bool:
    size = (((line[0] - 32) & 63) + 2) // 3 * 4 if line else 0
    # Some encoders write a check sign behind, others leave blanks at the end out.
    return len(line.rstrip()) <= size + 2 and len(line) + 4 > size // 2


def _yenc(lines: bytes) -> bytes:
    joined = lines.replace(b"\r", b"").replace(b"\n", b"")
    plain = _ESCAPED.sub(lambda match: bytes([(match[1][0] - 64) % 256]), joined)
    return plain.translate(_SHIFT)
