"""A real SMTP server in a thread that keeps what it takes and misbehaves as told."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.ports import free_port
from tests.servers.process import wait_until


class Behaviour(StrEnum):
    """What the sink does with the next mails."""

    ACCEPT = "accept"
    #: 451 to every recipient.
    DEFER = "defer"
    #: 550 to every recipient.
    REFUSE = "refuse"
    #: Takes the mail and says 451 after the final dot.
    DEFER_DATA = "defer-data"
    #: Takes the mail and says 554 after the final dot.
    REFUSE_DATA = "refuse-data"
    #: Never answers MAIL FROM.
    HANG = "hang"
    #: Never answers the final dot.
    HANG_DATA = "hang-data"
    #: Keeps the mail and cuts the connection in place of the 250.
    DROP = "drop"
    #: Takes the mail after ``Sink.delay`` seconds.
    SLOW = "slow"
    #: Cuts every connection before its greeting.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One mail as it came."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    #: ``time.time()`` at the final dot.
    at: float
    #: Counts connections from 1: the same number is the same connection.
    connection: int
    is_acknowledged: bool
    is_encrypted: bool
    user: str
    mail_options: tuple[str, ...]


class Sink:
    """A listening server; its settings may change at any time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.behaviour = Behaviour.ACCEPT
        self.delay = 1.0
        #: Replies that single recipients get in place of 250, as ``550 5.1.1 unknown``.
        self.replies: dict[str, str] = {}
        #: Whether EHLO offers PIPELINING.
        self.pipelining = True
        self.connections = 0
        self._lock = threading.Lock()
        self._mails: list[Received] = []

    @property
    def url(self) -> str:
        """The server, as a smarthost."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mails(self) -> tuple[Received, ...]:
        """What it has taken, oldest first."""
        with self._lock:
            return tuple(self._mails)

    def to(self, recipient: str) -> tuple[Received, ...]:
        """What it has taken for one recipient."""
        return tuple(mail for mail in self.mails if recipient in mail.recipients)

    def keep(self, mail: Received) -> None:
        """Take a mail."""
        with self._lock:
            self._mails.append(mail)

    def clear(self) -> None:
        """Forget what it has taken."""
        with self._lock:
            self._mails.clear()

    def wait_for(self, count: int, *, seconds: float = 20) -> tuple[Received, ...]:
        """What it has taken, once that is so many mails."""
        what = f"{count} mails in the sink"
        wait_until(lambda: len(self.mails) >= count, seconds=seconds, what=what)
        return self.mails


class _Session(SMTP):
    """One connection, with a number."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        handler: _Handler = self.event_handler
        is_first = self.session is None
        if is_first and handler.sink.behaviour is Behaviour.CLOSED:
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        super().connection_made(transport)

    def _create_session(self) -> Session:
        session: Session = super()._create_session()
        sink: Sink = self.event_handler.sink
        # STARTTLS makes a new session on the same connection.
        if self.session is None:
            sink.connections += 1
        session.postdesk_connection = sink.connections
        return session


class _Handler:
    def __init__(self, sink: Sink, users: Mapping[str, str]) -> None:
        self.sink = sink
        self.users = users

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        session.host_name = name
        extra = ["250-PIPELINING"] if self.sink.pipelining else []
        return [*replies[:-1], *extra, replies[-1]]

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sink.behaviour is Behaviour.HANG:
            await asyncio.Event().wait()
        if self.users and not session.authenticated:
            return "530 5.7.0 Authentication required"
        # The null sender stays as it came: the library takes an empty one for a missing MAIL.
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self.sink.replies.get(address):
            return reply
        if self.sink.behaviour is Behaviour.DEFER:
            return "451 4.3.0 come again"
        if self.sink.behaviour is Behaviour.REFUSE:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        behaviour = self.sink.behaviour
        if behaviour is Behaviour.DEFER_DATA:
            return "451 4.3.0 come again"
        if behaviour is Behaviour.REFUSE_DATA:
            return "554 5.7.1 refused by content"
        if behaviour is Behaviour.HANG_DATA:
            await asyncio.Event().wait()
        if behaviour is Behaviour.SLOW:
            await asyncio.sleep(self.sink.delay)
        self.sink.keep(_received(session, envelope, behaviour is not Behaviour.DROP))
        if behaviour is Behaviour.DROP:
            server.transport.abort()
        return "250 2.0.0 kept"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        if not isinstance(login, LoginPassword):
            return AuthResult(success=False, handled=False)
        user, password = login.login.decode(), login.password.decode()
        is_known = self.users.get(user) == password
        return AuthResult(success=is_known, handled=False, auth_data=user)


def _received(session: Session, envelope: Envelope, is_acknowledged: bool) -> Received:
    raw = envelope.original_content or b""
    return Received(
        sender=(envelope.mail_from or "").replace("<>", ""),
        recipients=tuple(envelope.rcpt_tos),
        raw=raw if isinstance(raw, bytes) else raw.encode(),
        at=time.time(),
        connection=session.postdesk_connection,
        is_acknowledged=is_acknowledged,
        is_encrypted=session.ssl is not None,
        user=str(session.auth_data or ""),
        mail_options=tuple(envelope.mail_options),
    )


@contextmanager
def running(
    *,
    tls: ssl.SSLContext | None = None,
    is_implicit: bool = False,
    users: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Sink]:
    """A sink of one's own: STARTTLS (or TLS at once) with a context, AUTH with users."""
    sink = Sink(port or free_port())
    options = {
        "hostname": "sink.test",
        "enable_SMTPUTF8": True,
        "tls_context": None if is_implicit else tls,
        "auth_require_tls": False,
        "data_size_limit": 64 * 1024 * 1024,
    }
    handler = _Handler(sink, users or {})
    if users:
        options |= {"authenticator": handler.authenticate}
    factory = partial(_Session, handler, **options)
    with _thread() as loop:
        start = loop.create_server(
            factory, "127.0.0.1", sink.port, ssl=tls if is_implicit else None
        )
        server = asyncio.run_coroutine_threadsafe(start, loop).result(10)
        try:
            yield sink
        finally:
            loop.call_soon_threadsafe(server.close)


@contextmanager
def _thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sink")
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_rest(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _cancel_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
