"""One connection to one IMAP folder: every command that the desk sends, and nothing else.

A session belongs to one thread. A command that the server refuses
raises ``Refused`` and the session goes on; whatever else is raised ends it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from daemon.errors import MailboxError
from daemon.imap_connect import READ_SECONDS, close, connect
from daemon.imap_errors import Refused, is_refusal, words
from daemon.imap_login import log_in
from daemon.oauth import Tokens
from daemon.settings import Mailbox

_CHUNK_BYTES = 1024 * 1024
#: imaplib refuses a line above 1 MB, which a SEARCH answer reaches at some 130,000 messages.
_SEARCH_WINDOW = 50_000
_KEYWORD = b"$Postdesk"
_SEEN, _DELETED = rb"\Seen", rb"\Deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What the server tells when a folder is selected."""

    uidvalidity: int
    #: 0 when the server does not tell.
    uidnext: int
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the server tells of a message before its bytes are fetched."""

    size: int
    received_at: datetime | None
    is_marked_deleted: bool
    #: Marked by us, as far as the folder takes keywords; else read.
    is_flagged: bool


class Session:
    """A logged-in connection with the mailbox's folder selected; a context manager."""

    def __init__(self, mailbox: Mailbox, tokens: Tokens | None = None) -> None:
        self._mailbox = mailbox
        # Before the connection: servers end one that waits for a token.
        token = tokens.access_token() if tokens else ""
        self.client = connect(mailbox)
        try:
            log_in(self.client, mailbox, token)
        except BaseException as err:
            self.close()
            if tokens and isinstance(err, MailboxError):
                tokens.forget()
            raise
        self._takes_keywords = self._is_stale = False
        self.can_idle = mailbox.idle and self._can("IDLE")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(politely=kind is None)

    def close(self, *, politely: bool = False) -> None:
        """Give the connection back, whatever state it is in."""
        close(self.client, politely=politely)

    def select(self) -> Folder:
        """Open the folder and learn its state of this moment."""
        self._is_stale = False
        name = self._mailbox.folder
        try:
            said = self.client.select_folder(name)
        except self.client.ReadOnlyError as err:
            raise MailboxError(
                "folder", f"the folder {name} is read-only", f"give {self._mailbox.user} the right"
            ) from err
        except self.client.Error as err:
            if not is_refusal(err):
                raise
            raise MailboxError(
                "folder", f"the folder {name} cannot be opened: {words(err)}", "see folder"
            ) from err
        permanent = said.get(b"PERMANENTFLAGS", ())
        self._takes_keywords = rb"\*" in permanent or _KEYWORD in permanent
        return Folder(
            uidvalidity=int(said.get(b"UIDVALIDITY", 0)),
            uidnext=int(said.get(b"UIDNEXT", 0)),
            messages=int(said[b"EXISTS"]),
        )

    def select_again(self) -> None:
        """Return to the folder after a look into another one."""
        self.select()
        # What came meanwhile was in the answer just now and will not be told again.
        self._is_stale = True

    def search(self, first: int, folder: Folder) -> list[int]:
        """The UIDs from ``first`` upward, in order."""
        found: set[int] = set()
        for window in _windows(folder.messages):
            found.update(self.client.search([*window, "UID", f"{first}:*"]))
        # RFC 9051 §9: "n:*" names the last message even when its UID is below n.
        return sorted(uid for uid in found if uid >= first)

    def describe(self, uids: Sequence[int]) -> dict[int, Listing]:
        """What there is to know without the bytes; a UID without an answer is left out."""
        with refusals():
            said = self.client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE", "FLAGS"])
        mark = _KEYWORD if self._takes_keywords else _SEEN
        return {
            uid: _listing(parts, mark) for uid, parts in said.items() if b"RFC822.SIZE" in parts
        }

    def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of messages; a UID that the server hands nothing over for is left out."""
        with refusals():
            said = self.client.fetch(uids, ["BODY.PEEK[]"])
        return {uid: raw for uid, parts in said.items() if (raw := parts.get(b"BODY[]"))}

    def fetch_large(self, uid: int, size: int, limit: int) -> bytes:
        """The bytes of one message, chunk by chunk; more than ``limit`` when there is more."""
        chunks: list[bytes] = []
        length = 0
        with refusals():
            while length <= limit:
                chunk = self._chunk(uid, length)
                chunks.append(chunk)
                length += len(chunk)
                # A size may be wrong in both directions: only an empty chunk ends for certain.
                if not chunk or (len(chunk) < _CHUNK_BYTES and length >= size):
                    break
        return b"".join(chunks)

    def _chunk(self, uid: int, offset: int) -> bytes:
        said = self.client.fetch([uid], [f"BODY.PEEK[]<{offset}.{_CHUNK_BYTES}>"]).get(uid, {})
        return said.get(f"BODY[]<{offset}>".encode()) or b""

    def make_folder(self, name: str) -> None:
        """See that a folder is there."""
        with refusals():
            if not self.client.folder_exists(name):
                self.client.create_folder(name)
                self.client.subscribe_folder(name)

    def move(self, uids: Sequence[int], target: str) -> None:
        """Put exactly these messages into another folder."""
        with refusals():
            if self._can("MOVE"):
                self.client.move(uids, target)
                return
            self.client.copy(uids, target)
        self.delete(uids)

    @property
    def moves_at_once(self) -> bool:
        """False where a move is a copy and a deletion that a lost connection can part."""
        return self._can("MOVE")

    def delete(self, uids: Sequence[int]) -> None:
        """Delete exactly these messages; without UIDPLUS they are only marked."""
        with refusals():
            self.client.add_flags(uids, [_DELETED], silent=True)
            # A plain EXPUNGE would also remove what other people have marked.
            if self._can("UIDPLUS"):
                self.client.uid_expunge(uids)

    def flag(self, uids: Sequence[int]) -> None:
        r"""Mark messages as taken: ``\Seen``, and a keyword where the folder takes one."""
        flags = [_SEEN, _KEYWORD] if self._takes_keywords else [_SEEN]
        with refusals():
            self.client.add_flags(uids, flags, silent=True)

    def find_copy(self, target: str, message_id: str, size: int) -> bool:
        """Whether another folder holds this message already; call ``select_again`` after it."""
        with refusals():
            self.client.select_folder(target, readonly=True)
            if not message_id.isascii() or not message_id.isprintable():
                return False
            found = self.client.search(["HEADER", "Message-ID", message_id])
            sizes = self.client.fetch(found, ["RFC822.SIZE"])
        return any(parts.get(b"RFC822.SIZE") == size for parts in sizes.values())

    @property
    def has_news(self) -> bool:
        """Whether the server told of messages since the folder was selected.

        Any command's answer may carry it (RFC 9051 §7.4.1), and IDLE will not tell it again.
        """
        told = self.client._imap.untagged_responses.get("EXISTS", ())
        return self._is_stale or len(told) > 1

    @property
    def has_unread_answer(self) -> bool:
        """Whether an answer was read from the network together with the one before.

        Nothing on the socket tells of it: news that comes in one packet with the server's consent
        to IDLE would wait there until the next renewal.
        """
        connection = self.client._imap  # There is no public way to its buffer.
        sock = self.client.socket()
        sock.settimeout(0)
        try:
            return bool(connection.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            sock.settimeout(READ_SECONDS)

    def _can(self, capability: str) -> bool:
        return bool(self.client.has_capability(capability))


@contextmanager
def refusals() -> Iterator[None]:
    """The server's NO and BAD as ``Refused``; what breaks the connection goes through."""
    try:
        yield
    except Exception as err:
        if is_refusal(err):
            raise Refused(words(err)) from err
        raise


def _windows(messages: int) -> Iterator[tuple[str, ...]]:
    """Criteria that together cover the folder, none with too long an answer."""
    if messages <= _SEARCH_WINDOW:
        yield ()
        return
    for first in range(1, messages + 1, _SEARCH_WINDOW):
        last = first + _SEARCH_WINDOW - 1
        yield (f"{first}:{last if last < messages else '*'}",)


def _listing(parts: dict[bytes, Any], mark: bytes) -> Listing:
    flags = {flag.lower() for flag in parts.get(b"FLAGS", ()) if isinstance(flag, bytes)}
    received_at = parts.get(b"INTERNALDATE")
    return Listing(
        size=int(parts[b"RFC822.SIZE"]),
        received_at=received_at.astimezone(UTC) if received_at else None,
        is_marked_deleted=_DELETED.lower() in flags,
        is_flagged=mark.lower() in flags,
    )
