# ruff: noqa: N802  aiosmtpd names the methods of commands so
"""The commands of SMTP: what each takes, checks and answers (RFC 5321 §4.1).

250 to a mail is said after its row is committed, and never otherwise.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from daemon.arrival import Arrival, Envelope, Source
from daemon.errors import TooLarge
from daemon.smtp import Connection
from daemon.smtp_address import (
    MAIL_PARAMETERS,
    RCPT_PARAMETERS,
    PathError,
    check_mail_parameters,
    parse_path,
)
from daemon.smtp_data import Endless, GoneError
from daemon.smtp_limits import Share, patience
from daemon.smtp_reply import NO_ROOM, new_queue_id, reply_to

#: RFC 5321 §4.5.3.2.6: a client waits so long for the answer to its final dot.
_COMMIT_SECONDS = 600.0


class SmtpSession(Connection):
    """A conversation in SMTP."""

    greeting = "ESMTP"
    offers_tls = True
    source: ClassVar[Source] = Source.SMTP
    commands = frozenset(
        {"HELO", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA"}
        | {"RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT"}
    )

    @property
    def is_trusted(self) -> bool:
        """True when mail by this connection comes from somebody who checks senders."""
        configured = self._service.settings.smtp.trusted
        return self._peer.is_local if configured is None else configured

    # -- opening and closing ----------------------------------------------------------------------

    async def smtp_HELO(self, hostname: str) -> None:
        """RFC 5321 §4.1.1.1."""
        if await self._greet(hostname):
            await self.push(f"250 {self.hostname}")

    async def smtp_EHLO(self, hostname: str) -> None:
        """RFC 5321 §4.1.1.1: greet and say what we can."""
        if not await self._greet(hostname):
            return
        *most, last = self.hostname, *self._abilities()
        await self.push("\r\n".join([*(f"250-{word}" for word in most), f"250 {last}"]))

    def _abilities(self) -> list[str]:
        words = [
            f"SIZE {self.data_size_limit}",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
        ]
        if self.tls_context is not None and self._tls_protocol is None:
            words.append("STARTTLS")
        return words

    async def _greet(self, hostname: str) -> bool:
        if not hostname:
            await self.push("501 5.5.4 say who you are")
            return False
        self._forget_mail()
        assert self.session is not None
        self.session.host_name = hostname
        return True

    async def smtp_STARTTLS(self, arg: str) -> None:
        """RFC 3207: what the client sent before the handshake is never read after it."""
        if arg:
            await self.push("501 5.5.4 STARTTLS takes no argument")
        elif self.tls_context is None:
            await self.push("502 5.5.1 no TLS here")
        elif self._tls_protocol is not None:
            await self.push("503 5.5.1 TLS is on")
        else:
            self._input.clear()
            await super().smtp_STARTTLS(arg)
            self._input.clear()

    async def smtp_QUIT(self, arg: str) -> None:
        """RFC 5321 §4.1.1.10."""
        self._is_leaving = True
        await self.push("221 2.0.0 bye")

    async def smtp_NOOP(self, arg: str) -> None:
        """RFC 5321 §4.1.1.9."""
        await self.push("250 2.0.0 ok")

    async def smtp_RSET(self, arg: str) -> None:
        """RFC 5321 §4.1.1.5."""
        self._forget_mail()
        await self.push("250 2.0.0 ok")

    async def smtp_HELP(self, arg: str) -> None:
        """RFC 5321 §4.1.1.8."""
        await self.push("214 2.0.0 RFC 5321 has the commands")

    async def smtp_VRFY(self, arg: str) -> None:
        """The same answer for everybody, so that nobody can be found out (RFC 5321 §7.3)."""
        if arg:
            await self.push("252 2.0.0 send the mail and see")
        else:
            await self.push("501 5.5.4 verify whom?")

    async def smtp_EXPN(self, arg: str) -> None:
        """RFC 5321 §7.3 lets a server keep its lists to itself."""
        await self.push("502 5.5.1 not here")

    # -- a mail -----------------------------------------------------------------------------------

    async def smtp_MAIL(self, arg: str | None) -> None:
        """RFC 5321 §4.1.1.2: begin a mail."""
        assert self.session is not None
        assert self.envelope is not None
        if not self.session.host_name:
            await self.push("503 5.5.1 say who you are first")
        elif self.envelope.mail_from is not None:
            await self.push("503 5.5.1 a mail is under way")
        else:
            await self.push(self._open_mail(arg))

    def _open_mail(self, arg: str | None) -> str:
        assert self.envelope is not None
        try:
            path = parse_path(arg, "FROM:", MAIL_PARAMETERS)
            size = check_mail_parameters(path.parameters)
        except PathError as err:
            return str(err)
        if size > self._service.settings.limits.message_bytes:
            return reply_to(TooLarge(), "")
        if not self._service.budget.has(size):
            return NO_ROOM
        if self._is_too_fast(path.address):
            return "450 4.7.1 too many mails from you within a minute; try again later"
        self.envelope.mail_from = path.address
        return "250 2.1.0 ok"

    def _is_too_fast(self, sender: str) -> bool:
        """A peer that checks senders has limits of its own, and carries everybody's mail."""
        key = (self._peer.key, sender.lower())
        service = self._service
        return not self.is_trusted and not service.pace.allows(key, service.clock.now())

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RFC 5321 §4.1.1.3: add a recipient, who must be one of the desk's own addresses."""
        assert self.envelope is not None
        if self.envelope.mail_from is None:
            await self.push("503 5.5.1 MAIL first")
        elif len(self.envelope.rcpt_tos) >= self._service.settings.limits.recipients:
            await self.push("452 4.5.3 too many recipients")
        else:
            await self.push(self._add_recipient(arg))

    def _add_recipient(self, arg: str | None) -> str:
        assert self.envelope is not None
        try:
            path = parse_path(arg, "TO:", RCPT_PARAMETERS)
        except PathError as err:
            return str(err)
        if path not in self._service.recipients:
            self._service.log.info(
                "recipient_refused",
                peer=self._peer.name,
                sender=self.envelope.mail_from,
                recipient=path.address,
            )
            return "550 5.7.1 no mail for that address here"
        self.envelope.rcpt_tos.append(path.address)
        return "250 2.1.5 ok"

    async def smtp_DATA(self, arg: str) -> None:
        """RFC 5321 §4.1.1.4: read a mail and answer when it is committed or refused."""
        assert self.envelope is not None
        if arg:
            await self.push("501 5.5.4 DATA takes no argument")
        elif not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT first")
        elif not self._service.budget.has(0):
            await self.push(NO_ROOM)
        else:
            await self.push("354 end with <CRLF>.<CRLF>")
            try:
                reply = await self._receive()
            except GoneError:
                raise
            except Exception as err:  # noqa: BLE001  the edge: whatever it is, the client gets a 451
                reply = await self.handle_exception(err)
            await self._answer_mail(reply)
            self._forget_mail()
            self._reset_timeout()
            if self._is_leaving:
                await self._leave()

    async def _receive(self) -> str:
        share = self._service.budget.share()
        try:
            raw = await self._read_mail(share)
            arrival = self._make_arrival(raw)
            self._reset_timeout(_COMMIT_SECONDS)
            commit = self._service.offer(arrival, share)
        except BaseException:
            share.close()
            raise
        # The client may go away now; the commit goes on.
        await asyncio.shield(commit)
        self._commands = 0  # the limit is on those that bring no mail
        return f"250 2.0.0 queued as {arrival.source_key}"

    async def _read_mail(self, share: Share) -> bytes:
        limits, start = self._service.settings.limits, self.loop.time()

        def tick(received: int) -> None:
            left = patience(limits, self.loop.time() - start, received)
            self._reset_timeout(max(0.001, left))

        try:
            return await self._input.mail(limits.message_bytes, share, tick)
        except Exception as err:
            # Unless the final dot was seen, what comes is mail and must never be read as commands.
            self._is_leaving = not isinstance(err, TooLarge) or isinstance(err, Endless)
            raise

    def _make_arrival(self, raw: bytes) -> Arrival:
        now = self._service.clock.now()
        return Arrival(
            source=self.source,
            source_key=new_queue_id(now),
            received_at=now,
            envelope=self._envelope(),
            raw=raw,
        )

    def _envelope(self) -> Envelope:
        assert self.envelope is not None
        return Envelope(
            sender=self.envelope.mail_from or "",
            recipients=tuple(dict.fromkeys(self.envelope.rcpt_tos)),
            peer=self._peer.name,
            trusted=self.is_trusted,
        )

    async def _answer_mail(self, reply: str) -> None:
        await self.push(reply)
