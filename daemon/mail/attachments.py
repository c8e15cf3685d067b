"""Parts offered as files: their names made safe, their bytes decoded when asked for."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from mimetypes import guess_type
from typing import Final

from daemon.mail import embedded, parameters, tnef
from daemon.mail.embedded import File
from daemon.mail.limits import MIME_PARTS
from daemon.mail.message import Attachment
from daemon.mail.sniff import kind_of, picture_size
from daemon.mail.structure import Part, Structure, read

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffc]")
#: Bidirectional marks and zero-width characters: they make a name look like another.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_NAME_BYTES: Final = 200
#: In pixels.
_LOGO_HEIGHT: Final = 100
_LOGO_AREA: Final = 40_000
_EXTENSIONS: Final = {
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/rfc822-headers": ".txt",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "application/pdf": ".pdf",
    "application/ms-tnef": ".dat",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
}


def safe_name(name: str) -> str:
    """A file name to show and to suggest: no path, no controls, nothing that hides; or empty."""
    name = unicodedata.normalize("NFKC", name[:2000])
    name = _UNSAFE.sub("", _UNSEEN.sub("", name)).replace("\\", "/").rpartition("/")[2]
    name = " ".join(name.split()).strip(" .\"'")
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 20:
        stem, dot, extension = name, "", ""
    room = _NAME_BYTES - len(extension.encode()) - 1
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + extension


def filename(part: Part) -> str:
    """The name that the sender gave, made safe; empty when there is none."""
    disposition = parameters.read(part.header.first("content-disposition"))
    given = disposition.get("filename") or part.parameters.get("name")
    return safe_name(given or disposition.get("name"))


def describe(structure: Structure, leaf: int) -> Attachment:
    """An attachment as the message lists it; ``leaf`` counts leaves in document order."""
    part = structure.parts[structure.leaves[leaf]]
    data = part.content(structure.raw)
    disposition = parameters.read(part.header.first("content-disposition")).value
    content_id = part.header.text("content-id").strip("<> ")
    name = filename(part) or _invented(part, structure.raw, leaf)
    sniffed = kind_of(data)
    inline = disposition == "inline" or bool(content_id and disposition != "attachment")
    return Attachment(
        filename=name,
        content_type=part.content_type,
        size=len(data),
        inline=inline,
        content_id=content_id,
        part=leaf,
        sha256=hashlib.sha256(data).hexdigest(),
        sniffed=sniffed,
        is_decoration=inline and _is_small_picture(data, sniffed),
    )


def inner_files(data: bytes) -> list[File]:
    """The files within a part: of a text, or of what Outlook has packed."""
    return tnef.files(data) or embedded.files(data)


def describe_inner(file: File, leaf: int, number: int) -> Attachment:
    """A file within a part, the first of which has number 0."""
    name = safe_name(file.name) or f"part-{leaf}-{number}.bin"
    return Attachment(
        filename=name,
        content_type=guess_type(name)[0] or "application/octet-stream",
        size=len(file.data),
        part=leaf + MIME_PARTS * (number + 1),
        sha256=hashlib.sha256(file.data).hexdigest(),
        sniffed=kind_of(file.data),
    )


def _is_small_picture(data: bytes, kind: str) -> bool:
    """As small as the logo of a signature, a spacer or an emoji; no screenshot is."""
    size = picture_size(data, kind)
    if size is None:
        return False
    width, height = size
    return height <= _LOGO_HEIGHT or width * height <= _LOGO_AREA


def _invented(part: Part, raw: bytes, leaf: int) -> str:
    extension = _EXTENSIONS.get(part.content_type, ".bin")
    if part.content_type == "message/rfc822":
        subject = read(raw[part.start : min(part.end, part.start + 65536)]).parts[0].header
        name = safe_name(subject.text("subject").replace("/", "-"))[:80]
        return f"{name}{extension}" if name else f"part-{leaf}{extension}"
    return f"part-{leaf}{extension}"


def open_attachment(raw: bytes, part: int) -> bytes:
    """The decoded bytes of ``Attachment.part``; nothing for a number that the mail has not."""
    structure = read(raw)
    inner, leaf = divmod(part, MIME_PARTS)
    if not 0 <= leaf < len(structure.leaves) or inner < 0:
        return b""
    data = structure.parts[structure.leaves[leaf]].content(structure.raw)
    if not inner:
        return data
    found = inner_files(data)
    return found[inner - 1].data if inner <= len(found) else b""
