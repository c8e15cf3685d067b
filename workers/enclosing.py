"""The files of a mail: which count, which are dangerous, and which go on with an agent's answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.desk.people import fold
from daemon.mail.attachments import open_attachment
from daemon.mail.danger import danger
from daemon.mail.message import Message
from daemon.settings import Attachments
from daemon.store import pictures
from daemon.store.writes import Writes
from workers.case import Case
from workers.notices.notice import File
from workers.scanner import Scan

#: A larger picture is looked at, however often it comes.
_SIGNATURE_BYTES: Final = 100 * 1024
#: Kept in the list of one mail.
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Held:
    """The files of a mail, as its message lists them, and the bytes that they are in."""

    attachments: Sequence[Mapping[str, Any]]
    raw: bytes


def listed(
    writes: Writes, message: Message, scan: Scan, settings: Attachments
) -> tuple[dict[str, Any], ...]:
    """The attachments as a message keeps them: each content once, the dangerous ones marked."""
    return described(message, _decorations(writes, message), scan.virus, settings)


def described(
    message: Message, decorations: frozenset[str], virus: str, settings: Attachments
) -> tuple[dict[str, Any], ...]:
    """The same with the pictures of the signature known already."""
    endings = frozenset(settings.dangerous)
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for attachment in message.attachments[:_MOST]:
        harm = danger(attachment.filename, attachment.sniffed, endings)
        marks = {
            "virus": virus,
            "danger": f"the mail has {virus}" if virus else harm,
            "decoration": attachment.is_decoration or attachment.sha256 in decorations,
        }
        values = {
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "sniffed": attachment.sniffed,
            "size": attachment.size,
            "part": attachment.part,
            "sha256": attachment.sha256,
            **{name: value for name, value in marks.items() if value},
        }
        kept.setdefault((attachment.filename, attachment.sha256), values)
    return tuple(kept.values())


def _decorations(writes: Writes, message: Message) -> frozenset[str]:
    """Pictures that an earlier mail of the sender has shown: his signature's."""
    shown = {
        each.sha256
        for each in message.attachments
        if each.inline
        and each.size <= _SIGNATURE_BYTES
        and each.sniffed.startswith("image/")
        and not each.is_decoration
    }
    sender = fold(message.from_.address) if message.from_ else ""
    return pictures.meet(writes, sender, sorted(shown))


def tags(scan: Scan) -> tuple[str, ...]:
    """What a ticket is marked with, for agents and rules to see."""
    if scan.virus:
        return ("virus",)
    return ("not-scanned",) if scan.skipped else ()


def enclosed(case: Case, *held: Held) -> dict[str, tuple[Any, ...]]:
    """What an agent's answer takes along: his files, and the names of those that stay here.

    With those of a mail of his that was held until this one put it right.
    """
    files: list[File] = []
    withheld: list[str] = []
    room = case.desk.ctx.settings.attachments.send_bytes
    for each, raw in _files(Held(case.attachments, case.mail.raw), *held):
        if each.get("danger") or each["size"] > room:
            withheld.append(str(each["filename"]))
            continue
        room -= each["size"]
        data = open_attachment(raw, each["part"])
        kind = each["sniffed"] or each["content_type"]
        files.append(File(name=each["filename"], content_type=kind, data=data))
    return {"files": tuple(files), "withheld": tuple(withheld)}


def _files(*mails: Held) -> Iterator[tuple[Mapping[str, Any], bytes]]:
    for mail in mails:
        for each in mail.attachments:
            if not each.get("decoration"):
                yield each, mail.raw
