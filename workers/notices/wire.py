"""A notice's bytes: header fields and bodies, encoded by hand and checked. Pure.

``email.message`` costs a millisecond a mail, folds long References into encoded words that break
threading, and on some Pythons lets an encoded word carry a line end into a header (CVE-2024-6923).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from daemon.errors import MailError, PostdeskError
from daemon.mail import encoded

#: Every field that a notice may have.
FIELDS: Final = frozenset(
    {
        b"date",
        b"from",
        b"to",
        b"reply-to",
        b"subject",
        b"message-id",
        b"in-reply-to",
        b"references",
        b"auto-submitted",
        b"x-auto-response-suppress",
        b"x-loop",
        b"mime-version",
        b"content-type",
    }
)
#: RFC 5322 §2.1.1: shall be, and must be at most.
_COLUMNS: Final = 76
_LINE: Final = 998
_BREAKING: Final = b"\r\n\0"
#: UTF-8 bytes in an encoded word: 45 make 72 columns; the first shares its line with the name.
_FIRST_WORD, _WORD = 30, 45
_BASE64_LINE: Final = 76
_FILE_NAME: Final = 150
_FILE_TYPE: Final = re.compile(r"[a-z0-9]{1,40}/[a-z0-9][a-z0-9.+-]{0,80}")
#: What a mail program may read on its own account is a file without a type.
_NEVER_FILES: Final = ("multipart/", "message/", "text/html", "image/svg")
_ANY_FILE: Final = "application/octet-stream"
_NOT_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9 ._()+=@-]")
#: Up to this line the HTML of a desk's mails in one language is the same; so far it is sought.
_HEAD: Final = b"\n</head>\r\n"
_MOST_ALIKE: Final = 8192
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ATEXT: Final = r"[\w!#$%&'*+/=?^`{|}~-]+"
_DOT_ATOM: Final = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")
_DOMAIN: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.IGNORECASE,
)
_DOMAIN_LITERAL: Final = re.compile(r"\[[0-9A-Za-z.:-]{1,60}\]")
#: Dots in the wrong place are met in the wild; what could be read as two addresses is refused.
_QUOTABLE: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~. -]+")
_QUOTED: Final = re.compile(r'"[\w!#$%&\'*+/=?^`{|}~. -]+"')
_MESSAGE_ID: Final = re.compile(r"[!-;=?-~]{1,250}")


def one_line(value: str, limit: int) -> str:
    """Text that is safe in a header: one line, no controls, no overrides, cut to ``limit``."""
    line = " ".join(value.split())
    if not line.isprintable():  # nearly none; no control, override or surrogate is printable
        line = " ".join(encoded.clean(_LONE_SURROGATE.sub("\ufffd", line)).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def unstructured(name: str, value: str) -> str:
    """A field of free text (RFC 2047 where it must be), folded; ``value`` is one line already."""
    return _fold(name, list(_atoms(value)))


def mailboxes(name: str, address: str, display: str = "") -> str:
    """A field of one mailbox, its display name encoded or quoted so that it cannot be more."""
    return _fold(name, [*_phrase(display), f"<{mailbox(address)}>"])


def message_ids(name: str, ids: Sequence[str]) -> str:
    """A field of Message-IDs; empty when none of them is fit to be repeated."""
    fit = [f"<{one}>" for one in ids if _MESSAGE_ID.fullmatch(one) and "=?" not in one]
    return _fold(name, fit) if fit else ""


@lru_cache(maxsize=1024)  # of the desk, and of who gets several mails; what is wrong is not kept
def mailbox(address: str) -> str:
    """An address as it is written on the wire; raises MailError where there is no way to.

    A domain beyond ASCII becomes its A-labels; a local part beyond ASCII stays (RFC 6532).
    """
    local, _, domain = address.rpartition("@")
    domain = _ascii_domain(domain)
    if not local or len(local.encode("utf-8", "replace")) > 64 or _LONE_SURROGATE.search(local):
        raise MailError(f"{address!r} is no address that can be written to")
    if _DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local):
        return f"{local}@{domain}"
    if _QUOTABLE.fullmatch(local):
        return f'"{local}"@{domain}'
    raise MailError(f"{address!r} is no address that can be written to")


def body(text: str) -> tuple[bytes, bytes]:
    """The name of a transfer encoding, and text in it with CRLF line ends."""
    lined = text.replace("\n", "\r\n")
    data = lined.encode("utf-8", "replace")
    if (len(data) - len(lined)) * 6 > len(data):
        return b"base64", base64_lines(data)
    start = data.find(_HEAD, 0, _MOST_ALIKE) + 1
    return b"quoted-printable", _begun(data[:start]) + binascii.b2a_qp(data[start:], istext=True)


@lru_cache(maxsize=64)
def _begun(data: bytes) -> bytes:
    """What many mails begin with; whole lines, so that what follows is encoded alike."""
    return binascii.b2a_qp(data, istext=True)


def base64_lines(data: bytes) -> bytes:
    """Base64 in lines that every carrier passes (RFC 2045 §6.8)."""
    whole = binascii.b2a_base64(data, newline=False)
    rows = range(0, len(whole), _BASE64_LINE)
    return b"\r\n".join([whole[at : at + _BASE64_LINE] for at in rows]) + b"\r\n"


def file_head(name: str, content_type: str) -> bytes:
    """The header of a file's part, its name in ASCII and in full (RFC 2231); no empty line."""
    kind = content_type if _FILE_TYPE.fullmatch(content_type) else _ANY_FILE
    if kind.startswith(_NEVER_FILES):
        kind = _ANY_FILE
    name = one_line(name, _FILE_NAME) or "file"
    plain = _NOT_FILE_NAME.sub("_", name.encode("ascii", "replace").decode("ascii"))
    # The full name first: some take the first of both, the others prefer it anyway (RFC 6266 §4.3).
    full = f"filename*=utf-8''{quote(name, safe='')};\r\n " if plain != name else ""
    fields = [
        f"Content-Type: {kind}",
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment;\r\n {full}filename="{plain}"',
    ]
    return "\r\n".join(fields).encode("ascii")


