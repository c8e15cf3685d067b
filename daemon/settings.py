"""The configuration: one TOML file, every key also by environment, secrets from files.

Precedence, highest first: ``POSTDESK_…`` variables, the TOML file, the defaults. A key
``[section] name`` is ``POSTDESK_SECTION__NAME``; lists of texts are comma-separated; the n-th
``[[mailboxes]]`` is ``POSTDESK_MAILBOXES__n__KEY``. A secret ``x`` is read from the file ``x_file``,
else from the systemd credential of the key's dotted name (``delivery.password``).
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from daemon.errors import SettingsError

DEFAULT_PATH = Path("/etc/postdesk/postdesk.toml")
PREFIX = "POSTDESK_"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]


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


class Lmtp(Section):
    """The LMTP listener, for the machine's own MTA."""

    #: ``host:port`` or ``unix:/path``, several comma-separated, or empty for none.
    listen: Texts = ()
    trusted: bool = True


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
    header_bytes: int = Field(default=256 * 1024, gt=0)
    mime_depth: int = Field(default=50, gt=0)
    mime_parts: int = Field(default=1000, gt=0)
    #: Automatic answers in a day to one address that nobody checked.
    automatic_per_day: int = Field(default=5, ge=0)
    #: The same for senders that a trusted road has checked.
    automatic_per_day_checked: int = Field(default=1000, ge=0)
    #: Automatic answers in a minute to all unchecked senders together.
    automatic_per_minute: int = Field(default=200, ge=0)
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
    connections: int = Field(default=2, gt=0)
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
    language: Literal["en", "ko"] = "en"
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
    lmtp: Lmtp = Lmtp()
    mailboxes: tuple[Mailbox, ...] = ()
    delivery: Delivery = Delivery()
    limits: Limits = Limits()
    work: Work = Work()
    http: Http = Http()
    log: Log = Log()

    @property
    def address(self) -> str:
        """The address that the desk writes from."""
        return self.addresses[0]

    @property
    def store_url(self) -> str:
        """The database, as SQLAlchemy names it."""
        if self.database_url:
            return re.sub(
                r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url
            )
        return f"sqlite:///{self.data_dir / 'postdesk.db'}"


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the configuration.

    Raises SettingsError with file, line and what was expected.
    """
    source, tree = _read_file(path)
    for keys, value in _from_environment(environ):
        _set(tree, keys, value)
    if "data_dir" not in tree and environ.get("STATE_DIRECTORY"):
        tree["data_dir"] = environ["STATE_DIRECTORY"].split(":")[0]
    _read_secrets(tree, (), environ)
    try:
        settings = Settings.model_validate(_lists(tree))
    except ValidationError as err:
        raise _explain(err, source) from err
    if not settings.addresses:
        raise SettingsError(
            "addresses is empty", hint="name at least one, as help@example.org"
        )
    return settings


class _Source:
    """Where a key was written, for messages."""

    def __init__(self, path: str = "", text: str = "") -> None:
        self.path, self.lines = path, text.splitlines()

    def line_of(self, keys: tuple[str | int, ...]) -> int:
        """The line that names the last key, below its table's heading; 0 when not found."""
        names = [str(key) for key in keys if isinstance(key, str)]
        if not names:
            return 0
        table, heading = "", ".".join(names[:-1])
        for number, line in enumerate(self.lines, 1):
            if match := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
                table = match[1]
                if table == ".".join(names):
                    return number
            elif table == heading and re.match(
                rf"\s*\"?{re.escape(names[-1])}\"?\s*=", line
            ):
                return number
        return 0


def _read_file(path: Path | None) -> tuple[_Source, dict[str, Any]]:
    if path is None:
        if not DEFAULT_PATH.exists():
            return _Source(), {}
        path = DEFAULT_PATH
    try:
        text = path.read_text(encoding="utf-8")
        return _Source(str(path), text), tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        place = re.search(r"line (\d+), column (\d+)", str(err))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        message = re.sub(r" \(at .*\)$", "", str(err))
        raise SettingsError(message, path=str(path), line=line, column=column) from err
    except (OSError, UnicodeDecodeError) as err:
        raise SettingsError(f"cannot read: {err}", path=str(path)) from err


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[list[str], str]]:
    for name, value in sorted(environ.items()):
        if name.startswith(PREFIX) and name != f"{PREFIX}CONFIG":
            yield name.removeprefix(PREFIX).lower().split("__"), value


def _set(tree: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        below = tree.setdefault(key, {})
        if isinstance(below, list):
            below = tree[key] = {str(index): item for index, item in enumerate(below)}
        if not isinstance(below, dict):
            raise SettingsError(
                f"{PREFIX}{'__'.join(keys).upper()}: {key} has no parts"
            )
        tree = below
    tree[keys[-1]] = value


def _lists(tree: dict[str, Any]) -> dict[str, Any]:
    """Tables whose keys are all numbers are the lists of tables that they stand for."""
    out: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            value = _lists(value)
            if value and all(part.isdigit() for part in value):
                value = [value[part] for part in sorted(value, key=int)]
        elif isinstance(value, list):
            value = [_lists(item) if isinstance(item, dict) else item for item in value]
        out[key] = value
    return out


_SECRETS = ("password", "client_secret", "refresh_token")


def _read_secrets(
    tree: dict[str, Any], above: tuple[str, ...], environ: Mapping[str, str]
) -> None:
    for key, value in list(tree.items()):
        items = enumerate(value) if isinstance(value, list) else ((None, value),)
        for index, item in items:
            if isinstance(item, dict):
                label = str(item.get("name", index)) if index is not None else key
                inner = (*above, key, label) if index is not None else (*above, key)
                _read_secrets(item, inner, environ)
    for secret in _SECRETS:
        if path := tree.get(f"{secret}_file"):
            tree[secret] = _read_secret(
                Path(path), ".".join((*above, f"{secret}_file"))
            )
        elif folder := environ.get("CREDENTIALS_DIRECTORY"):
            credential = Path(folder) / ".".join((*above, secret))
            if credential.exists():
                tree[secret] = _read_secret(credential, credential.name)
    if (
        not above
        and "delivery" not in tree
        and (folder := environ.get("CREDENTIALS_DIRECTORY"))
    ):
        if (Path(folder) / "delivery.password").exists():
            tree["delivery"] = {}
            _read_secrets(tree, above, environ)


def _read_secret(path: Path, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as err:
        raise SettingsError(f"{key}: cannot read {path}: {err.strerror}") from err


def _explain(err: ValidationError, source: _Source) -> SettingsError:
    first = err.errors(include_url=False, include_input=False)[0]
    keys = first["loc"]
    name = ".".join(str(key) for key in keys)
    line = source.line_of(keys)
    path = source.path if line else ""
    if first["type"] != "extra_forbidden":
        return SettingsError(f"{name}: {first['msg']}", path=path, line=line)
    near = difflib.get_close_matches(str(keys[-1]), _fields_at(keys[:-1]), n=1)
    hint = f"did you mean {near[0]}?" if near else ""
    return SettingsError(f"unknown key {name}", path=path, line=line, hint=hint)


def _fields_at(keys: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    sections: dict[str, type[BaseModel]] = {
        "smtp": Smtp, "lmtp": Lmtp, "mailboxes": Mailbox, "delivery": Delivery, "limits": Limits,
        "work": Work, "http": Http, "log": Log, "oauth": OAuth,
    }  # fmt: skip
    for key in keys:
        if isinstance(key, str):
            model = sections.get(key, model)
    return list(model.model_fields)
