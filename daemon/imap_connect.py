"""A connection to an IMAP server, encrypted as configured and never less; nobody is logged in yet.

imapclient is at home here and in ``imap_login``; ``imap_session`` alone uses what is made here.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final

from imapclient import IMAPClient, SocketTimeout

from daemon.errors import MailboxError
from daemon.imap_errors import explain_connect, explain_starttls, words
from daemon.settings import Mailbox

_CONNECT_SECONDS: Final = 15.0
#: A server that says nothing for so long while it owes an answer is gone.
READ_SECONDS: Final = 60.0


def connect(mailbox: Mailbox) -> IMAPClient:
    """Connect; raises MailboxError with what is wrong. A failed STARTTLS is the end of it."""
    is_tls = mailbox.security == "tls"
    port = mailbox.port or (993 if is_tls else 143)
    context = None if mailbox.security == "none" else _context(mailbox)
    timeout = SocketTimeout(_CONNECT_SECONDS, READ_SECONDS)
    try:
        client = IMAPClient(mailbox.host, port, ssl=is_tls, ssl_context=context, timeout=timeout)
    except (IMAPClient.Error, OSError, ValueError) as err:
        raise explain_connect(err, mailbox.host, port) from err
    try:
        _keep_alive(client.socket())
        if mailbox.security == "starttls":
            client.starttls(context)
    except (IMAPClient.Error, OSError, ValueError) as err:
        # Never on in clear text.
        close(client)
        raise explain_starttls(err, mailbox.host, port) from err
    client.normalise_times = False
    return client


def _context(mailbox: Mailbox) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=mailbox.ca_file)
    except OSError as err:
        raise MailboxError(
            "tls", f"ca_file {mailbox.ca_file} cannot be used: {words(err)}", "see ca_file"
        ) from err


def _keep_alive(sock: socket.socket) -> None:
    """A peer that vanished is noticed in minutes, also while nothing is said."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def close(client: IMAPClient, *, politely: bool = False) -> None:
    """Give a connection back, whatever state it is in."""
    try:
        if politely:
            client.logout()
        else:
            client.shutdown()
    except Exception:  # noqa: BLE001, S110  it is over, and imaplib raises many things
        pass
