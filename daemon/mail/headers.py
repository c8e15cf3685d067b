"""A header block: divided into fields, repaired where mail is commonly broken. Pure, linear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

from daemon.mail import encoded
from daemon.mail.limits import FIELD_BYTES, HEADER_BYTES, HEADER_FIELDS

_FIELD: Final = re.compile(rb"([!-9;-~]{1,100}+)[ \t]*:")
#: One field that nothing is wrong with, its continuations, and the end of its last line.
_WHOLE: Final = re.compile(
    rb"([!-9;-~]{1,100}+)[ \t]*:([^\r\n]*+(?:\r?\n[ \t]++[^\s][^\r\n]*+)*)\r?\n(?![ \t])"
)
_LINE_END: Final = re.compile(rb"\r?\n")
_KNOWN: Final = re.compile(
    rb"(?:received|return-path|delivered-to|dkim-signature|from|to|subject|date|message-id|"
    rb"mime-version|content-type|content-transfer-encoding|reply-to|in-reply-to|references) ?:",
    re.IGNORECASE,
)
_MBOX: Final = re.compile(rb">?From [^:\r\n]*(?::\d\d){1,2}")
_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]{0,64}")
_BLANK_LINE: Final = re.compile(rb"\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The fields of a mail or a part, in their order, and where its body starts."""

    #: (lower-case name, unfolded raw value).
    fields: tuple[tuple[str, bytes], ...] = ()
    body: int = 0
    #: What had to be repaired or was cut.
    defects: tuple[str, ...] = ()
    #: True when no end of the block was found within its bound.
    endless: bool = False

    def all(self, name: str) -> list[bytes]:
        """The values of every field of that lower-case name."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> bytes:
        """The value of the first field of that lower-case name, or nothing."""
        for key, value in self.fields:
            if key == name:
                return value
        return b""

    def text(self, name: str, hint: str = "") -> str:
        """The first field of that name as one clean line."""
        return encoded.text(self.first(name)[:FIELD_BYTES], hint)


class _Reader:
    """Goes through the lines of a block once."""

    def __init__(self, raw: bytes, start: int, stop: int) -> None:
        self.raw, self.at = raw, start
        self.end = min(stop, start + HEADER_BYTES)
        self.stop = stop
        self.names: list[str] = []
        self.values: list[list[bytes]] = []
        self.defects: list[str] = []

    def line(self, at: int) -> tuple[bytes, int]:
        """The line at an offset without its end, and the offset of the next."""
        end = self.raw.find(b"\n", at, self.end)
        if end < 0:
            return self.raw[at : self.end], self.end
        return self.raw[at:end].removesuffix(b"\r"), end + 1

    def take_whole(self) -> bool:
        """Take a field with all its lines, if it is as it should be: nearly every one is."""
        found = _WHOLE.match(self.raw, self.at, self.end)
        if not found:
            return False
        self.names.append(found[1].decode("ascii").lower())
        self.values.append(_LINE_END.split(found[2]) if b"\n" in found[2] else [found[2]])
        self.at = found.end()
        return True

    def take(self, line: bytes) -> bool:
        """Take a line as a field or as a continuation of one."""
        if line[:1] in (b" ", b"\t"):
            if self.values:
                self.values[-1].append(line)
                return True
            line = line.lstrip()
        found = _FIELD.match(line)
        if not found:
            return False
        self.names.append(found[1].decode("ascii").lower())
        self.values.append([line[found.end() :]])
        return True

    def goes_on(self, at: int) -> bool:
        """True when the block goes on: with a field or its continuation, or soon a known field."""
        following, at = self.line(at)
        if _FIELD.match(following) or following[:1] in (b" ", b"\t"):
            return True
        for _ in range(20 if self.values else 0):
            if not following or at >= self.end:
                return False
            if _KNOWN.match(following):
                return True
            following, at = self.line(at)
        return False

    def is_junk(self, line: bytes, after: int) -> bool:
        """True for a line between fields that is none; else the body has begun."""
        if not self.goes_on(after):
            return False
        if self.values:
            # A continuation that lost its indent.
            self.values[-1].append(b" " + line)
        self.defects.append("a header line without a name")
        return True


def split(raw: bytes, start: int, stop: int, *, repair: bool = True) -> Header:
    """Read the block at ``start``: at most 256 KB and 2,000 fields, the rest is cut and marked."""
    reader = _Reader(raw, start, stop)
    if repair:
        _skip_front(reader)
    while reader.at < reader.end and len(reader.names) < HEADER_FIELDS:
        if reader.take_whole():
            continue
        line, after = reader.line(reader.at)
        if not line:
            return _close(reader, after)
        if not line.strip() and not _FIELD.match(reader.line(after)[0]):
            # A line of blanks that should have been empty.
            return _close(reader, after)
        if not reader.take(line) and not (repair and reader.is_junk(line, after)):
            reader.defects.append("no empty line after the header")
            return _close(reader, reader.at)
        reader.at = after
    if reader.at >= stop:
        return _close(reader, stop)
    return _cut(reader)


def _skip_front(reader: _Reader) -> None:
    front = _START.match(reader.raw, reader.at, reader.end)
    if front:
        reader.at = front.end()
    if _MBOX.match(reader.raw, reader.at, reader.end):
        reader.at = reader.line(reader.at)[1]


def _close(reader: _Reader, body: int, *, endless: bool = False) -> Header:
    fields = tuple(
        (name, b"".join(lines).strip() if len(lines) > 1 else lines[0].strip())
        for name, lines in zip(reader.names, reader.values, strict=True)
    )
    return Header(fields=fields, body=body, defects=tuple(reader.defects), endless=endless)


def _cut(reader: _Reader) -> Header:
    reader.defects.append("the header was cut")
    blank = _BLANK_LINE.search(reader.raw, reader.at - 1, reader.stop)
    return _close(reader, blank.end() if blank else reader.stop, endless=not blank)


def date(value: str) -> datetime | None:
    """A Date field as an aware instant, or None; a missing zone is read as UTC."""
    try:
        found = parsedate_tz(value[:200])
        if found is None:
            return None
        year, month, day, hour, minute, second = found[:6]
        zone = timezone(timedelta(seconds=found[9])) if found[9] else UTC
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
