"""The desk under attack, and what an attacker and his victims see of it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.servers.desk import PEOPLE, Desk, Notice, mail

MX = "mx.desk.test"
RECEIVED = b"Received: from out (out [192.0.2.7]) by mx.desk.test with ESMTPS id 1; Mon\r\n"
PEOPLE_WITH_DEE = PEOPLE.replace(
    "teams:\n",
    "  dee:\n    full_name: Dee Leaver\n    addresses: [dee@desk.test]\nteams:\n",
).replace("[ann, bo]", "[ann, bo, dee]")
ROUTING = """\
rules:
  - name: network
    when:
      subject: {contains: [vpn, network]}
    set: {team: network, service: network, category: vpn}
  - name: costly
    when:
      subject: {matches: '(a+)+$'}
    set: {category: costly}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One row of security.md §4.2."""

    number: int
    title: str
    play: Callable[[Scene], None]


@dataclass(kw_only=True)
class Scene:
    """A desk whose mail server writes Authentication-Results, and a road for the rest."""

    desk: Desk
    folder: Path

    def wire(self, made: EmailMessage | bytes) -> bytes:
        """The mail as bytes."""
        return made if isinstance(made, bytes) else made.as_bytes(policy=policy.SMTP)

    def proven(self, made: EmailMessage | bytes, domain: str = "acme.test") -> bytes:
        """The mail as our own server hands it over, having checked its sender."""
        said = f"Authentication-Results: {MX}; dmarc=pass header.from={domain}\r\n".encode()
        return said + RECEIVED + self.wire(made)

    def forged(self, made: EmailMessage | bytes, said: bytes = b"") -> bytes:
        """The mail as our server hands it over, having found nothing; ``said`` is the sender's."""
        return RECEIVED + said + self.wire(made)

    def opened(self, who: str, subject: str = "Broken chair", text: str = "It broke.") -> Opened:
        """A ticket of somebody whom the server checked."""
        sent = mail(who, subject, text)
        self.desk.send(self.proven(sent, who.rpartition("@")[2]), sender=who)
        [ack] = self.desk.notices(who)
        [told] = self.desk.about("ann@desk.test", ack.number)
        return Opened(scene=self, who=who, sent=sent, ack=ack, told=told)

    def send(self, raw: bytes | EmailMessage, to: str = "", **more: Any) -> None:
        """Hand bytes over by the road of our mail server."""
        data = self.wire(raw)
        more.setdefault("sender", "someone@client.test")
        self.desk.send(data, **({"to": [to]} if to else {}), **more)

    def fate(self, made: EmailMessage) -> dict[str, Any]:
        """What became of a mail."""
        return self.desk.fate(str(made["Message-ID"]).strip("<>"))

    def count(self, address: str) -> int:
        """How many mails somebody got so far."""
        return len(self.desk.sink.to(address))

    def talk(self, data: bytes) -> bytes:
        """Say bytes to the SMTP port, and hear what it says until it closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.desk.smtp_port), timeout=10) as wire:
            wire.sendall(data)
            wire.shutdown(socket.SHUT_WR)
            heard = b""
            while more := wire.recv(65536):
                heard += more
            return heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A ticket, its requester and what he and Ann got."""

    scene: Scene
    who: str
    sent: EmailMessage
    ack: Notice
    told: Notice

    @property
    def number(self) -> int:
        return self.ack.number

    @property
    def ticket(self) -> dict[str, Any]:
        return self.scene.desk.ticket(self.number)

    def is_untouched(self) -> bool:
        """Nothing was done on it, and its requester got nothing but the acknowledgement."""
        return self.ticket["state"] == "new" and self.scene.count(self.who) == 1

    def answer(self, text: str, who: str = "Ann Agent <ann@desk.test>") -> EmailMessage:
        """An answer to what Ann got."""
        return self.told.answer(text, From=who)
