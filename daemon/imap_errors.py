"""What goes wrong with an IMAP server, and how a person is told."""

from __future__ import annotations

import imaplib
import socket
import ssl
from typing import Final

from daemon.errors import MailboxError, StoreError

#: Every family of errors by which a connection dies: connect anew. The first covers imaplib's
#: abort and readonly and all of imapclient's own; TimeoutError, SSLError and gaierror are OSErrors.
TRANSIENT: Final = (imaplib.IMAP4.error, OSError, EOFError)


class Refused(Exception):
    """The server said NO or BAD to one command; the connection is as good as before."""


def is_refusal(err: BaseException) -> bool:
    """True when the server answered and the connection lives: anything else means a new one."""
    return isinstance(err, imaplib.IMAP4.error) and not isinstance(err, imaplib.IMAP4.abort)


def words(err: BaseException) -> str:
    """What the server or the system said, on one line."""
    text = " ".join(str(err).split())
    return (text or type(err).__name__)[:300]


def explain(err: BaseException) -> MailboxError:
    """Any trouble of a connection in plain words."""
    if isinstance(err, MailboxError):
        return err
    if isinstance(err, StoreError):
        return MailboxError("store", f"the store does not take mail: {words(err)}")
    if isinstance(err, TimeoutError):
        return MailboxError("silent", "the server does not answer any more")
    if isinstance(err, imaplib.IMAP4.abort):
        return MailboxError("dropped", f"the server ended the connection: {words(err)}")
    if isinstance(err, OSError):
        return MailboxError("dropped", f"the connection broke: {words(err)}")
    return MailboxError(
        "answer", f"an answer was not understood: {type(err).__name__} {words(err)}"
    )


def explain_connect(err: BaseException, host: str, port: int) -> MailboxError:
    """Why there is no connection."""
    where = f"{host} port {port}"
    match err:
        case ssl.SSLCertVerificationError():
            return MailboxError(
                "tls",
                f"the certificate of {where} is not trusted: {err.verify_message}",
                "set ca_file to the authority that signed it, or host to the name in it",
            )
        case ssl.SSLError():
            return MailboxError(
                "tls",
                f"no TLS with {where}: {err.reason or words(err)}",
                "see whether the port wants security = 'starttls' instead of 'tls'",
            )
        case socket.gaierror():
            return MailboxError("connect", f"the host name {host} is not known", "see host")
        case ConnectionRefusedError():
            return MailboxError(
                "connect", f"nobody listens at {where}", "see host, port and security"
            )
        case TimeoutError():
            return MailboxError(
                "connect", f"{where} does not answer", "see host, port and the firewall"
            )
        case imaplib.IMAP4.error():
            return MailboxError("connect", f"{where} does not take the connection: {words(err)}")
    return MailboxError("connect", f"no connection to {where}: {words(err)}", "see host and port")


def explain_starttls(err: BaseException, host: str, port: int) -> MailboxError:
    """Why a connection in clear text did not become an encrypted one."""
    if isinstance(err, imaplib.IMAP4.error):
        reason = f"{host} port {port} offers no STARTTLS: {words(err)}"
        return MailboxError("tls", reason, "see port and security; the desk never goes on without")
    return explain_connect(err, host, port)
