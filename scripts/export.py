"""``postdesk ticket export``: all that there is of a ticket, for a program or for the shelf."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from daemon.context import Context
from daemon.desk.events import Event
from daemon.errors import MailError, UnknownTicket
from daemon.mail.attachments import open_attachment
from daemon.store import listing, messages, tickets
from daemon.store.engine import Tx
from daemon.store.listing import Listed, Sent
from daemon.store.messages import Entry
from scripts import show, ticket_json
from scripts.boot import open_context
from scripts.written import Written

_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_NOT_FILE_NAME = re.compile(r'[<>:"|?*/\\\x00-\x1f]')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """A ticket with everything that belongs to it."""

    listed: Listed
    thread: tuple[Entry, ...]
    events: tuple[Event, ...]
    ours: tuple[Sent, ...]
    #: When, from whom, the bytes: what came and what we sent, oldest first.
    mails: tuple[tuple[datetime, str, bytes], ...]
    #: The bytes of each arrival.
    raws: dict[int, bytes]


@click.command("export")
@click.argument("number", type=click.IntRange(min=1), metavar="NUMBER")
@click.option(
    "--format",
    "form",
    type=click.Choice(["mbox", "json", "dir"]),
    default="mbox",
    show_default=True,
    help="mbox: every mail, in and out; json: the record; dir: both, and the files.",
)
@click.option("--to", type=click.Path(path_type=Path), help="File or folder; else standard output.")
@click.option("--dangerous", is_flag=True, help="With dir: write dangerous files, too.")
@click.pass_obj
def export(config: Path | None, number: int, form: str, to: Path | None, dangerous: bool) -> None:
    """Write a ticket with its mails, events and files."""
    if form == "dir" and to is None:
        raise click.UsageError("--format dir needs a folder: --to FOLDER")
    with open_context(config) as ctx, ctx.store.read() as tx:
        record = _read(ctx, tx, number)
    if form == "dir" and to is not None:
        _write_folder(record, to, dangerous=dangerous)
        return
    data = _mbox(record) if form == "mbox" else _json(record)
    if to is None:
        sys.stdout.buffer.write(data)
    else:
        to.write_bytes(data)


def _read(ctx: Context, tx: Tx, number: int) -> _Record:
    listed = listing.ticket(tx, number)
    if listed is None:
        raise UnknownTicket(f"there is no ticket #{number}")
    thread = messages.of(tx, number)
    ours = tuple(listing.mails_about(tx, number))
    raws = {
        entry.inbox_id: listing.arrival_raw(tx, entry.inbox_id)
        for entry in thread
        if entry.inbox_id is not None
    }
    came = [
        (entry.at, entry.from_address, raws[entry.inbox_id])
        for entry in thread
        if entry.inbox_id is not None
    ]
    sent = list(_sent(ctx, tx, ours))
    return _Record(
        listed=listed,
        thread=thread,
        events=tickets.history(tx, number),
        ours=ours,
        mails=tuple(sorted([*came, *sent], key=lambda mail: mail[0])),
        raws=raws,
    )


def _sent(ctx: Context, tx: Tx, ours: Iterable[Sent]) -> Iterator[tuple[datetime, str, bytes]]:
    """Our own mails; one that cannot be written is named, and left out."""
    written = Written(ctx)
    for mail in ours:
        try:
            yield mail.created_at, "", written.mail(tx, mail.id)
        except MailError as err:
            click.echo(str(err), err=True)


def _mbox(record: _Record) -> bytes:
    """Every mail as it came or went; lines that would begin another are quoted (mboxrd)."""
    return b"".join(
        b"From %s %s\n%s\n" % (_sender(sender), _day(at), _quoted(raw))
        for at, sender, raw in record.mails
    )


def _sender(address: str) -> bytes:
    return "".join(address.split()).encode() or b"MAILER-DAEMON"


def _day(at: datetime) -> bytes:
    return f"{at.astimezone(UTC):%a %b %d %H:%M:%S %Y}".encode()


def _quoted(raw: bytes) -> bytes:
    lines = raw.replace(b"\r\n", b"\n")
    return _FROM.sub(rb">\1", lines if lines.endswith(b"\n") else lines + b"\n")


def _json(record: _Record) -> bytes:
    values = ticket_json.fields(record.listed) | {
        "messages": [ticket_json.message(entry) for entry in record.thread],
        "events": [ticket_json.event(event) for event in record.events],
        "notices": [_notice(mail) for mail in record.ours],
    }
    return show.json_text(values).encode() + b"\n"


def _notice(mail: Sent) -> dict[str, Any]:
    return {
        "id": mail.id,
        "kind": mail.kind,
        "to": mail.recipient,
        "message_id": mail.message_id,
        "created_at": show.iso(mail.created_at),
        "sent_at": show.iso(mail.sent_at),
        "state": mail.state,
    }


def _write_folder(record: _Record, folder: Path, *, dangerous: bool) -> None:
    """``ticket.json``, ``ticket.mbox`` and ``files/``, each content once."""
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    (folder / "ticket.json").write_bytes(_json(record))
    (folder / "ticket.mbox").write_bytes(_mbox(record))
    for name, data in _files(record, dangerous=dangerous):
        (files / name).write_bytes(data)


def _files(record: _Record, *, dangerous: bool) -> Iterator[tuple[str, bytes]]:
    done: set[str] = set()
    for entry in record.thread:
        for each in ticket_json.files(entry):
            if each["sha256"] in done or entry.inbox_id is None:
                continue
            done.add(each["sha256"])
            if each.get("danger") and not dangerous:
                click.echo(show.safe(f"left out {each['filename']}: {each['danger']}"), err=True)
                continue
            name = _NOT_FILE_NAME.sub("_", str(each["filename"]))
            data = open_attachment(record.raws[entry.inbox_id], each["part"])
            yield f"{each['sha256'][:12]}-{name}", data
