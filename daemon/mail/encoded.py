"""Header text: encoded words (RFC 2047) and raw bytes to one clean line."""

from __future__ import annotations

import binascii
import re
from typing import Final

from daemon.mail import charset, transfer

#: The second alternative reads a ``?`` that should have been encoded, not far.
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([BbQq])\?([^?]*+|.{0,300}?)\?=", re.DOTALL)
#: A last word that was cut off.
_CUT_WORD: Final = re.compile(r"=\?[^?\s]{1,60}\?[BbQq]\?[^?\s]{4,}+(\??)\Z")
_BIDI: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE: Final = "\u200b\u2060\ufeff\u00ad"
#: Line ends and tabs become blanks; other controls and what turns or hides text go.
_UNCLEAN: Final = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}{_INVISIBLE}]")
_SPACE: Final = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+ *")


def text(value: bytes, hint: str = "") -> str:
    """A field's value as one clean line; raw 8-bit text is read by the body's charset."""
    if value.isascii() and b"=?" not in value and (plain := value.decode("ascii")).isprintable():
        # Nearly every field.
        return plain.strip()
    return clean(words(raw(value, hint)))


def raw(value: bytes, hint: str = "") -> str:
    """A field's bytes as text, encoded words untouched."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    return charset.decode(value, hint)[0]


def words(value: str) -> str:
    """Encoded words decoded; neighbours of one charset jointly, as their senders split them."""
    if "=?" not in value:
        return value
    if cut := _CUT_WORD.search(value):
        value += "=" if cut[1] else "?="
    out: list[str] = []
    pending, name, end = b"", "", 0
    for word in _WORD.finditer(value):
        between = value[end : word.start()]
        label = word[1].partition("*")[0].lower()
        if pending and (label != name or between.strip()):
            out.append(charset.decode(pending, name)[0])
            pending = b""
        if between.strip() or not end:
            out.append(between)
        pending, name, end = pending + _bytes(word[2], word[3]), label, word.end()
    out.append(charset.decode(pending, name)[0])
    return "".join(out) + value[end:]


def clean(value: str) -> str:
    """One line without controls, bidirectional overrides and invisible characters."""
    if value.isascii() and value.isprintable():
        return value.strip()
    return _UNCLEAN.sub("", _SPACE.sub(" ", value)).strip()


def _bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "Bb":
        return transfer.base64(data)
    return binascii.a2b_qp(data, header=True)
