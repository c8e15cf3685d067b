# ruff: noqa: N802  aiosmtpd names the methods of commands so
"""The submission port (RFC 6409): agents log in over TLS, and their log-in proves who they are.

It takes mail for the desk only: it is no relay, whoever has logged in.
"""

from __future__ import annotations

import asyncio
import base64
import binascii

from daemon.arrival import Envelope
from daemon.smtp_commands import SmtpSession

#: A log-in that fails so often ends the connection.
_TRIES = 3
_MOST = 1024


class SubmissionSession(SmtpSession):
    """A conversation with an agent's mail client."""

    commands = SmtpSession.commands | {"AUTH"}
    #: Who has logged in on this connection.
    login = ""
    failures = 0

    @property
    def is_trusted(self) -> bool:
        """Nobody is: what counts is the log-in."""
        return False

    @property
    def _needs_tls(self) -> bool:
        return self._tls_protocol is None

    def _abilities(self) -> list[str]:
        return [*super()._abilities(), *(["AUTH PLAIN LOGIN"] if not self._needs_tls else [])]

    async def smtp_STARTTLS(self, arg: str) -> None:
        """RFC 3207 §4.2: what was known before the handshake is forgotten."""
        self.login = ""
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        """RFC 4954: PLAIN or LOGIN; each failure looks the same, and after three the line ends."""
        assert self.session is not None
        mechanism, _, initial = arg.partition(" ")
        if not self.session.host_name:
            await self.push("503 5.5.1 say who you are first")
        elif self.login or (self.envelope and self.envelope.mail_from is not None):
            await self.push("503 5.5.1 not now")
        elif mechanism.upper() not in {"PLAIN", "LOGIN"}:
            await self.push("504 5.5.4 PLAIN or LOGIN")
        else:
            prompts = ("",) if mechanism.upper() == "PLAIN" else ("Username:", "Password:")
            words = [*([initial] if initial else [])]
            while len(words) < len(prompts) and "*" not in words:
                words.append(await self._asked(prompts[len(words)]))
            if "*" in words:
                await self.push("501 5.7.0 as you like")
            else:
                found = _plain(words[0]) if len(words) == 1 else tuple(map(_decoded, words))
                await self._log_in(*found)

    async def _asked(self, prompt: str) -> str:
        await self.push(f"334 {base64.b64encode(prompt.encode()).decode()}")
        line = await self._input.line()
        return line.strip().decode("ascii", "replace")

    async def _log_in(self, login: str, password: str) -> None:
        passwords = self._service.passwords
        assert passwords is not None
        # In a thread: the hash takes its time, and other connections go on.
        is_right = await asyncio.to_thread(passwords.check, login, password)
        log = self._service.log.bind(peer=self._peer.name, login=login)
        if is_right:
            self.login = login.lower()
            log.info("logged_in")
            await self.push("235 2.7.0 welcome")
            return
        self.failures += 1
        log.warning("login_failed")
        if self.failures >= _TRIES:
            await self._leave("421 4.7.0 too many failures")
        else:
            await self.push("535 5.7.8 wrong login or password")

    async def smtp_MAIL(self, arg: str | None) -> None:
        """RFC 6409 §4.3: only after a log-in."""
        if not self.login:
            await self.push("530 5.7.0 log in first")
        else:
            await super().smtp_MAIL(arg)

    def _envelope(self) -> Envelope:
        made = super()._envelope()
        return Envelope(
            sender=made.sender, recipients=made.recipients, peer=made.peer, login=self.login
        )


def _plain(text: str) -> tuple[str, str]:
    """Login and password of PLAIN (RFC 4616); nobody acts for another here."""
    acts_for, _, rest = _decoded(text).partition("\0")
    login, _, password = rest.partition("\0")
    return ("", "") if acts_for not in {"", login} else (login, password)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text[:_MOST], validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