def check_header_block(raw: bytes) -> None:
    """Raise PostdeskError unless the finished block holds our fields only, each once.

    The last look before the outbox (security.md F7): whatever went wrong above, no header is
    injected.
    """
    block, end, _ = raw.partition(b"\r\n\r\n")
    seen: set[bytes] = set()
    for line in block.split(b"\r\n"):
        if len(line) > _LINE or line.translate(None, _BREAKING) != line:
            raise PostdeskError(f"a header line of a notice is broken: {line[:80]!r}")
        if line[:1] == b" " and seen and line.strip():
            continue
        name, _, value = line.partition(b": ")
        name = name.lower()
        if name not in FIELDS or name in seen or not value[:1].strip():
            raise PostdeskError(f"a notice may not have this header line: {line[:80]!r}")
        seen.add(name)
    if not end:
        raise PostdeskError("a notice has no end of header")


def _ascii_domain(domain: str) -> str:
    try:
        known = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as err:
        raise MailError(f"{domain!r} is no domain that can be written to") from err
    if len(known) <= 255 and (_DOMAIN.fullmatch(known) or _DOMAIN_LITERAL.fullmatch(known)):
        return known
    raise MailError(f"{domain!r} is no domain that can be written to")


@lru_cache(maxsize=1024)
def _phrase(display: str) -> tuple[str, ...]:
    if not display:
        return ()
    if display.isascii() and "=?" not in display:
        return (_quoted(display),)
    return tuple(_encoded_words(display))


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _atoms(value: str) -> Iterator[str]:
    """Words as they are, up to the first that must be encoded; from there all in one run."""
    if value.isascii() and "=?" not in value:
        yield from value.split(" ")
        return
    words = value.split(" ")
    plain = 0
    while words[plain].isascii() and "=?" not in words[plain]:
        plain += 1
    yield from words[:plain]
    yield from _encoded_words(" ".join(words[plain:]))


def _encoded_words(value: str) -> Iterator[str]:
    """RFC 2047 §5: each word whole characters, at most 75 columns."""
    data = value.encode("utf-8", "replace")
    start, room = 0, _FIRST_WORD
    while start < len(data):
        end = min(start + room, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        word = binascii.b2a_base64(data[start:end], newline=False).decode("ascii")
        yield f"=?utf-8?b?{word}?="
        start, room = end, _WORD


def _fold(name: str, atoms: list[str]) -> str:
    whole = f"{name}: {' '.join(atoms)}"
    if len(whole) <= _COLUMNS:
        return whole
    lines, line = [], f"{name}:"
    for atom in atoms:
        # The first stays on the field's own line: readers stumble over an empty one.
        if len(line) + 1 + len(atom) > _COLUMNS and line != f"{name}:":
            lines.append(line)
            line = ""
        line = f"{line} {atom}"
    lines.append(line)
    return "\r\n".join(lines)
