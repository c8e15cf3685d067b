"""One connection to the smarthost, kept open and used again; says what it said in our terms."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from urllib.parse import urlsplit

from daemon.clock import Clock
from daemon.errors import Lost, PermanentFailure, SettingsError, TemporaryFailure, Unreachable
from daemon.settings import Delivery
from daemon.store.outbox import Leased

#: An address that is written as it is; of others ``smtplib`` makes a path, by parsing them.
_PLAIN = re.compile(r"[\w.+=@-]*")
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
#: An older connection is asked whether it lives before it gets a mail.
_IDLE_SECONDS = 20


class Smarthost:
    """The way out by SMTP. One thread at a time."""

    def __init__(self, settings: Delivery, clock: Clock, helo: str) -> None:
        self._settings, self._clock, self._helo = settings, clock, helo
        self._url = urlsplit(settings.smarthost)
        if self._url.scheme not in _PORTS or not self._url.hostname:
            raise SettingsError(
                f"delivery.smarthost: {settings.smarthost!r} is not understood",
                hint="smtp://host:port, smtp+starttls://host:port or smtps://host:port",
            )
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0

    @property
    def is_open(self) -> bool:
        """True as long as there is a connection, as far as we know."""
        return self._smtp is not None

    def open(self) -> None:
        """Be connected, greeted, encrypted and logged in as configured. Raises Unreachable."""
        if self._smtp is not None and self._lives():
            return
        self.close()
        try:
            self._smtp = self._connect()
        except (OSError, smtplib.SMTPException) as err:
            raise Unreachable(f"{self._url.hostname}: {_words(err)}") from err
        self._used_at = self._clock.monotonic()

    def send(self, mail: Leased) -> str:
        """Hand one mail over and return the reply.

        Raises PermanentFailure or TemporaryFailure with the reply, Lost when the connection broke
        under this mail; whether it was taken is then unknown (RFC 1047).
        """
        assert self._smtp is not None
        try:
            return self._transact(self._smtp, mail)
        except (PermanentFailure, TemporaryFailure):
            self._reset()
            raise
        except smtplib.SMTPDataError as err:  # refused at DATA: this mail, not the others
            self._reset()
            kind = PermanentFailure if err.smtp_code >= 500 else TemporaryFailure
            raise kind(_words(err)) from err
        except (smtplib.SMTPNotSupportedError, UnicodeError) as err:
            self.close()
            raise PermanentFailure(f"550 5.6.7 the smarthost takes no such address: {err}") from err
        except (OSError, smtplib.SMTPException) as err:
            self.close()
            raise Lost(f"{self._url.hostname}: {_words(err)}") from err

    def _reset(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.rset()

    def close(self) -> None:
        """Leave politely, if there is anybody."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()

    def _lives(self) -> bool:
        assert self._smtp is not None
        if self._clock.monotonic() - self._used_at < _IDLE_SECONDS:
            return self._smtp.sock is not None
        try:
            code, _ = self._smtp.noop()
        except (OSError, smtplib.SMTPException):
            return False
        return code == 250

    def _connect(self) -> smtplib.SMTP:
        host = self._url.hostname or ""
        port = self._url.port or _PORTS[self._url.scheme]
        timeout = self._settings.timeout_seconds
        if self._url.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, self._helo, timeout=timeout, context=self._tls()
            )
        else:
            smtp = smtplib.SMTP(host, port, self._helo, timeout=timeout)
        smtp.ehlo_or_helo_if_needed()
        if self._url.scheme == "smtp+starttls":
            smtp.starttls(context=self._tls())  # raises where it is not offered: never in the clear
            smtp.ehlo()
        if self._settings.user:
            smtp.login(self._settings.user, self._settings.password)
        return smtp

    def _tls(self) -> ssl.SSLContext:
        ca_file = self._settings.ca_file
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    def _transact(self, smtp: smtplib.SMTP, mail: Leased) -> str:
        if {*mail.sender, *mail.recipient} & {"\r", "\n"}:
            raise PermanentFailure("553 5.1.3 an address with a line break in it")
        options = ["SMTPUTF8"] if not (mail.sender + mail.recipient).isascii() else []
        if smtp.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        if smtp.has_extn("pipelining"):
            reply = _at_once(smtp, mail, options)
        else:
            _expect(smtp.mail(mail.sender, options), 250)
            _expect(smtp.rcpt(mail.recipient), 250, 251)
            reply = _expect(smtp.data(mail.raw), 250)
        self._used_at = self._clock.monotonic()
        return reply


def _at_once(smtp: smtplib.SMTP, mail: Leased, options: list[str]) -> str:
    """MAIL, RCPT and DATA in one go: two round trips a mail, not four (RFC 2920)."""
    if options and not smtp.has_extn("smtputf8") and "SMTPUTF8" in options:
        raise smtplib.SMTPNotSupportedError("it does not offer SMTPUTF8")
    words = " ".join((f"MAIL FROM:{_path(mail.sender)}", *options))
    envelope = f"{words}\r\nRCPT TO:{_path(mail.recipient)}\r\nDATA\r\n"
    smtp.send(envelope.encode("utf-8" if "SMTPUTF8" in options else "ascii"))
    sender, recipient, data = (smtp.getreply() for _ in range(3))
    if data[0] == 354 and not (sender[0] == 250 and recipient[0] in {250, 251}):
        smtp.send(b".\r\n")  # RFC 2920 §3.1: it waits for a mail to nobody
        smtp.getreply()
    _expect(sender, 250)
    _expect(recipient, 250, 251)
    _expect(data, 354)
    smtp.send(_dotted(mail.raw) + b".\r\n")
    return _expect(smtp.getreply(), 250)


def _path(address: str) -> str:
    return f"<{address}>" if _PLAIN.fullmatch(address) else smtplib.quoteaddr(address)


def _dotted(raw: bytes) -> bytes:
    """RFC 5321 §4.5.2: a dot at a line's start is doubled."""
    doubled = raw.replace(b"\n.", b"\n..")
    return b"." + doubled if raw.startswith(b".") else doubled


def _expect(reply: tuple[int, bytes], *good: int) -> str:
    code, words = reply
    text = f"{code} {words.decode('utf-8', 'replace')}"
    if code in good:
        return text
    if code in {421, -1}:
        raise smtplib.SMTPServerDisconnected(text)
    raise PermanentFailure(text) if 500 <= code <= 599 else TemporaryFailure(text)


def _words(err: Exception) -> str:
    if isinstance(err, smtplib.SMTPResponseException):
        words = err.smtp_error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        return f"{err.smtp_code} {text}"
    return str(err) or type(err).__name__
