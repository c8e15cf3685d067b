"""``postdesk parse FILE…``: how the desk reads a mail, as JSON. Touches no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from daemon.mail.message import Address, Bounce, Complaint, Meeting, Message
from daemon.mail.parse import parse


@click.command("parse")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def command(files: tuple[str, ...]) -> None:
    """Print each mail as one line of JSON; - is standard input.

    docs/parse.md names the fields. A mail is never refused; a file that cannot be read is reported
    on its own line, and the exit code is then 1.
    """
    failed = False
    for name in files:
        try:
            found = as_json(parse(_read(name)))
        except OSError as err:
            failed = True
            found = {"error": f"{name}: {err.strerror or err}"}
        click.echo(json.dumps(found))
    sys.exit(int(failed))


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def as_json(message: Message) -> dict[str, Any]:
    """A message as ``postdesk parse`` prints it."""
    return {
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "thread_index": message.thread_index or None,
        "date": message.date.isoformat() if message.date else None,
        "from": _address(message.from_) if message.from_ else None,
        "reply_to": _addresses(message.reply_to),
        "to": _addresses(message.to),
        "cc": _addresses(message.cc),
        "subject": message.subject,
        "text": message.text,
        "reply": message.reply,
        "html": message.html,
        "attachments": [
            {
                "filename": attachment.filename,
                "content_type": attachment.content_type,
                "size": attachment.size,
                "inline": attachment.inline,
                "content_id": attachment.content_id,
            }
            for attachment in message.attachments
        ],
        "kind": message.kind.value,
        "because": message.kind_because or None,
        "forbids_answer": message.forbids_answer,
        "auto": message.automatic.value if message.automatic else None,
        "bounce": _bounce(message.bounce) if message.bounce else None,
        "complaint": _complaint(message.complaint) if message.complaint else None,
        "meeting": _meeting(message.meeting) if message.meeting else None,
        "language": message.language or None,
        "warnings": list(message.warnings),
    }


def _address(address: Address) -> dict[str, str]:
    return {"address": address.address, "name": address.name}


def _addresses(found: Iterable[Address]) -> list[dict[str, str]]:
    return [_address(address) for address in found]


def _bounce(bounce: Bounce) -> dict[str, Any]:
    return {
        "recipients": [
            {
                "address": one.address,
                "status": one.status,
                "action": one.action,
                "original": one.original or None,
                "diagnostic": one.diagnostic or None,
            }
            for one in bounce.recipients
        ],
        "original_message_id": bounce.original_message_id,
    }


def _complaint(found: Complaint) -> dict[str, Any]:
    return {
        "feedback": found.feedback,
        "recipients": list(found.recipients),
        "source": found.source or None,
        "original_message_id": found.original_message_id,
    }


def _meeting(found: Meeting) -> dict[str, Any]:
    return {
        "method": found.method or None,
        "summary": found.summary,
        "starts_at": found.starts_at.isoformat() if found.starts_at else None,
        "ends_at": found.ends_at.isoformat() if found.ends_at else None,
        "zone": found.zone or None,
        "location": found.location or None,
        "organizer": found.organizer or None,
        "answer": found.answer or None,
        "repeats": found.repeats or None,
        "uid": found.uid,
    }


if __name__ == "__main__":
    command()
