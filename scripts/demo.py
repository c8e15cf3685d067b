"""``postdesk demo``: sample mails through a real desk of its own; shows what became of them."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib import resources
from pathlib import Path
from typing import Any, Final

import click

from daemon.store import listing
from daemon.store.engine import Store
from scripts import show

_ADDRESS: Final = "help@desk.example"
_SECONDS: Final = 60.0
_PEOPLE: Final = """\
agents:
  ann: {full_name: Ann Archer, addresses: [ann@desk.example]}
  bo: {full_name: Bo Berg, addresses: [bo@desk.example]}
teams:
  desk: {members: [ann, bo], lead: ann}
  network: {members: [bo]}
organisations:
  acme: {domains: [acme.example]}
  hanbit: {domains: [hanbit.example], language: ko}
vips: [ceo@acme.example]
default_team: desk
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a sample must become."""

    state: str
    fate: str | None
    ticket: int | None
    #: The notices that it causes, in the order of their kinds.
    notices: tuple[str, ...] = ()


_NEW = ("acknowledgement", "new_ticket", "new_ticket")
_EXPECTED: Final = {
    "01-plain": Expected("done", "ticket", 1, _NEW),
    "02-html-only": Expected("done", "ticket", 2, _NEW),
    "03-korean-euc-kr": Expected("done", "ticket", 3, _NEW),
    "04-korean-utf-8": Expected("done", "ticket", 4, _NEW),
    "05-attachment": Expected("done", "ticket", 5, _NEW),
    "06-vip": Expected("done", "ticket", 6, _NEW),
    "07-duplicate": Expected("done", "duplicate", 1),
    "08-out-of-office": Expected("done", "automatic", 2),
    "09-bounce": Expected("done", "bounce", None),
    "10-broken-mime": Expected("done", "ticket", 7, _NEW),
    "11-spam-like": Expected("done", "ticket", 8, ("new_ticket", "new_ticket")),
    "12-monitoring": Expected("done", "ticket", 9, ("new_ticket", "new_ticket")),
}
_AGENTS_ANSWER: Final = Expected("done", "reply", 2, ("resolution",))
_REQUESTERS_REPLY: Final = Expected("done", "reply", 2, ("requester_replied",))


@click.command("demo")
def command() -> None:
    """Start a desk in a temporary folder, feed it sample mails, show the result, and end."""
    with (
        tempfile.TemporaryDirectory(prefix="postdesk-demo-") as folder,
        _running(Path(folder)) as demo,
    ):
        for name, expected in _EXPECTED.items():
            demo.feed(name, _sample(name), expected)
        told = demo.notice("new_ticket", 2)
        answer = _answer(told, "/take\n/resolve\nWe have renewed your certificate.")
        demo.feed("13-agents-answer", answer, _AGENTS_ANSWER)
        resolution = demo.notice("resolution", 2)
        reply = _answer(resolution, "Thank you, but at home it still fails.")
        demo.feed("14-requesters-reply", reply, _REQUESTERS_REPLY)
        demo.show_result()
    if demo.wrong:
        click.echo(f"\n{demo.wrong} of 14 became something else than expected", err=True)
        sys.exit(1)
    click.echo("\nAll 14 mails became what they should. The desk of this demo is gone again.")


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
        arrivals = self.sent + 1
        self._send(raw)
        self.sent = arrivals
        arrived = _wait(lambda: self._settled(arrivals))
        notices = [mail for mail in listing.mails(self.store) if mail.id not in before]
        kinds = tuple(sorted(mail.kind for mail in notices))
        found = Expected(arrived.state, arrived.fate, arrived.ticket, kinds)
        is_right = found == expected
        self.wrong += not is_right
        ticket = f"ticket #{arrived.ticket}" if arrived.ticket else "no ticket"
        told = ", ".join(f"{mail.kind} to {mail.recipient}" for mail in notices) or "nobody is told"
        mark = "ok" if is_right else f"WRONG, expected {expected}"
        click.echo(show.safe(f"{name:20} {arrived.fate or arrived.state:10} {ticket:11} {mark}"))
        click.echo(show.safe(f"{'':20} {told}"))

    def notice(self, kind: str, ticket: int) -> EmailMessage:
        """The newest notice of a kind about a ticket, once it was delivered."""

        def found() -> bytes | None:
            for mail in reversed(list(listing.mails(self.store, ["sent"]))):
                if (mail.kind, mail.ticket) == (kind, ticket):
                    with self.store.read() as tx:
                        return listing.mail_raw(tx, mail.id)
            return None

        return _read(_wait(found))

    def show_result(self) -> None:
        """The tickets, and one acknowledgement as its reader sees it."""
        rows = [
            (f"#{each.ticket.number}", each.ticket.state, each.ticket.priority, each.ticket.team,
             each.ticket.owner or "-", each.ticket.subject)
            for each in sorted(listing.ticket_list(self.store), key=lambda each: each.ticket.number)
        ]  # fmt: skip
        click.echo()
        click.echo(show.table(("ticket", "state", "pri", "team", "owner", "subject"), rows))
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
        to = re.findall(r"[\w.+-]+@desk\.example", str(mail["To"])) or [_ADDRESS]
        sender = "" if is_bounce else re.findall(r"[\w.+-]+@[\w.-]+", str(mail["From"]))[-1]
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
            client.sendmail(sender, to, raw)

    def _settled(self, number: int) -> Any:
        arrived = sorted(listing.arrivals(self.store), key=lambda each: each.id)
        if len(arrived) < number or arrived[number - 1].state == "received":
            return None
        return arrived[number - 1]


@contextmanager
def _running(folder: Path) -> Iterator[Demo]:
    """A desk as ``postdesk run`` starts it, on a free port, with its mail going to a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "rules").mkdir()
    (folder / "rules" / "people.yaml").write_text(_PEOPLE, encoding="utf-8")
    environ = {key: value for key, value in os.environ.items() if not key.startswith("POSTDESK_")}
    environ |= {
        "POSTDESK_DATA_DIR": str(folder / "data"),
        "POSTDESK_RULES_DIR": str(folder / "rules"),
        "POSTDESK_ADDRESSES": _ADDRESS,
        "POSTDESK_SMTP__LISTEN": f"127.0.0.1:{port}",
        "POSTDESK_LOG__LEVEL": "warning",
    }
    command_line = [sys.executable, "-P", "-m", "scripts.postdesk", "run"]
    process = subprocess.Popen(command_line, env=environ)
    try:
        _wait(lambda: _listens(port) or None)
        store = Store(f"sqlite:///{folder}/data/postdesk.db")
        yield Demo(store, port)
        store.close()
    finally:
        process.terminate()
        process.wait(30)


def _sample(name: str) -> bytes:
    return (resources.files("scripts") / "samples" / f"{name}.eml").read_bytes()


def _answer(notice: EmailMessage, text: str) -> bytes:
    """What a mail client makes when its person answers."""
    answer = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
    answer["From"], answer["To"] = notice["To"], notice["Reply-To"]
    answer["Subject"] = f"Re: {notice['Subject']}"
    answer["Message-ID"] = f"<answer-{abs(hash(text))}@client.example>"
    answer["In-Reply-To"] = notice["Message-ID"]
    body = notice.get_body(("plain",))
    quoted = str(body.get_content()) if body else ""
    lines = "".join(f"> {line}\n" for line in quoted.splitlines())
    answer.set_content(f"{text}\n\nOn Mon, 23 Nov 2026, Help Desk wrote:\n{lines}")
    return answer.as_bytes()


def _read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _wait(find: Any) -> Any:
    """What is found, as soon as it is there. Raises TimeoutError."""
    deadline = time.monotonic() + _SECONDS
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("the desk did not come so far in time")
        time.sleep(0.05)
    return found


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
