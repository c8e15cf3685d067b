"""What a client sends, cut into lines and mails, in bounded memory whatever its lines are."""

from __future__ import annotations

from asyncio import StreamReader
from collections.abc import Awaitable, Callable

from daemon.errors import StoreFull, TooLarge
from daemon.smtp_limits import Share

#: RFC 5321 §4.5.3.1.4 asks for 512 and extensions add to it; a longer line ends the session.
LINE_BYTES = 4096
#: How much is asked of the stream at once while a mail is read.
CHUNK_BYTES = 256 * 1024
#: How far past the limit the end of a mail is looked for.
REACH_BYTES = 64 * 1024

_CRLF = b"\r\n"
_DOT = b"\r\n."
_END = b"\r\n.\r\n"


class GoneError(Exception):
    """The client left."""


class LongLineError(Exception):
    """No end of line within LINE_BYTES: the session cannot go on."""


class Endless(TooLarge):
    """A mail without an end within reach: the reply is given and the connection closed."""


class Crowded(StoreFull):
    """All connections together hold as much mail as they may; this one is closed."""


class Input:
    """A connection's bytes, in order: a line, a mail, what was pipelined behind it.

    ``before_wait`` runs each time before the client is waited for.
    """

    def __init__(self, stream: StreamReader, before_wait: Callable[[], Awaitable[None]]) -> None:
        self._stream, self._before_wait = stream, before_wait
        self._ahead = b""

    def __bool__(self) -> bool:
        """True while the client has sent more than was used."""
        return bool(self._ahead)

    def clear(self) -> None:
        """Forget what came ahead."""
        self._ahead = b""

    async def line(self) -> bytes:
        """Return the next line with its end. Raises GoneError, LongLineError."""
        while (end := self._ahead.find(b"\n")) < 0:
            if len(self._ahead) > LINE_BYTES:
                raise LongLineError
            self._ahead += await self._more(LINE_BYTES)
        line, self._ahead = self._ahead[: end + 1], self._ahead[end + 1 :]
        return line

    async def mail(self, limit: int, share: Share, tick: Callable[[int], None]) -> bytes:
        """Return the content of one DATA, dots unstuffed, taking ``share`` for it as it comes.

        Calls ``tick`` at each chunk with the bytes so far; raises
        TooLarge, Endless, Crowded, GoneError.
        """
        mail, received = Mail(limit), 0
        chunk, self._ahead = self._ahead or await self._more(CHUNK_BYTES), b""
        while True:
            received += len(chunk)
            tick(received)
            if not share.take(len(chunk)):
                raise Crowded
            if (rest := mail.feed(chunk)) is not None:
                self._ahead = rest
                return mail.content()
            del chunk
            chunk = await self._more(CHUNK_BYTES)

    async def drain(self) -> None:
        """Throw away what the client still sends, until it stops."""
        self._ahead = b""
        try:
            while True:
                await self._more(CHUNK_BYTES)
        except GoneError:
            return

    async def _more(self, size: int) -> bytes:
        await self._before_wait()
        try:
            chunk = await self._stream.read(size)
        except OSError as err:
            raise GoneError from err
        if not chunk:
            raise GoneError
        return chunk


class Mail:
    """A mail on its way in: chunks are fed until one holds its end.

    Only CRLF.CRLF ends it (RFC 5321 §4.1.1.4): anything looser lets a sender smuggle a second mail.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        # The CRLF of the DATA command may be the first half of the end: an empty mail is ".CRLF".
        self._tail = _CRLF

    def feed(self, chunk: bytes) -> bytes | None:
        """Add a chunk; return what follows the mail's end, or None before it. Raises Endless."""
        window = self._tail + chunk
        end = window.find(_END)
        if end >= 0:
            self._keep(window[: end + len(_CRLF)])
            return window[end + len(_END) :]
        cut = max(0, len(window) - len(_END) + 1)
        # Nor may a cut hide an added dot from its CRLF.
        for back in (1, 2):
            if cut >= back and window[cut - back : cut - back + len(_DOT)] == _DOT:
                cut -= back
        self._keep(window[:cut])
        self._tail = window[cut:]
        if len(self._kept) > self._limit + REACH_BYTES:
            self._kept.clear()
            raise Endless
        return None

    def content(self) -> bytes:
        """Give the mail out, once, without the dots that its sender added. Raises TooLarge."""
        kept, self._kept = self._kept, bytearray()
        if len(kept) - len(_CRLF) > self._limit:
            raise TooLarge
        return bytes(memoryview(kept)[len(_CRLF) :])

    def _keep(self, piece: bytes) -> None:
        self._kept += piece.replace(_DOT, _CRLF)
