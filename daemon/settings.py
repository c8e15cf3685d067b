"""What an admin can set: every key of the configuration with its default; frozen values.

``configuration.py`` reads them from the TOML file, the environment and files of secrets.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from daemon.mail.danger import ENDINGS


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        ipaddress.ip_network(value, strict=False)
    return values


class Section(BaseModel):
    """A part of the configuration: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Smtp(Section):
    """The SMTP listener."""

    #: ``host:port``, several comma-separated, or empty for none.
    listen: Texts = ("127.0.0.1:2525",)
    #: True: every peer of this listener is trusted to have checked senders. Unset: loopback only.
    trusted: bool | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    #: Refuse MAIL before STARTTLS.
    require_tls: bool = False


class Submission(Section):
    """The port at which agents log in with their mail clients; has the SMTP listener's TLS."""

    #: ``host:port``, several comma-separated, or empty for none.
    listen: Texts = ()
    #: A line for each agent, as ``postdesk password LOGIN`` prints it.
    passwords_file: Path | None = None


class Lmtp(Section):
    """The LMTP listener, for the machine's own MTA."""

    #: ``host:port`` or ``unix:/path``, several comma-separated, or empty for none.
    listen: Texts = ()
    trusted: bool = True


class Authority(Section):
    """What proves that an agent is who he says."""

    #: ``proven-or-confirm``: who is not proven is asked at his registered address. ``trust-from``:
    #: an agent's From is believed from ``relays``; for closed networks only.
    mode: Literal["proven-or-confirm", "trust-from"] = "proven-or-confirm"
    #: How our own mail server signs its Authentication-Results; empty when it writes none.
    authserv_id: str = ""
    #: The host that our server names itself in Received; default ``authserv_id``.
    own_mx: str = ""
    #: Verify the DKIM signatures of agents' mails here; asks the DNS.
    verify_dkim: bool = False
    #: ``host:port`` of the resolver to ask; empty for the system's.
    resolver: str = ""
    #: Domains of forwarders whose ARC seals are believed; needs ``verify_dkim``.
    sealers: Texts = ()
    #: Networks from which mode ``trust-from`` believes everybody.
    relays: Annotated[Texts, AfterValidator(_networks)] = ()
    #: How long an agent who answered our question need not be asked again, by the same path.
    remember_hours: float = Field(default=12, ge=0)
    #: How long our question may be answered.
    confirm_minutes: float = Field(default=15, gt=0)

    @property
    def server(self) -> str:
        """The host that our mail server names itself."""
        return self.own_mx or self.authserv_id


class Limits(Section):
    """What one mail, one connection and all of them together may cost."""

    message_bytes: int = Field(default=25 * 1024 * 1024, gt=0)
    #: Mail bytes held in memory by all connections together; beyond it ``452``.
    memory_bytes: int = Field(default=256 * 1024 * 1024, gt=0)
    recipients: int = Field(default=100, gt=0)
    commands: int = Field(default=500, gt=0)
    errors: int = Field(default=10, gt=0)
    connections: int = Field(default=100, gt=0)
    connections_per_peer: int = Field(default=20, gt=0)
    command_seconds: float = Field(default=60, gt=0)
    data_idle_seconds: float = Field(default=60, gt=0)
    data_total_seconds: float = Field(default=600, gt=0)
    #: After this time a mail must have come at this rate, or its connection is ended.
    data_grace_seconds: float = Field(default=30, gt=0)
    data_bytes_per_second: float = Field(default=1024, gt=0)
    header_bytes: int = Field(default=256 * 1024, gt=0)
    mime_depth: int = Field(default=50, gt=0)
    mime_parts: int = Field(default=1000, gt=0)
    #: CPU time and memory that reading one mail may take, in a process of its own.
    parse_seconds: int = Field(default=5, gt=0)
    parse_memory_bytes: int = Field(default=512 * 1024 * 1024, ge=128 * 1024 * 1024)
    #: Automatic answers in a day to one address that nobody checked.
    automatic_per_day: int = Field(default=5, ge=0)
    #: The same for senders that a trusted road has checked.
    automatic_per_day_checked: int = Field(default=1000, ge=0)
    #: Automatic answers in a minute to all unchecked senders together.
    automatic_per_minute: int = Field(default=200, ge=0)
    #: Mails in a minute from one sender of one unchecked peer; beyond it ``450``.
    mails_per_sender_per_minute: int = Field(default=600, gt=0)
    #: People that the desk meets in an hour before unchecked new ones are answered no more.
    new_people_per_hour: int = Field(default=500, ge=0)
    #: Tries before an arrival is held.
    attempts: int = Field(default=3, gt=0)


class OAuth(Section):
    """OAuth2 for a mailbox: client credentials, or a refresh token."""

    token_url: str
    client_id: str
    client_secret: str = Field(default="", repr=False)
    client_secret_file: Path | None = None
    refresh_token: str = Field(default="", repr=False)
    refresh_token_file: Path | None = None
    scope: str = ""


