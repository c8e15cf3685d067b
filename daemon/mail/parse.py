"""A mail's bytes to a Message: total, linear, bounded. The one way to read a mail."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from daemon.mail import body, content, encoded, hint, mailbox, structure
from daemon.mail.head import conversation, first_identifier, identifiers
from daemon.mail.headers import Header, date
from daemon.mail.kind import sort
from daemon.mail.language import language
from daemon.mail.limits import (
    FIELD_BYTES,
    LIST_FIELD_BYTES,
    REFERENCES,
    SUBJECT_CHARACTERS,
)
from daemon.mail.message import Address, Message
from daemon.mail.origin import Marks
from daemon.mail.reply import newly_written
from daemon.mail.structure import Structure

_WARNINGS: Final = 50


def parse(raw: bytes) -> Message:
    """Read a mail. Never raises, whatever the bytes; what was broken is in ``warnings``."""
    read = structure.read(raw)
    said = body.read(read)
    header = read.parts[0].header
    fields = _Fields(header, hint.for_header(read))
    reply = newly_written(said.own)
    sender = fields.sender()
    found = sort(read, said.text, _marks(read, fields, sender))
    message = Message(
        message_id=first_identifier(fields.text("message-id")),
        in_reply_to=next(iter(identifiers(fields.text("in-reply-to"))), ""),
        references=identifiers(fields.long("references"))[-REFERENCES:],
        thread_index=conversation(fields.text("thread-index")),
        date=date(fields.text("date")),
        from_=sender,
        from_is_strict=fields.is_strict(),
        sender=fields.one("sender"),
        reply_to=fields.addresses("reply-to"),
        to=fields.addresses("to"),
        cc=fields.addresses("cc"),
        subject=fields.text("subject")[:SUBJECT_CHARACTERS],
        text=said.text,
        reply=reply,
        html=said.html,
        attachments=said.attachments,
        kind=found.kind,
        kind_because=found.because,
        automatic=found.origin.automatic,
        automatic_because=found.origin.because,
        forbids_answer=found.origin.forbids_answer,
        bounce=found.bounce,
        complaint=found.complaint,
        meeting=found.meeting,
        language=language(fields.text("content-language"), reply, fields.text("subject")),
        headers=fields.every(),
        warnings=_warnings(header, said.warnings, read.unreadable),
        unreadable=read.unreadable,
    )
    return replace(message, content_key=content.key(message, read, header.first("date")))


def _warnings(header: Header, others: tuple[str, ...], unreadable: str) -> tuple[str, ...]:
    structural = (f"structure: {unreadable}",) if unreadable else ()
    told = (*(f"header: {defect}" for defect in header.defects), *others, *structural)
    return tuple(dict.fromkeys(told))[:_WARNINGS]


def _marks(read: Structure, fields: _Fields, sender: Address | None) -> Marks:
    top = read.parts[0]
    is_report = top.content_type == "multipart/report"
    return Marks(
        field=fields.text,
        every=fields.texts,
        names=frozenset(fields.decoded),
        sender=sender.address if sender else "",
        subject=fields.text("subject"),
        report_type=top.parameters.get("report-type").lower() if is_report else "",
        is_bounce=False,
    )


class _Fields:
    """The fields of the mail, decoded once each."""

    def __init__(self, header: Header, hint: str) -> None:
        self.header, self.hint = header, hint
        self.decoded: dict[str, list[str]] = {}
        for name, value in header.fields:
            self.decoded.setdefault(name, []).append(encoded.text(value[:FIELD_BYTES], hint))

    def text(self, name: str) -> str:
        """The first field of a name as one clean line."""
        found = self.decoded.get(name)
        return found[0] if found else ""

    def texts(self, name: str) -> list[str]:
        """Every field of a name."""
        return self.decoded.get(name, [])

    def long(self, name: str) -> str:
        """Every field of a name together, read further than others; encoded words untouched."""
        values = b" ".join(self.header.all(name))
        return encoded.raw(values[-LIST_FIELD_BYTES:], self.hint)

    def every(self) -> tuple[tuple[str, str], ...]:
        """All fields in their order, decoded."""
        counts: dict[str, int] = {}
        out = []
        for name, _ in self.header.fields:
            number = counts.get(name, 0)
            counts[name] = number + 1
            out.append((name, self.decoded[name][number]))
        return tuple(out)

    def addresses(self, name: str) -> tuple[Address, ...]:
        """The mailboxes of every field of a name."""
        values = b", ".join(self.header.all(name))
        if not values:
            return ()
        found = mailbox.addresses(encoded.raw(values[:LIST_FIELD_BYTES], self.hint))
        return tuple(one for one in found if one.address)

    def one(self, name: str) -> Address | None:
        """The first mailbox of a field, or None."""
        return next(iter(self.addresses(name)), None)

    def sender(self) -> Address | None:
        """The first mailbox of the first From field, though it be only a name.

        For ``Jane <>`` the address stands in another field, if anywhere.
        """
        value = encoded.raw(self.header.first("from")[:LIST_FIELD_BYTES], self.hint)
        found = mailbox.addresses(value)
        named = next((one for one in found if one.address), found[0] if found else None)
        if named is None or named.address:
            return named
        others = (self.one(name) for name in ("reply-to", "sender", "return-path"))
        other = next(filter(None, others), None)
        return Address(other.address, named.name) if other else named

    def is_strict(self) -> bool:
        """True when nobody could read another author out of this header (security.md F8)."""
        values = self.header.all("from")
        if len(values) != 1 or self.header.defects:
            return False
        try:
            return mailbox.is_strict(values[0].decode("utf-8"))
        except UnicodeDecodeError:
            return False
