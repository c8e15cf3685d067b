"""A real desk: its processes, started as an operator starts them, on free loopback ports."""

from __future__ import annotations

import json
import os
import re
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from daemon import shipped
from scripts.postdesk import cli
from tests.servers.ports import free_port
from tests.servers.process import Process, folder, wait_until
from tests.servers.sink import Received, Sink

PEOPLE = """\
agents:
  ann:
    full_name: Ann Agent
    addresses: [ann@desk.test]
  bo:
    full_name: Bo Agent
    addresses: [bo@desk.test]
  cho:
    full_name: 조은
    addresses: [cho@desk.test]
    language: ko
teams:
  desk:
    members: [ann, bo]
    lead: ann
  network:
    members: [cho]
organisations:
  acme:
    domains: [acme.test]
vips: [ceo@acme.test]
default_team: desk
"""
ROUTING = """\
rules:
  - name: network
    when:
      subject: {contains: [vpn, network]}
    set: {team: network, service: network, category: vpn}
"""
#: As shipped, but a test waits for nothing that follows.
NOTICES = (shipped.folder("rules") / "notices.yaml").read_text(encoding="utf-8")
NOTICES = NOTICES.replace("together_seconds: 30", "together_seconds: 0")
RULES = {"people.yaml": PEOPLE, "routing.yaml": ROUTING, "notices.yaml": NOTICES}
DOMAIN = "desk.test"
ADDRESS = f"help@{DOMAIN}"


