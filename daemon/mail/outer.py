"""Whether a body bears out by itself what its fields say of how it is read. Pure.

Of a signature that covers the body and not such a field: whoever changes the field must not make
other words of the signed ones, such as a part within a part, or a line of the history below an
answer, of the whole mail. Where the body could be read in two ways, nothing is borne out: the
mail is then as good as unsigned, and its sender is asked.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Final

from daemon.mail import charset, hint, parameters, transfer
from daemon.mail.headers import Header
from daemon.mail.parameters import Value

#: A delimiter line and a part's first field, below nothing but the usual sentence for old programs.
_DIVIDED: Final = re.compile(
    rb"\s*+(?:[^\r\n]{0,200}\bMIME\b[^\r\n]{0,200}\s+)?--([^\r\n]{1,200}?)[ \t]*\r?\ncontent-",
    re.IGNORECASE,
)
_AS_IT_STANDS: Final = frozenset({"", "7bit", "8bit", "binary"})
#: So much without a blank is base64, not a word.
_NO_WORD: Final = re.compile(rb"\S{20}")
#: A line that ends in "=", and a command that would be drawn into it.
_DRAWN_IN: Final = re.compile(rb"=\r?\n/")
_MARKUP: Final = re.compile(
    rb"</?(?:!doctype|html|head|meta|body|style|div|p|br|pre|blockquote|span|table|font)\b[^<>@]*+>",
    re.IGNORECASE,
)


def bears_out(raw: bytes, header: Header, signed: Set[str]) -> bool:
    """True when other fields than the signed ones could not have the mail read otherwise."""
    field = parameters.read(header.first("content-type"))
    kind = parameters.media_type(field.value)
    encoding = transfer.named(header.first("content-transfer-encoding"))
    body = raw[header.body :]
    if kind.startswith("multipart/"):
        boundary = field.get("boundary").rstrip().encode("utf-8", "replace")
        if "content-type" not in signed:
            return _delimiter(body) == boundary
        if boundary and b"--" + boundary in body:
            # The parts say how they are encoded.
            return True
    return (
        ("content-disposition" in signed or _is_shown(header, kind))
        and ("content-transfer-encoding" in signed or _is_encoded(body, encoding))
        and ("content-type" in signed or _is_text(body, encoding, kind, _charset(field, header)))
    )


def _delimiter(body: bytes) -> bytes | None:
    divided = _DIVIDED.match(body)
    return divided[1] if divided else None


def _is_shown(header: Header, kind: str) -> bool:
    disposition = parameters.read(header.first("content-disposition"))
    return disposition.value != "attachment" or not kind.startswith("text/")


def _is_encoded(body: bytes, encoding: str) -> bool:
    """True when the body is encoded so and not otherwise."""
    if encoding == "quoted-printable":
        return transfer.is_quoted_printable(body) and not _DRAWN_IN.search(body)
    if encoding == "base64":
        return transfer.is_base64(body)
    if encoding not in _AS_IT_STANDS:
        return False
    # Not decoded, a line that was only folded would be two.
    if transfer.may_be_quoted_printable(body):
        return False
    return not (_NO_WORD.match(body) and transfer.is_base64(body))


def _charset(field: Value, header: Header) -> str:
    """The charset that the body is read in, as far as fields say."""
    return field.get("charset") or hint.of_header(header)


def _is_text(body: bytes, encoding: str, kind: str, name: str) -> bool:
    """True when the body is text of that kind, and the same text whatever charset is named."""
    data = transfer.text(body, encoding)
    if _delimiter(body) is not None or not _is_utf8(data, name):
        return False
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if kind == "text/html":
        # Without a charset one is looked for in the page, and a quoted page may name one.
        return bool(name and _MARKUP.match(start))
    return kind == "text/plain" and start[:1] != b"<" and not _MARKUP.search(data)


def _is_utf8(data: bytes, name: str) -> bool:
    """True when it is UTF-8, or ASCII, and in that charset read as such.

    Of other bytes nobody can tell which charset they were written in.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x1b" not in text and charset.decode(data, name)[0] == text.removeprefix("\ufeff")
