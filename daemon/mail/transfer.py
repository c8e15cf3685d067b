"""Content transfer encodings (RFC 2045 §6), undone leniently: what is not understood stays."""

from __future__ import annotations

import binascii
import re
from typing import Final

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")
_INNER_PADDING: Final = re.compile(rb"=[=\s]*[A-Za-z0-9+/]")
_PIECES: Final = 10_000
_UU_BEGIN: Final = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]+\r?\n", re.MULTILINE)
_NAME: Final = re.compile(rb"[a-z0-9-]+")
_COMMENT: Final = re.compile(rb"\([^()]*+\)")
_LOOK: Final = 2000
#: No base64 has words and blanks between them.
_PLAIN_WORDS: Final = re.compile(rb"[A-Za-z]{2,}[,.;:!?]? [A-Za-z]{2,}[,.;:!?]? [A-Za-z]{2,}")
#: Lines of base64, below which a list has written its own words.
_CODED_LINES: Final = re.compile(rb"\s*((?:[A-Za-z0-9+/]{4,76}={0,2}\r?\n)+)(?![A-Za-z0-9+/=])")
_FEWEST_CODED: Final = 24
#: A character of UTF-8, still encoded.
_STILL_CODED: Final = re.compile(rb"=(?:C[2-9]|D[0-9A-F]|E[0-9A-F]=[89AB][0-9A-F])=[89AB][0-9A-F]")
#: What programs write as quoted-printable: blanks, "=" itself, bytes above ASCII, the end of a
#: line that goes on, and at a line's start "." and the F of "From". No control among them.
_QUOTED: Final = re.compile(rb"=(?:09|20|3D|[89A-F][0-9A-F]|\r?\n|\Z)|^=(?:2E|46)", re.MULTILINE)
#: What any program may write so.
_QUOTABLE: Final = re.compile(rb"=(?:[0-9A-F]{2}|\r?\n|\Z)")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*+={0,2}")


def named(value: bytes) -> str:
    """The encoding that a Content-Transfer-Encoding names, in lower case."""
    value = value.lower()
    found = _NAME.search(_COMMENT.sub(b"", value) if b"(" in value else value)
    return found[0].decode("ascii") if found else ""


def text(data: bytes, encoding: str) -> bytes:
    """A text's bytes: not decoded where they never were encoded, twice where they were twice."""
    if encoding == "base64" and _PLAIN_WORDS.search(data[:_LOOK]):
        return _partly_coded(data)
    once = decode(data, encoding)
    if encoding == "quoted-printable" and len(_STILL_CODED.findall(once[:_LOOK])) > 1:
        # Or else somebody quotes what looks so: then it could make lines that he never wrote.
        return decode(once, encoding) if is_quoted_printable(once) else once
    return once


def is_quoted_printable(data: bytes) -> bool:
    """True when each "=" is one that a program writes, so that decoding it makes no new line."""
    return data.isascii() and data.count(b"=") == len(_QUOTED.findall(data))


def may_be_quoted_printable(data: bytes) -> bool:
    """True when it says something else decoded, and any program could have written it so."""
    upper = data.upper()
    return (
        data.isascii()
        and bool(_QUOTED.search(upper))
        and data.count(b"=") == len(_QUOTABLE.findall(upper))
    )


def is_base64(data: bytes) -> bool:
    """True when it is nothing but whole base64."""
    whole = data.strip().translate(None, b"\r\n")
    return len(whole) % 4 == 0 and bool(_BASE64.fullmatch(whole))


def _partly_coded(data: bytes) -> bytes:
    """Text that was never encoded, or only at its top."""
    top = _CODED_LINES.match(data)
    if not top or len(top[1]) < _FEWEST_CODED:
        return data
    return decode(top[1], "base64") + b"\n" + data[top.end() :]


def decode(data: bytes, encoding: str) -> bytes:
    """The bytes that were meant; unknown encodings are taken as identity."""
    match encoding:
        case "base64":
            return base64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uu(data)
    return data


def base64(data: bytes) -> bytes:
    """Base64 with foreign characters skipped, lost padding supplied, joined pieces joined."""
    if not _INNER_PADDING.search(data):
        return _piece(data)
    if data.count(b"=") > _PIECES:
        # No mail program does this; read on in one piece, padding as zero bits.
        return _piece(data.replace(b"=", b"A"))
    return b"".join(_piece(piece) for piece in re.split(rb"=[=\s]*", data))


def _piece(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        clean = _NOT_BASE64.sub(b"", data)
        if len(clean) % 4 == 1:
            clean = clean[:-1]
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _uu(data: bytes) -> bytes:
    begin = _UU_BEGIN.search(data)
    out = []
    for line in data[begin.end() if begin else 0 :].splitlines():
        if line.rstrip() == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders pad the line beyond its stated length.
            size = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                out.append(binascii.a2b_uu(line[:size]))
            except binascii.Error:
                continue
    return b"".join(out)
