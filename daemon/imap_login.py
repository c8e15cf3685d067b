"""Proving to an IMAP server who we are: by password, or by an OAuth2 token."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable

from imapclient import IMAPClient

from daemon.errors import MailboxError
from daemon.imap_errors import is_refusal, words
from daemon.settings import Mailbox


def log_in(client: IMAPClient, mailbox: Mailbox, token: str = "") -> None:
    """Log in; raises MailboxError when the server refuses, other errors when it is gone."""
    rejoinder: list[bytes] = []
    try:
        if token:
            _by_token(client, mailbox, token, rejoinder.append)
        else:
            _by_password(client, mailbox)
    except client.Error as err:
        # imapclient makes a LoginError of a dead connection too.
        cause = err.__context__ if isinstance(err.__context__, client.Error) else err
        if not is_refusal(cause):
            raise cause from err
        raise _refused(mailbox, words(err), rejoinder) from err


def _by_password(client: IMAPClient, mailbox: Mailbox) -> None:
    if any(ord(letter) < 32 for letter in mailbox.user + mailbox.password):
        raise MailboxError("login", "user or password holds a control character", "see password")
    if client.has_capability("AUTH=PLAIN"):
        # LOGIN takes ASCII only, and imaplib does not quote its user name.
        client.plain_login(mailbox.user, mailbox.password)
        return
    if client.has_capability("LOGINDISABLED"):
        raise MailboxError(
            "login", "the server takes no password on this connection", "see security and oauth"
        )
    try:
        client.login(_quoted(mailbox.user), mailbox.password)
    except UnicodeEncodeError as err:
        raise MailboxError("login", "the server takes ASCII users and passwords only") from err


def _quoted(user: str) -> str:
    plain = all(letter.isalnum() or letter in "@._+-" for letter in user)
    return user if plain else '"{}"'.format(user.replace("\\", "\\\\").replace('"', '\\"'))


def _by_token(
    client: IMAPClient, mailbox: Mailbox, token: str, rejoin: Callable[[bytes], None]
) -> None:
    bearer = client.has_capability("AUTH=OAUTHBEARER") and not client.has_capability("AUTH=XOAUTH2")
    mechanism = "OAUTHBEARER" if bearer else "XOAUTH2"
    if bearer:
        # RFC 7628 §3.1; RFC 5801 §4 for the escapes.
        user = mailbox.user.replace("=", "=3D").replace(",", "=2C")
        first = f"n,a={user},\1auth=Bearer {token}\1\1"
    else:
        first = f"user={mailbox.user}\1auth=Bearer {token}\1\1"
    sent: list[str] = []

    def answer(challenge: bytes) -> bytes:
        if not sent:
            sent.append(first)
            return first.encode()
        # A second challenge is the reason of a refusal; the answer ends the exchange.
        rejoin(challenge)
        return b"\1" if bearer else b""

    client.sasl_login(mechanism, answer)


def _refused(mailbox: Mailbox, said: str, rejoinder: list[bytes]) -> MailboxError:
    reason = f"the server refuses the login of {mailbox.user}: {said}"
    if not mailbox.oauth:
        return MailboxError("login", reason, "see user and password")
    for challenge in rejoinder[:1]:
        reason += f" {_readable(challenge)}"
    return MailboxError(
        "login", reason, "see that the token is for this user and has the scope for IMAP"
    )


def _readable(challenge: bytes) -> str:
    """The server's reason, which some encode twice."""
    with contextlib.suppress(binascii.Error):
        challenge = base64.b64decode(challenge, validate=True)
    return " ".join(challenge.decode("ascii", "replace").split())[:200]
