"""Content transfer encodings (RFC 2045 §6), undone leniently: what is not understood stays."""

from __future__ import annotations

import binascii
import re
from typing import Final

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")
_INNER_PADDING: Final = re.compile(rb"=[=\s]*[A-Za-z0-9+/]")
_PIECES: Final = 10_000
_UU_BEGIN: Final = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]+\r?\n", re.MULTILINE)


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
