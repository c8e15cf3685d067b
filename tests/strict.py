"""A mail against RFC 5322 and its companions: what the strictest receiver would object to.

Written apart from the code that writes our mails, and knows nothing of it.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from datetime import UTC, datetime

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = rf"{_ATEXT}(?:\.{_ATEXT})*"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[!-Z^-~]+\])"
_ADDR_SPEC = rf"(?:{_DOT_ATOM}|{_QUOTED})@{_DOMAIN}"
_ENCODED = r"=\?utf-8\?[bq]\?[!->@-~]+\?="
_PHRASE = rf"(?:(?:{_QUOTED}|{_ATEXT}|{_ENCODED})(?: (?:{_QUOTED}|{_ATEXT}|{_ENCODED}))*)"
_MAILBOX = re.compile(rf"(?:(?:{_PHRASE} )?<{_ADDR_SPEC}>|{_ADDR_SPEC})")
_MSG_ID = rf"<{_DOT_ATOM}@(?:{_DOT_ATOM}|\[[!-Z^-~]*\])>"
_MSG_IDS = re.compile(rf"{_MSG_ID}(?: {_MSG_ID})*")
_ONE_ID = re.compile(_MSG_ID)
_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"
)
_FIELD = re.compile(rb"([!-9;-~]+):( [ -~\t]*(?:\r\n[ \t]+[!-~][ -~\t]*)*)\r\n")
_WORD = re.compile(r"=\?([^?]*)\?([^?]*)\?([^?]*)\?=")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_ONCE = ("date", "from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references",
         "mime-version", "content-type", "auto-submitted")  # fmt: skip
_BOUNDARY = re.compile(r'boundary="([0-9A-Za-z\'()+_,./:=? -]{0,69}[0-9A-Za-z\'()+_,./:=?-])"')


def faults(raw: bytes) -> list[str]:
    """Everything that is not as the standards want it."""
    return [*_lines(raw), *_message(raw)]


def _lines(raw: bytes) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "a lone CR or LF (RFC 5322 §2.3)"
    for line in raw.split(b"\r\n"):
        if len(line) > 998:
            yield f"a line of {len(line)} octets (§2.1.1)"
        if b"\0" in line:
            yield "a NUL (§4.1)"
    if not raw.isascii():
        yield "octets beyond ASCII, though nothing declares them"


def _message(raw: bytes) -> Iterator[str]:
    block, end, body = raw.partition(b"\r\n\r\n")
    if not end:
        yield "no end of the header"
        return
    fields = _fields(block)
    if fields is None:
        yield "a header line that is no field (§2.2)"
        return
    names = [name for name, _ in fields]
    for name in ("date", "from", "message-id", "mime-version", "content-type"):
        if name not in names:
            yield f"no {name}"
    for name in _ONCE:
        if names.count(name) > 1:
            yield f"{name} twice (§3.6)"
    for name, value in fields:
        yield from _value(name, value)
    yield from _entity(dict(fields), body)


def _fields(block: bytes) -> list[tuple[str, str]] | None:
    """Names in lower case, values unfolded; None for what is no header."""
    rest, out = block + b"\r\n", []
    while rest:
        found = _FIELD.match(rest)
        if not found:
            return None
        value = re.sub(rb"\r\n(?=[ \t])", b"", found[2]).decode("ascii")
        out.append((found[1].decode("ascii").lower(), value[1:]))
        rest = rest[found.end() :]
    return out


def _value(name: str, value: str) -> Iterator[str]:
    if name == "date" and not _is_date(value):
        yield f"date: {value!r} (§3.3)"
    if name in {"from", "to", "reply-to"} and not _MAILBOX.fullmatch(value):
        yield f"{name}: {value!r} is not one mailbox (§3.4)"
    if name == "message-id" and not _ONE_ID.fullmatch(value):
        yield f"message-id: {value!r} (§3.6.4)"
    if name in {"in-reply-to", "references"} and not _MSG_IDS.fullmatch(value):
        yield f"{name}: {value!r} (§3.6.4)"
    if name == "mime-version" and value != "1.0":
        yield f"mime-version: {value!r} (RFC 2045 §4)"
    yield from _words(name, value)


def _words(name: str, value: str) -> Iterator[str]:
    for found in _WORD.finditer(value):
        if len(found[0]) > 75:
            yield f"{name}: an encoded word of {len(found[0])} columns (RFC 2047 §2)"
        try:
            text = _decoded(found[2].lower(), found[3]).decode(found[1])
        except (ValueError, LookupError, binascii.Error):
            yield f"{name}: {found[0]!r} cannot be decoded whole (RFC 2047 §5)"
            continue
        if any(character < " " or character in "\x7f\u2028\u2029" for character in text):
            yield f"{name}: {found[0]!r} hides a control character"


def _decoded(encoding: str, payload: str) -> bytes:
    if encoding == "b":
        return base64.b64decode(payload, validate=True)
    return quopri.decodestring(payload.replace("_", " "), header=False)


def _is_date(value: str) -> bool:
    found = _DATE.fullmatch(value)
    if not found:
        return False
    try:
        day = datetime(int(found[4]), _MONTHS.index(found[3]) + 1, int(found[2]), tzinfo=UTC)
    except ValueError:
        return False
    is_clock = int(found[5]) < 24 and int(found[6]) < 60 and int(found[7]) <= 60
    return _DAYS[day.weekday()] == found[1] and is_clock and int(found[10]) < 60


def _entity(fields: dict[str, str], body: bytes) -> Iterator[str]:
    """A body by its type: its parts, or its encoding (RFC 2045 §6, RFC 2046 §5.1)."""
    kind = fields.get("content-type", "text/plain")
    if not kind.startswith("multipart/"):
        yield from _leaf(kind, fields.get("content-transfer-encoding", "7bit"), body)
        return
    found = _BOUNDARY.search(kind)
    if not found:
        yield f"content-type: {kind!r} has no boundary (RFC 2046 §5.1.1)"
        return
    mark = b"--" + found[1].encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 3 or pieces[-1] not in {b"--", b"--\r\n"}:
        yield "a multipart that does not end"
    for piece in pieces[1:-1]:
        block, end, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        part = _fields(block) if piece.startswith(b"\r\n") and end else None
        if part is None:
            yield "a part without a header"
            continue
        for name, value in part:
            if not name.startswith("content-"):
                yield f"a part has {name}"
            yield from _words(name, value)
        yield from _entity(dict(part), content)


def _from_base64(body: bytes) -> bytes:
    return base64.b64decode(body, validate=False)


def _base64(body: bytes) -> Iterator[str]:
    lines = body.split(b"\r\n")
    if any(len(line) > 76 for line in lines):
        yield "base64 in lines of more than 76 columns (RFC 2045 §6.8)"
    if not re.fullmatch(
        rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", b"".join(lines)
    ):
        yield "base64 that is none"


def _quoted_printable(body: bytes) -> Iterator[str]:
    if any(len(line) > 76 or line[-1:] in {b" ", b"\t"} for line in body.split(b"\r\n")):
        yield "quoted-printable with a long line or a blank at its end (RFC 2045 §6.7)"
    if re.search(rb"=(?![0-9A-F]{2}|\r\n)", body):
        yield "quoted-printable with a lone ="


_ENCODINGS = {"base64": _base64, "quoted-printable": _quoted_printable}


def _leaf(kind: str, encoding: str, body: bytes) -> Iterator[str]:
    yield from _ENCODINGS.get(encoding, lambda _: ())(body)
    data = {"base64": _from_base64, "quoted-printable": quopri.decodestring}.get(encoding, bytes)(
        body
    )
    charset = re.search(r"charset=\"?([A-Za-z0-9_-]+)", kind)
    if kind.startswith("text/") and charset:
        try:
            data.decode(charset[1])
        except (UnicodeDecodeError, LookupError):
            yield f"text that is not {charset[1]}"
