"""The mailbox that the desk fetches from, seen by another client."""

from __future__ import annotations

import imaplib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.chaos.given import Books
from tests.servers.dovecot import PASSWORD, Dovecot

_USER = "help"
_TARGET = "Postdesk"
_MESSAGE_ID = re.compile(rb"message-id:\s*<([^>]*)>", re.IGNORECASE)

_CONFIG = """\
[[mailboxes]]
name = "help"
host = "127.0.0.1"
port = {port}
security = "none"
user = "{user}"
password = "{password}"
move_to = "{target}"
poll_seconds = 2
trusted = true
"""


@dataclass(frozen=True, slots=True)
class Box:
    """One user's mailbox on a Dovecot."""

    server: Dovecot

    def create(self) -> Path:
        """Make it; returns its Maildir."""
        with self._client() as client:
            client.select("INBOX")
        return self.server.maildir(_USER)

    @property
    def config(self) -> str:
        """Its part of the configuration."""
        return _CONFIG.format(port=self.server.port, user=_USER, password=PASSWORD, target=_TARGET)

    @property
    def waiting(self) -> int:
        """How many messages nobody has fetched and moved."""
        return sum(self._names("INBOX").values())

    def findings(self, books: Books) -> Iterator[str]:
        """The folder is empty, and the other one has each message once."""
        if waiting := self.waiting:
            yield f"{waiting} messages are still in INBOX"
        moved = self._names(_TARGET)
        for given in books.given:
            found = moved.pop(given.mail.message_id, 0)
            if found != given.is_in_mailbox:
                yield f"{given.mail.message_id} is {found} times in {_TARGET}"
        if moved:
            yield f"{_TARGET} has {sum(moved.values())} messages that nobody gave"

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.server.port, timeout=30)
        client.authenticate("PLAIN", lambda _: f"\0{_USER}\0{PASSWORD}".encode())
        return client

    def _names(self, folder: str) -> Counter[str]:
        with self._client() as client:
            answer, (count, *_) = client.select(folder, readonly=True)
            if answer != "OK" or count in {b"0", None}:
                return Counter()
            _, said = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        texts = [part[1] for part in said if isinstance(part, tuple)]
        return Counter(
            found.group(1).decode() for text in texts if (found := _MESSAGE_ID.search(text))
        )
