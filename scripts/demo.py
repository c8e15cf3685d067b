"""``postdesk demo``: sample mails through a real desk of its own; shows what became of them."""

from __future__ import annotations

import os
import re
import secrets
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final, TypeVar

import click

from daemon.store import listing, outbox
from daemon.store.engine import Store
from daemon.store.listing import Arrived
from scripts import show
from scripts.demo_samples import (
    ADDRESS,
    AGENTS_ANSWER,
    REQUESTERS_REPLY,
    RULES,
    SAMPLES,
    Expected,
    differences,
    raw_of,
)

_SECONDS: Final = 60.0


@click.command("demo")
def command() -> None:
    """Start a desk in a temporary folder, feed it sample mails, show the result, and end."""
    with (
        tempfile.TemporaryDirectory(prefix="postdesk-demo-") as folder,
        _running(Path(folder)) as demo,
    ):
        for name, expected in SAMPLES.items():
            demo.feed(name, raw_of(name), expected)
        told = demo.notice("new_ticket", 2)
        answer = _answer(told, "/take\n/resolve\nWe have renewed your certificate.")
        demo.feed("13-agents-answer", answer, AGENTS_ANSWER)
        resolution = demo.notice("resolution", 2)
        reply = _answer(resolution, "Thank you, but at home it still fails.")
        demo.feed("14-requesters-reply", reply, REQUESTERS_REPLY)
        demo.show_result()
    if demo.wrong:
        click.echo(f"\n{demo.wrong} of {demo.sent} became something else than expected", err=True)
        sys.exit(1)
    click.echo(f"\nAll {demo.sent} mails became what they should. The demo's desk is gone again.")


@dataclass
class Demo:
    """A running desk and what is fed to it."""

    store: Store
    port: int
    wrong: int = 0
    sent: int = 0

    def feed(self, name: str, raw: bytes, expected: Expected) -> None:
        """Send one mail and print what it became."""
        before = {mail.id for mail in listing.mails(self.store)}
        self._send(raw)
        self.sent += 1
        arrived = _wait(self._newest_settled)
        notices = [mail for mail in listing.mails(self.store) if mail.id not in before]
        with self.store.read() as tx:
            faults = differences(tx, arrived, notices, expected)
        self.wrong += bool(faults)
        ticket = f"ticket #{arrived.ticket}" if arrived.ticket else "no ticket"
        told = ", ".join(f"{mail.kind} to {mail.recipient}" for mail in notices) or "nobody is told"
        mark = f"WRONG: {'; '.join(faults)}" if faults else "ok"
        click.echo(show.safe(f"{name:20} {arrived.fate or arrived.state:10} {ticket:11} {mark}"))
        click.echo(show.safe(f"{'':20} {told}"))

    def notice(self, kind: str, ticket: int) -> EmailMessage:
        """The newest notice of a kind about a ticket, once it was delivered."""

        def found() -> bytes | None:
            for mail in reversed(list(listing.mails(self.store, ["sent"]))):
                if (mail.kind, mail.ticket) == (kind, ticket):
                    with self.store.read() as tx:
                        return outbox.content(tx, mail.id)[0]
            return None

        return _read(_wait(found))

    def show_result(self) -> None:
        """The tickets, and one acknowledgement as its reader sees it."""
        rows = [
            (f"#{each.ticket.number}", each.ticket.state, each.ticket.priority, each.ticket.team,
             each.ticket.owner or "-", each.requester, each.ticket.subject)
            for each in listing.ticket_list(self.store)
        ]  # fmt: skip
        headings = ("ticket", "state", "pri", "team", "owner", "requester", "subject")
        click.echo()
        click.echo(show.table(headings, rows))
        ack = self.notice("acknowledgement", 1)
        click.echo("\nOne acknowledgement, as it was sent:\n")
        for field in ("From", "To", "Reply-To", "Subject", "In-Reply-To", "Auto-Submitted"):
            click.echo(show.safe(f"  {field}: {ack[field]}"))
        body = ack.get_body(("plain",))
        text = str(body.get_content()) if body else ""
        click.echo("\n" + "\n".join(f"  {show.safe(line)}" for line in text.splitlines()))

    def _send(self, raw: bytes) -> None:
        mail = _read(raw)
        is_bounce = mail["Return-Path"] == "<>"
        to = re.findall(r"[\w.+-]+@desk\.example", str(mail["To"])) or [ADDRESS]
        sender = "" if is_bounce else re.findall(r"[\w.+-]+@[\w.-]+", str(mail["From"]))[-1]
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
            client.sendmail(sender, to, raw)

    def _newest_settled(self) -> Arrived | None:
        arrived = list(listing.arrivals(self.store))
        if len(arrived) < self.sent or arrived[-1].state == "received":
            return None
        return arrived[-1]


@contextmanager
def _running(folder: Path) -> Iterator[Demo]:
    """A desk as ``postdesk run`` starts it, on a free port, with its mail going to a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "rules").mkdir()
    for name, text in RULES.items():
        (folder / "rules" / name).write_text(text, encoding="utf-8")
    environ = {key: value for key, value in os.environ.items() if not key.startswith("POSTDESK_")}
    environ |= {
        "POSTDESK_DATA_DIR": str(folder / "data"),
        "POSTDESK_RULES_DIR": str(folder / "rules"),
        "POSTDESK_ADDRESSES": ADDRESS,
        "POSTDESK_SMTP__LISTEN": f"127.0.0.1:{port}",
        "POSTDESK_LOG__LEVEL": "warning",
    }
    command_line = [sys.executable, "-P", "-m", "scripts.postdesk", "run"]
    process = subprocess.Popen(command_line, env=environ)
    store = Store(f"sqlite:///{folder}/data/postdesk.db")
    try:
        _wait(lambda: _listens(port, process) or None)
        yield Demo(store, port)
    finally:
        store.close()
        process.terminate()
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answer(notice: EmailMessage, text: str) -> bytes:
    """What a mail client makes when its person answers."""
    answer = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
    answer["From"], answer["To"] = notice["To"], notice["Reply-To"]
    answer["Subject"] = f"Re: {notice['Subject']}"
    answer["Message-ID"] = f"<{secrets.token_hex(8)}@client.example>"
    answer["In-Reply-To"] = notice["Message-ID"]
    body = notice.get_body(("plain",))
    quoted = str(body.get_content()) if body else ""
    lines = "".join(f"> {line}\n" for line in quoted.splitlines())
    answer.set_content(f"{text}\n\nOn Mon, 23 Nov 2026, Help Desk wrote:\n{lines}")
    return answer.as_bytes()


def _read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


_Found = TypeVar("_Found")


def _wait(find: Callable[[], _Found | None]) -> _Found:
    """What is found, as soon as it is there; the demo ends where it is not in time."""
    deadline = time.monotonic() + _SECONDS
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise click.ClickException("the desk did not come so far in time")
        time.sleep(0.05)
    return found


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise click.ClickException(f"the desk ended at once, with code {process.returncode}")
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
