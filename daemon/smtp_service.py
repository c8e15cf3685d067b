"""What all SMTP and LMTP sessions of a process share, and the way from a session to the door."""

from __future__ import annotations

import asyncio
import concurrent.futures
import ssl
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from daemon.arrival import Arrival, InboxId
from daemon.clock import Clock
from daemon.errors import SettingsError
from daemon.passwords import Passwords
from daemon.settings import Settings, Smtp
from daemon.smtp_address import Recipients
from daemon.smtp_limits import Budget, Pace, Places, Share


class Door(Protocol):
    """Where arrivals are made durable."""

    def offer(self, arrival: Arrival) -> concurrent.futures.Future[InboxId]:
        """Begin to commit; the future has the row's id after the commit, or a StoreError."""
        ...


class Dismissable(Protocol):
    """A session as the listener sees it."""

    def dismiss(self) -> asyncio.Task[None] | None:
        """End as soon as no mail is under way; return what to wait for."""
        ...

    def abort(self) -> None:
        """End at once."""
        ...


@dataclass(slots=True, kw_only=True)
class Service:
    """The collaborators and the counters of all sessions."""

    settings: Settings
    clock: Clock
    log: structlog.typing.FilteringBoundLogger
    door: Door
    hostname: str
    recipients: Recipients
    places: Places
    budget: Budget
    pace: Pace
    tls: ssl.SSLContext | None = None
    #: Who may log in at the submission port; None when there is no such port.
    passwords: Passwords | None = None
    is_stopping: bool = False
    sessions: set[Dismissable] = field(default_factory=set)
    #: Mails between their final dot and the end of their commit, with or without a session.
    commits: set[asyncio.Future[InboxId]] = field(default_factory=set)

    def offer(self, arrival: Arrival, share: Share) -> asyncio.Future[InboxId]:
        """Hand a mail to the door; its bytes count until the commit has ended."""
        commit = asyncio.wrap_future(self.door.offer(arrival))
        self.commits.add(commit)
        commit.add_done_callback(partial(self._settle, arrival, share))
        return commit

    def _settle(self, arrival: Arrival, share: Share, commit: asyncio.Future[InboxId]) -> None:
        self.commits.discard(commit)
        share.close()
        if commit.cancelled() or commit.exception() is not None:
            return
        self.log.info(
            "mail_accepted",
            id=commit.result(),
            source=arrival.source,
            source_key=arrival.source_key,
            peer=arrival.envelope.peer,
            size=len(arrival.raw),
            recipients=len(arrival.envelope.recipients),
        )


def open_service(
    *, settings: Settings, clock: Clock, log: structlog.typing.FilteringBoundLogger, door: Door
) -> Service:
    """Make a service by the settings. Raises SettingsError for an unusable certificate."""
    limits = settings.limits
    return Service(
        settings=settings,
        clock=clock,
        log=log,
        door=door,
        # Never asked of the resolver: that blocks, and says what the admin did not.
        hostname=settings.address.rpartition("@")[2] or "localhost",
        recipients=Recipients(settings.addresses),
        places=Places(limits.connections, limits.connections_per_peer),
        budget=Budget(limits.memory_bytes),
        pace=Pace(limits.mails_per_sender_per_minute),
        tls=_open_tls(settings.smtp),
        passwords=_open_passwords(settings),
    )


def _open_passwords(settings: Settings) -> Passwords | None:
    submission = settings.submission
    if not submission.listen:
        return None
    if settings.smtp.tls_certificate is None:
        raise SettingsError(
            "submission.listen needs smtp.tls_certificate: passwords go by TLS only"
        )
    if submission.passwords_file is None:
        raise SettingsError("submission.listen needs submission.passwords_file")
    return Passwords(submission.passwords_file)


def _open_tls(smtp: Smtp) -> ssl.SSLContext | None:
    if smtp.tls_certificate is None:
        if smtp.require_tls:
            raise SettingsError("smtp.require_tls needs smtp.tls_certificate")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(smtp.tls_certificate, smtp.tls_key)
    except (OSError, ssl.SSLError) as err:
        reason = err.strerror or str(err)
        raise SettingsError(f"smtp.tls_certificate: {smtp.tls_certificate}: {reason}") from err
    return context
