"""The LMTP way in, for the machine's own MTA: SMTP with an answer for each recipient (RFC 2033)."""

from __future__ import annotations

from daemon.arrival import Source
from daemon.smtp_commands import SmtpSession


class LmtpSession(SmtpSession):
    """A conversation in LMTP."""

    greeting = "LMTP"
    offers_tls = False
    source = Source.LMTP
    commands = SmtpSession.commands - {"HELO", "EHLO", "STARTTLS"} | {"LHLO"}

    @property
    def is_trusted(self) -> bool:
        """What the configuration says of the MTA."""
        return self._service.settings.lmtp.trusted

    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802
        """RFC 2033 §4.1: EHLO by another name."""
        await self.smtp_EHLO(hostname)

    async def _answer_mail(self, reply: str) -> None:
        # RFC 2033 §4.2: one for each accepted RCPT, in their order. A mail is one arrival for all.
        assert self.envelope is not None
        for _ in self.envelope.rcpt_tos:
            await self.push(reply)