@dataclass(kw_only=True)
class Desk:
    """A running desk and what a person can do with it from outside."""

    home: Path
    smtp_port: int
    lmtp_port: int
    environ: dict[str, str]
    sink: Sink
    processes: dict[str, Process] = field(default_factory=dict)

    def send(
        self,
        raw: bytes | EmailMessage,
        *,
        sender: str | None = None,
        to: Sequence[str] = (ADDRESS,),
        is_checked: bool = True,
    ) -> None:
        """Hand a mail over: by SMTP from loopback, or by LMTP, a road that checks nobody."""
        data = raw.as_bytes(policy=policy.SMTP) if isinstance(raw, EmailMessage) else raw
        if sender is None:
            sender = str(message_from_bytes(data)["From"] or "")
        make = smtplib.SMTP if is_checked else smtplib.LMTP
        port = self.smtp_port if is_checked else self.lmtp_port
        with make("127.0.0.1", port, timeout=20) as client:
            client.sendmail(_bare(sender), list(to), data)

    def notices(self, recipient: str, count: int = 1) -> list[Notice]:
        """What a person got, once it is so many mails."""
        what = f"{count} mails to {recipient}"
        wait_until(lambda: len(self.sink.to(recipient)) >= count, seconds=90, what=what)
        return [Notice(mail) for mail in self.sink.to(recipient)]

    def about(self, recipient: str, number: int, count: int = 1) -> list[Notice]:
        """What a person got about one ticket, once it is so many mails."""

        def found() -> list[Notice]:
            mails = (Notice(mail) for mail in self.sink.to(recipient))
            return [notice for notice in mails if notice.number == number]

        what = f"{count} mails to {recipient} about #{number}"
        wait_until(lambda: len(found()) >= count, seconds=90, what=what)
        return found()

    def cli(self, *words: str, stdin: str = "", code: int | None = 0) -> str:
        """Run a command of the desk as its own process; its standard output."""
        done = subprocess.run(
            [*_POSTDESK, *words], env=self.environ, input=stdin, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert code is None or done.returncode == code, (words, done.returncode, done.stderr)
        return done.stdout

    def look(self, *words: str) -> str:
        """Run a command that only looks inside the test's process, which is quicker."""
        done = CliRunner(env=self.environ).invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0, (words, done.exit_code, done.output)
        return done.stdout

    def ticket(self, number: int) -> dict[str, Any]:
        """A ticket as the command shows it."""
        return dict(json.loads(self.look("ticket", "show", str(number), "--json")))

    def history(self, number: int) -> str:
        """The events of a ticket, a JSON object a line."""
        return self.look("ticket", "history", str(number), "--json")

    def rows(self, command: str) -> list[dict[str, Any]]:
        """What a listing shows."""
        return [json.loads(line) for line in self.look(command, "list", "--json").splitlines()]

    def arrivals(self) -> list[dict[str, Any]]:
        """The ledger."""
        return self.rows("inbox")

    def fate(self, message_id: str) -> dict[str, Any]:
        """What became of a mail, once it is settled."""

        def rows() -> list[dict[str, Any]]:
            return [row for row in self.arrivals() if message_id in (row["message_id"] or "")]

        wait_until(
            lambda: bool(rows()) and all(row["state"] != "received" for row in rows()),
            seconds=90,
            what=f"{message_id} settled",
        )
        return rows()[-1]

    @property
    def log(self) -> str:
        """Everything that its processes wrote."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.home.glob("*.log")))

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        """The events of the log."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]


class Notice:
    """A mail from the desk, as its recipient reads it."""

    def __init__(self, received: Received) -> None:
        self.received = received
        self.mail = message_from_bytes(received.raw, policy=policy.default)

    def __getitem__(self, name: str) -> str:
        return str(self.mail[name] or "")

    @property
    def text(self) -> str:
        """Its plain text."""
        return str(self.mail.get_body(("plain",)).get_content())

    @property
    def reply_to(self) -> str:
        """Where an answer goes, bare."""
        return _bare(self["Reply-To"])

    @property
    def number(self) -> int:
        """The ticket that its subject names."""
        found = re.search(r"\[#(\d+)\]", self["Subject"])
        assert found, self["Subject"]
        return int(found[1])

    def answer(self, text: str, **headers: str) -> EmailMessage:
        """What a mail client makes when its person answers this notice."""
        quoted = "\n".join(f"> {line}" for line in self.text.splitlines())
        body = f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, Help Desk wrote:\n{quoted}\n"
        values = {
            "To": self["Reply-To"],
            "Subject": f"Re: {self['Subject']}",
            "In-Reply-To": self["Message-ID"],
            "References": f"{self['References']} {self['Message-ID']}".strip(),
            **headers,
        }
        return mail(values.pop("From", self["To"]), values.pop("Subject"), body, **values)


def mail(sender: str, subject: str, text: str, **headers: str) -> EmailMessage:
    """A plain mail to the desk; keyword ``Message_ID`` is the field ``Message-ID``."""
    made = EmailMessage(policy=policy.default.clone(max_line_length=998))
    made["From"] = sender
    made["Subject"] = subject
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    names.setdefault("To", ADDRESS)
    names.setdefault("Message-ID", f"<{next(_COUNT)}.{id(made):x}@client.test>")
    names.setdefault("Date", "Mon, 23 Nov 2026 10:00:00 +0000")
    for name, value in names.items():
        made[name] = value
    made.set_content(text)
    return made


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_COUNT = _numbers()
_POSTDESK = [sys.executable, "-P", "-m", "scripts.postdesk"]


def _bare(address: str) -> str:
    found = re.search(r"<(.*?)>", address)
    return found[1] if found else address.strip()


@contextmanager
def running(
    sink: Sink,
    *,
    database_url: str = "",
    broker_url: str = "",
    more: Mapping[str, str] | None = None,
    rules: Mapping[str, str] | None = None,
    has_imap: bool = False,
    parts: Sequence[str] = (),
) -> Iterator[Desk]:
    """A desk: one ``postdesk run`` by default, its parts one by one with a broker of their own."""
    with folder("desk") as home:
        desk = _desk(home, sink, database_url, broker_url, more or {})
        rules_dir = home / "rules"
        rules_dir.mkdir()
        for name, text in {**RULES, **(rules or {})}.items():
            (rules_dir / name).write_text(text, encoding="utf-8")
        if not parts:
            parts = ("run",) if not broker_url else ("smtp", "relay", "work", "work")
        if has_imap and broker_url:
            parts = (*parts, "imap")
        try:
            for number, part in enumerate(parts):
                name = f"{part}{number}" if parts.count(part) > 1 else part
                desk.processes[name] = start(desk, name, part)
            yield desk
        finally:
            for process in desk.processes.values():
                process.stop()


def start(desk: Desk, name: str, part: str) -> Process:
    """Start one of its processes, by its words, and wait until it says that it is ready."""
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    path = desk.home / f"{name}.notify"
    path.unlink(missing_ok=True)
    notify.bind(str(path))

    def is_ready() -> bool:
        try:
            return b"READY=1" in notify.recv(1024)
        except BlockingIOError:
            return False

    process = Process(
        [*_POSTDESK, *part.split()],
        log=desk.home / f"{name}.log",
        ready=is_ready,
        env={**desk.environ, "NOTIFY_SOCKET": str(path)},
        seconds=60,
    )
    process.start()
    return process


def _desk(
    home: Path, sink: Sink, database_url: str, broker_url: str, more: Mapping[str, str]
) -> Desk:
    smtp_port, lmtp_port = free_port(), free_port()
    environ = {key: value for key, value in os.environ.items() if not key.startswith("POSTDESK_")}
    environ |= {
        "POSTDESK_DATA_DIR": str(home / "data"),
        "POSTDESK_RULES_DIR": str(home / "rules"),
        "POSTDESK_ADDRESSES": f"{ADDRESS}, it@{DOMAIN}",
        "POSTDESK_ADMINS": "root@desk.test",
        "POSTDESK_SMTP__LISTEN": f"127.0.0.1:{smtp_port}",
        "POSTDESK_LMTP__LISTEN": f"127.0.0.1:{lmtp_port}",
        "POSTDESK_DELIVERY__SMARTHOST": sink.url,
        "POSTDESK_LOG__FORMAT": "json",
    }
    if database_url:
        environ["POSTDESK_DATABASE_URL"] = database_url
    if broker_url:
        environ["POSTDESK_BROKER_URL"] = broker_url
    environ.update(more)
    return Desk(home=home, smtp_port=smtp_port, lmtp_port=lmtp_port, environ=environ, sink=sink)
