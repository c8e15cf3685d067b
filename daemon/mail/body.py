"""The text of a mail: which parts a person would read, decoded and joined."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from daemon.mail import (
    attachments,
    charset,
    embedded,
    hint,
    html,
    parameters,
    signed,
    tnef,
    transfer,
)
from daemon.mail.limits import UNREADABLE_BYTES
from daemon.mail.message import Attachment
from daemon.mail.structure import Part, Structure
from daemon.mail.structure import read as structure_of

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f]")
#: The same for ASCII, which nearly all text is, and much quicker.
_ASCII_CONTROL: Final = dict.fromkeys(
    map(ord, "".join(filter(_CONTROL.match, map(chr, range(128)))))
)
_META: Final = re.compile(rb"<meta[^>]{1,200}?charset=[\"']?([a-z0-9_-]{2,30})", re.IGNORECASE)
#: What programs put into the text part when they mean the HTML part.
_STUB: Final = re.compile(
    r"html[- ](?:e-?mail|message|format|version|content|compatible|viewer|capable)|"
    r"(?:e-?mail|mail) (?:client|program|reader).{0,60}(?:html|support)|view (?:this|it) in|"
    r"im html-format|format html|html 형식|HTML\s?メール",
    re.IGNORECASE,
)
#: A page that calls itself plain text.
_PAGE: Final = re.compile(r"\s{0,20}(?:<!doctype html[^>]{0,200}>\s{0,20})?<html", re.IGNORECASE)
_PAGE_END: Final = re.compile(r"</html>\s{0,20}\Z", re.IGNORECASE)
#: Text that is for programs.
_NO_WORDS: Final = frozenset(
    {"text/calendar", "text/x-vcalendar", "text/csv", "text/vcard", "text/x-vcard"}
)
_SOFT: Final = re.compile(r"(>*)( ?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a mail says, and what came with it."""

    text: str = ""
    #: The text without what programs put there only to point at the HTML.
    own: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    warnings: tuple[str, ...] = ()


def read(structure: Structure) -> Body:
    """Choose, decode and join the readable parts; all others are attachments."""
    return _read(structure, is_within_signed=False)


def _read(structure: Structure, *, is_within_signed: bool) -> Body:
    if structure.unreadable and len(structure.parts) == 1:
        return _undivided(structure)
    reader = _Reader(structure, is_within_signed=is_within_signed)
    for number, index in enumerate(structure.leaves):
        reader.leaf(number, index)
    body = reader.body()
    if structure.unreadable and not body.text:
        undivided = _undivided(structure).text
        return replace(body, text=undivided, own=undivided)
    return body