class Mailbox(Section):
    """One IMAP folder to fetch from."""

    name: str
    host: str
    port: int = 0
    #: ``tls`` (port 993), ``starttls`` (143) or ``none`` (143, for loopback).
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: Path | None = None
    user: str
    password: str = Field(default="", repr=False)
    password_file: Path | None = None
    oauth: OAuth | None = None
    folder: str = "INBOX"
    #: The desk address that mail from this mailbox belongs to when no header names one of ours.
    address: str = ""
    #: What happens to a message after our commit.
    after: Literal["move", "flag", "delete"] = "move"
    move_to: str = "Postdesk"
    poll_seconds: float = Field(default=60, gt=0)
    #: IMAP IDLE where the server offers it.
    idle: bool = True
    #: True: this mailbox's server has checked the senders of what it holds.
    trusted: bool = False


class Delivery(Section):
    """The way out."""

    #: ``smtp://``, ``smtp+starttls://`` or ``smtps://`` ``host:port``; empty: into a Maildir.
    smarthost: str = ""
    user: str = ""
    password: str = Field(default="", repr=False)
    password_file: Path | None = None
    ca_file: Path | None = None
    #: Where mail goes without a smarthost; default ``<data_dir>/outgoing``.
    maildir: Path | None = None
    connections: int = Field(default=10, gt=0)
    timeout_seconds: float = Field(default=30, gt=0)
    #: When a mail that was not delivered is given up.
    give_up_days: float = Field(default=5, gt=0)
    #: Seconds between tries; the last one repeats.
    retry_seconds: tuple[int, ...] = (60, 300, 900, 1800, 3600)


class Http(Section):
    """Health and metrics; off unless configured."""

    listen: str = ""


class Work(Section):
    """The workers."""

    threads: int = Field(default=2, gt=0)
    batch: int = Field(default=50, gt=0)
    #: How often the relay looks for due rows that nobody rang for.
    sweep_seconds: float = Field(default=1.0, gt=0)
    lease_seconds: float = Field(default=60, gt=0)


class Attachments(Section):
    """Files in mails."""

    #: Name endings of files that are marked and not sent on.
    dangerous: Texts = ENDINGS
    #: Decoded bytes of an agent's files that go to the requester with his answer.
    send_bytes: int = Field(default=10 * 1024 * 1024, ge=0)
    #: ClamAV's clamd, ``host:port`` or ``unix:/path``; empty for none.
    clamav: str = ""
    clamav_seconds: float = Field(default=60, gt=0)
    #: What happens to a mail while clamd is away: it waits, or it is taken in with a mark.
    clamav_away: Literal["wait", "pass"] = "wait"


class Log(Section):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    #: ``auto`` is readable on a terminal and JSON elsewhere.
    format: Literal["auto", "json", "console"] = "auto"


class Settings(Section):
    """Everything that an admin can set."""

    #: The desk's name as people see it.
    name: str = "Help Desk"
    #: The desk's addresses; the first is the one that it writes from.
    addresses: Texts = ("help@localhost",)
    #: Who is told when the desk needs a person.
    admins: Texts = ()
    #: Language of people whose own is not known.
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}$")
    timezone: str = "UTC"
    data_dir: Path = Path("var")
    #: ``sqlite:///path`` or ``postgresql://user@host/db``; default a file in ``data_dir``.
    database_url: str = Field(default="", repr=False)
    #: ``local://``, ``redis://host:port/db`` or ``amqp://host:port``.
    broker_url: str = Field(default="local://", repr=False)
    rules_dir: Path | None = None
    templates_dir: Path | None = None
    #: The key that signs reply addresses; default ``<data_dir>/secret.key``, made at first start.
    secret_key_file: Path | None = None
    #: False when the MTA does not deliver ``help+anything@``.
    plus_addresses: bool = True
    #: Days after resolution in which an answer reopens the ticket.
    reopen_days: float = Field(default=14, ge=0)
    smtp: Smtp = Smtp()
    submission: Submission = Submission()
    lmtp: Lmtp = Lmtp()
    mailboxes: tuple[Mailbox, ...] = ()
    authority: Authority = Authority()
    delivery: Delivery = Delivery()
    limits: Limits = Limits()
    work: Work = Work()
    attachments: Attachments = Attachments()
    http: Http = Http()
    log: Log = Log()

    @property
    def address(self) -> str:
        """The address that the desk writes from."""
        return self.addresses[0]

    @property
    def has_local_broker(self) -> bool:
        """True for the broker inside the working processes."""
        return self.broker_url.startswith("local:")

    @property
    def store_url(self) -> str:
        """The database, as SQLAlchemy names it."""
        if self.database_url:
            return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)
        return f"sqlite:///{self.data_dir / 'postdesk.db'}"
