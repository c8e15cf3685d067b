"""From a notice and its rendered words to the final bytes of a mail. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from daemon.errors import MailError
from daemon.mail import loop
from daemon.mail.address import message_id
from workers.notices import wire
from workers.notices.identity import DeskIdentity, reply_token
from workers.notices.notice import ANSWERS, Composed, File, Kind, Notice

__all__ = ["DeskIdentity", "Rendered", "compose", "message_id_of"]

_SUBJECT: Final = 200
_NAME: Final = 64
#: A thread's first and its newest: enough for every client, and a line length that passes.
_NEWEST: Final = 9
_NOT_ATOM: Final = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A notice in words."""

    #: Without the ticket's number.
    subject: str
    text: str
    html: str


def compose(notice: Notice, rendered: Rendered, desk: DeskIdentity) -> Composed:
    """The mail, ready for the outbox: the same notice gives the same bytes.

    Raises MailError when the recipient is no address or the desk's own.
    """
    if desk.is_ours(notice.to.address):
        raise MailError(f"the desk does not write to itself: {notice.to.address}")
    own_id = message_id_of(notice, desk)
    digest = hashlib.sha256(own_id.encode()).hexdigest().encode()
    kind, parts = _alternatives(rendered, b"=_" + digest[:24])
    if notice.files:
        kind, parts = _with_files(kind, parts, notice.files, b"=_" + digest[24:48])
    fields = _fields(notice, rendered, desk, own_id)
    head = "\r\n".join(field for field in fields if field)
    raw = b"".join((head.encode(), b"\r\n", kind, b"\r\n\r\n", *parts))
    wire.check_header_block(raw)
    return Composed(
        raw=raw,
        message_id=own_id,
        sender=desk.return_path(notice),
        recipient=wire.mailbox(notice.to.address),
    )


def message_id_of(notice: Notice, desk: DeskIdentity) -> str:
    """The notice's Message-ID, without brackets: signed, and made from what makes it unique."""
    if notice.message_id:
        return notice.message_id
    unique = _NOT_ATOM.sub(lambda found: f"_{ord(found[0]):x}_", notice.unique)
    return message_id(desk.keys, reply_token(notice), unique, desk.domain)


def _fields(notice: Notice, rendered: Rendered, desk: DeskIdentity, own_id: str) -> list[str]:
    # A stranger's display name is his text too: it is not mailed on his word (attack 9).
    name = wire.one_line(notice.to.name, _NAME) if notice.may_quote else ""
    desk_name = wire.one_line(desk.name, _NAME)
    return [
        f"Date: {_date(notice.at.replace(microsecond=0), notice.at.tzinfo)}",
        wire.mailboxes("From", desk.address, desk_name),
        wire.mailboxes("To", notice.to.address, name),
        wire.mailboxes("Reply-To", desk.reply_address(notice), desk_name),
        wire.unstructured("Subject", _subject(notice, rendered)),
        f"Message-ID: <{own_id}>",
        wire.message_ids("In-Reply-To", (notice.in_reply_to,)),
        wire.message_ids("References", _references(notice)),
        *_automatic(notice.kind),
        f"X-Loop: {loop.mark(desk.keys)}",
        "MIME-Version: 1.0",
    ]


@lru_cache(maxsize=64)
def _date(second: datetime, _zone: tzinfo | None) -> str:
    """Many mails are of one second; in two zones equal instants are written differently."""
    return format_datetime(second)


def _subject(notice: Notice, rendered: Rendered) -> str:
    subject = wire.one_line(rendered.subject, _SUBJECT) or "(no subject)"
    if notice.ticket is None:
        return subject
    tag = f"[#{notice.ticket.number}]"
    return f"{tag} {' '.join(subject.replace(tag, ' ').split())}".rstrip()


def _references(notice: Notice) -> tuple[str, ...]:
    ids = [one for one in dict.fromkeys(notice.references) if one != notice.in_reply_to]
    if notice.in_reply_to:
        ids.append(notice.in_reply_to)
    return tuple(ids) if len(ids) <= _NEWEST + 1 else (ids[0], *ids[-_NEWEST:])


def _automatic(kind: Kind) -> tuple[str, ...]:
    # RFC 3834 §5: an agent's words are a person's, although a machine carries them.
    if kind is Kind.PUBLIC_REPLY:
        return ()
    value = "auto-replied" if kind in ANSWERS else "auto-generated"
    return (f"Auto-Submitted: {value}", "X-Auto-Response-Suppress: All")


def _alternatives(rendered: Rendered, boundary: bytes) -> tuple[bytes, list[bytes]]:
    """Neither encoding can hold ``=_``, and so no text can hold the boundary."""
    out = []
    for subtype, text in ((b"plain", rendered.text), (b"html", rendered.html)):
        encoding, data = wire.body(text)
        out += [b"--", boundary, b"\r\nContent-Type: text/", subtype, b"; charset=utf-8\r\n"]
        out += [b"Content-Transfer-Encoding: ", encoding, b"\r\n\r\n", data, b"\r\n"]
    kind = b'Content-Type: multipart/alternative; boundary="%s"' % boundary
    return kind, [*out, b"--", boundary, b"--\r\n"]


def _with_files(
    kind: bytes, parts: list[bytes], files: Sequence[File], boundary: bytes
) -> tuple[bytes, list[bytes]]:
    """The words first, each file below them."""
    out = [b"--", boundary, b"\r\n", kind, b"\r\n\r\n", *parts]
    for file in files:
        out += [b"--", boundary, b"\r\n", wire.file_head(file.name, file.content_type)]
        out += [b"\r\n\r\n", wire.base64_lines(file.data)]
    mixed = b'Content-Type: multipart/mixed; boundary="%s"' % boundary
    return mixed, [*out, b"--", boundary, b"--\r\n"]