def lines(text: str) -> str:
    """Text with LF line ends and without control characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_ASCII_CONTROL) if text.isascii() else _CONTROL.sub("", text)


def _undivided(structure: Structure) -> Body:
    part = structure.parts[0]
    head = structure.raw[part.start : min(part.end, part.start + UNREADABLE_BYTES)]
    text, warning = charset.decode(head, part.parameters.get("charset"))
    text = lines(text).strip("\n")
    return Body(text=text, own=text, warnings=(warning,) if warning else ())


@dataclass(slots=True)
class _Unit:
    """What stands for one piece of the text: a part, or the choices of an alternative."""

    alternative: int
    plain: str = ""
    html: str = ""


class _Reader:
    def __init__(self, structure: Structure, *, is_within_signed: bool) -> None:
        self.structure = structure
        self.is_within_signed = is_within_signed
        self.units: list[_Unit] = []
        self.attached: list[Attachment] = []
        self.warnings: list[str] = []
        #: For text without a charset: the one in which the sender's program wrote the header.
        self.spoken = hint.of_header(structure.parts[0].header)

    def leaf(self, number: int, index: int) -> None:
        """Take a leaf as text or as an attachment."""
        part = self.structure.parts[index]
        if part.content_type.startswith("multipart/") and self.is_nothing(part):
            return
        if not _is_text(part, self.structure):
            described = attachments.describe(self.structure, number)
            self.attached.append(described)
            if signed.may_be(part.content_type, described.filename):
                self.open_signed(part)
            if described.sniffed == "application/ms-tnef":
                self.attach_inner(tnef.files(part.content(self.structure.raw)), number)
            return
        is_html = part.content_type == "text/html"
        text = self.decode(part, number, is_html=is_html)
        is_html = is_html or bool(_PAGE.match(text) and _PAGE_END.search(text))
        unit = self.unit(index)
        if is_html:
            unit.html = f"{unit.html}\n{text}" if unit.html else text
        elif unit.plain and text:
            unit.plain = f"{unit.plain.rstrip()}\n\n{text}"
        else:
            unit.plain = unit.plain or text

    def attach_inner(self, inner: list[embedded.File], number: int) -> None:
        self.attached += [
            attachments.describe_inner(one, number, place) for place, one in enumerate(inner)
        ]

    def open_signed(self, part: Part) -> None:
        """Take the text of a signed message; its files stay within it."""
        entity = signed.content(part.content(self.structure.raw))
        if not entity or self.is_within_signed:
            return
        inner = _read(structure_of(entity), is_within_signed=True)
        self.units.append(_Unit(-1, plain=inner.own, html=inner.html or ""))
        self.warnings.append("s/mime: the signature was not checked")

    def is_nothing(self, part: Part) -> bool:
        """True where reading stopped, or two boundaries are one: no file that somebody sent."""
        is_inner = part.parent >= 0
        return bool(self.structure.unreadable) or (is_inner and part.start >= part.end)

    def unit(self, index: int) -> _Unit:
        """The choices that a leaf belongs to: those of its outermost alternative, if any."""
        around = self.structure.lineage(index)
        kinds = [i for i in around if self.is_alternative(i)]
        alternative = kinds[-1] if kinds else -1
        if alternative < 0 or not self.units or self.units[-1].alternative != alternative:
            self.units.append(_Unit(alternative))
        return self.units[-1]

    def is_alternative(self, index: int) -> bool:
        return self.structure.parts[index].content_type == "multipart/alternative"

    def decode(self, part: Part, number: int, *, is_html: bool) -> str:
        data = transfer.text(self.structure.raw[part.start : part.end], part.encoding())
        if not is_html and (inner := embedded.files(data)):
            self.attach_inner(inner, number)
            data = embedded.without(data, inner)
        declared = part.parameters.get("charset")
        if is_html and not declared and (meta := _META.search(data[:4096])):
            declared = meta[1].decode("ascii")
        text, warning = charset.decode(data, declared or self.spoken)
        if warning:
            self.warnings.append(f"text: {warning}")
        text = lines(text)
        if not is_html and part.parameters.get("format").lower() == "flowed":
            text = _unflow(text, delete_space=part.parameters.get("delsp").lower() == "yes")
        return text

    def body(self) -> Body:
        texts = [text for unit in self.units if (text := self.text(unit).strip("\n"))]
        own = "\n\n".join(text.rstrip() for text in texts)
        stubs = [text for unit in self.units if (text := self.stub(unit))]
        pages = [unit.html for unit in self.units if unit.html]
        page = html.sanitise("\n".join(pages)) if pages else None
        if pages and page is None:
            self.warnings.append("html: too large or too deeply nested to show")
        return Body(
            text="\n\n".join(filter(None, [own, *stubs])),
            own=own,
            html=page,
            attachments=tuple(self.attached),
            warnings=tuple(dict.fromkeys(self.warnings)),
        )

    def text(self, unit: _Unit) -> str:
        """A unit's text: the plain one, unless it says nothing and the HTML does."""
        if not unit.html or (unit.plain.strip() and not _is_stub(unit.plain)):
            return unit.plain
        return html.readable(unit.html) or unit.plain

    def stub(self, unit: _Unit) -> str:
        """The plain text that gave way to the HTML: kept, but below it."""
        plain = unit.plain.strip()
        return plain if unit.html and _is_stub(plain) and plain != self.text(unit).strip() else ""


def _is_text(part: Part, structure: Structure) -> bool:
    if part.content_type.startswith("multipart/"):
        # A multipart without parts: its bytes are all that there is to read.
        return part.parent < 0 and part.end > part.start
    known = part.content_type in ("text/plain", "text/html")
    alone = part.parent < 0 and part.content_type.startswith("text/")
    if not known and (not alone or part.content_type in _NO_WORDS):
        return False
    disposition = parameters.read(part.header.first("content-disposition"))
    if disposition.value == "attachment":
        return False
    named = disposition.get("filename") or part.parameters.get("name")
    return not named or part.parent < 0


def _is_stub(plain: str) -> bool:
    return len(plain) < 400 and bool(_STUB.search(plain))


def _unflow(text: str, *, delete_space: bool) -> str:
    """Join flowed lines (RFC 3676 §4): those that end in a blank, at one depth of quoting."""
    out: list[str] = []
    flowing, depth = False, ""
    for line in text.split("\n"):
        stuffed = _SOFT.match(line)
        quote = stuffed[1] if stuffed else ""
        content = line[stuffed.end() if stuffed else 0 :]
        if flowing and quote == depth and content != "-- ":
            out.append(content)
        else:
            out.extend(("\n", f"{quote} {content}" if quote else content))
        flowing, depth = content.endswith(" ") and content != "-- ", quote
        if flowing and delete_space:
            out[-1] = out[-1][:-1]
    return "".join(out[1:])
