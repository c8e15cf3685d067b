"""The SMTP way in: one connection and its loop of commands; ``smtp_commands`` says what each does.

aiosmtpd gives the frame: connection, streams, STARTTLS, envelope. The loop is ours, for theirs has
no limits, takes a bare LF for the end of a line and calls every failure permanent.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Self, cast

from aiosmtpd.smtp import SMTP, TLSSetupException

from daemon.errors import PostdeskError
from daemon.smtp_data import GoneError, Input, LongLineError
from daemon.smtp_limits import Peer
from daemon.smtp_reply import is_senders, new_mark, reply_to
from daemon.smtp_service import Service

_BEFORE_TLS = frozenset({"EHLO", "NOOP", "QUIT", "STARTTLS"})
#: How long a client that we leave may go on sending, so that it reads our last reply and no reset.
_LINGER_SECONDS = 2.0


class Connection(SMTP):
    """One client's connection: its life, its timer, its limits; a subclass brings the commands."""

    # Half of what the stream reader holds before it stops the socket.
    line_length_limit = 64 * 1024

    greeting: ClassVar[str]
    #: The commands that there are, each a method ``smtp_…``.
    commands: ClassVar[frozenset[str]]
    offers_tls: ClassVar[bool]

    def __init__(self, service: Service, frame: SMTP) -> None:
        # aiosmtpd's constructor looks at each of its members, twice, for hooks and mechanisms that
        # we have none of: a third of what a connection costs. So it runs once, and is copied.
        vars(self).update(vars(frame))
        asyncio.StreamReaderProtocol.__init__(
            self,
            asyncio.StreamReader(limit=self.line_length_limit, loop=frame.loop),
            client_connected_cb=self._cb_client_connected,
            loop=frame.loop,
        )
        self._service = service
        self._replies: list[bytes] = []
        self._commands = self._errors = 0
        self._is_busy = self._is_leaving = self._was_refused = False
        self._deadline = self._alarm_at = math.inf

    @classmethod
    def factory(cls, service: Service, loop: asyncio.AbstractEventLoop) -> Callable[[], Self]:
        """Return what makes a connection of this kind."""
        frame = SMTP(
            None,
            data_size_limit=service.settings.limits.message_bytes,
            enable_SMTPUTF8=True,
            hostname=service.hostname,
            tls_context=service.tls if cls.offers_tls else None,
            timeout=service.settings.limits.command_seconds,
            loop=loop,
        )
        return partial(cls, service, frame)

    # -- the connection ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is not None:
            super().connection_made(transport)  # the same connection, now encrypted
            return
        self._peer = Peer(transport.get_extra_info("peername"))
        if self._service.is_stopping or not self._service.places.enter(self._peer):
            self._refuse(cast(asyncio.Transport, transport))
            return
        self._service.sessions.add(self)
        super().connection_made(transport)

    def _refuse(self, transport: asyncio.Transport) -> None:
        self._service.log.info("connection_refused", peer=self._peer.name)
        transport.set_protocol(asyncio.Protocol())
        transport.write(f"421 4.7.0 {self.hostname} too many connections\r\n".encode())
        transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._service.sessions:
            self._service.sessions.discard(self)
            self._service.places.leave(self._peer)
        super().connection_lost(error)

    def eof_received(self) -> bool:
        """A client that has said all may still read: its commands are answered to the last one."""
        self._reader.feed_eof()
        return self._tls_protocol is None

    def dismiss(self) -> asyncio.Task[None] | None:
        """End as soon as no mail is under way; return what to wait for."""
        if not self._is_busy and not self._is_leaving:
            self._farewell("421 4.3.2 shutting down")
        return self._handler_coroutine

    def abort(self) -> None:
        """End at once."""
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()

    def _farewell(self, reply: str) -> None:
        self._is_leaving = True
        self._replies.append(reply.encode() + b"\r\n")
        self._writer.write(b"".join(self._replies))
        self._replies.clear()
        self._writer.close()
        self._reset_timeout(_LINGER_SECONDS)

    def _reset_timeout(self, duration: float | None = None) -> None:
        # A timer that looks at the time when it rings costs less than a new one each command.
        self._deadline = self.loop.time() + (duration or self._timeout_duration)
        if self._deadline < self._alarm_at:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._alarm_at = self._deadline
        self._timeout_handle = self.loop.call_at(self._alarm_at, self._timeout_cb)

    def _timeout_cb(self) -> None:
        self._alarm_at = math.inf
        if self.loop.time() < self._deadline:
            self._set_alarm()
        elif self._is_leaving:
            self.abort()
        else:
            self._service.log.info("connection_timeout", peer=self._peer.name)
            self._farewell("421 4.4.2 waited too long for you")

    # -- the conversation -------------------------------------------------------------------------

    async def push(self, status: str | bytes) -> None:
        """Say a reply; replies to pipelined commands go out together (RFC 2920 §3.2)."""
        reply = status.encode() if isinstance(status, str) else status
        self._was_refused |= reply.startswith(b"5")
        self._replies.append(reply + b"\r\n")
        if not self._input:
            await self._flush()

    async def _flush(self) -> None:
        if not self._replies:
            return
        replies = b"".join(self._replies)
        self._replies.clear()
        try:
            self._writer.write(replies)
            await self._writer.drain()
        except OSError as err:
            raise GoneError from err

    def _forget_mail(self) -> None:
        self.envelope = self._create_envelope()

    async def _handle_client(self) -> None:
        self._input = Input(self._reader, self._flush)
        try:
            await self._converse()
        except GoneError:
            pass
        except TLSSetupException as err:
            # A connection that ends in its handshake is not told to the protocol inside.
            self.connection_lost(err)
        finally:
            self._is_leaving = True
            self._writer.close()
            if self.transport is not None:
                self._reset_timeout(_LINGER_SECONDS)

    async def _converse(self) -> None:
        await self.push(f"220 {self.hostname} {self.greeting}")
        while not self._is_leaving:
            try:
                line = await self._input.line()
            except LongLineError:
                await self._leave("500 5.5.2 line too long")
                return
            self._is_busy = True
            await self._obey(line)
            self._is_busy = False
            if not self._is_leaving:
                await self._check_limits()
        await self._flush()

    async def _check_limits(self) -> None:
        limits = self._service.settings.limits
        self._commands += 1
        self._errors += self._was_refused
        self._was_refused = False
        if self._service.is_stopping:
            self._is_leaving = True
            await self.push("421 4.3.2 shutting down")
        elif self._errors >= limits.errors or self._commands >= limits.commands:
            what = "errors" if self._errors >= limits.errors else "commands"
            self._service.log.info("session_ended", peer=self._peer.name, reason=f"too many {what}")
            await self._leave(f"421 4.7.0 too many {what}")

    async def _leave(self, reply: str = "") -> None:
        """Say the last reply and let the client read it before the connection is closed."""
        self._is_leaving = True
        if reply:
            await self.push(reply)
        await self._flush()
        self._reset_timeout(_LINGER_SECONDS)
        if self._writer.can_write_eof() and not self._writer.is_closing():
            self._writer.write_eof()
            await self._input.drain()

    async def _obey(self, line: bytes) -> None:
        self._reset_timeout()
        word, _, rest = line[:-2].partition(b" ")
        command = word.decode("ascii", "replace").upper()
        if not line.endswith(b"\r\n"):
            # RFC 5321 §2.3.8: a client that ends lines otherwise may mean other things by them too.
            await self.push("500 5.5.2 a line ends with CRLF")
        elif command not in self.commands:
            await self.push("500 5.5.1 unknown command")
        elif self._needs_tls and command not in _BEFORE_TLS:
            await self.push("530 5.7.0 STARTTLS first")
        else:
            argument = rest.decode("utf-8", "surrogateescape").strip(" \t")
            try:
                await getattr(self, f"smtp_{command}")(argument)
            except (GoneError, TLSSetupException):
                raise
            except Exception as err:  # noqa: BLE001  the edge: whatever it is, the client gets a 451
                await self.push(await self.handle_exception(err))

    @property
    def _needs_tls(self) -> bool:
        return (
            self.tls_context is not None
            and self._tls_protocol is None
            and self._service.settings.smtp.require_tls
        )

    async def handle_exception(self, error: Exception) -> str:
        """Log a failure once and return its reply, which tells nothing but an id."""
        mark = new_mark()
        if is_senders(error):
            self._service.log.info(
                "mail_refused", peer=self._peer.name, reason=type(error).__name__
            )
        elif isinstance(error, PostdeskError):
            self._service.log.error(
                "mail_not_stored", mark=mark, error=f"{type(error).__name__}: {error}"
            )
        else:
            self._service.log.error("session_failed", mark=mark, exc_info=error)
        return reply_to(error, mark)
