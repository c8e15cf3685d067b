"""What a rule causes beside the fields that it sets: values that workers/ruling.py carries out.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from workers.rules.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """A notice of ours to people of ours or to the requester: ``notice:``."""

    notice: str
    #: Roles, ``agent:NAME`` and ``team:NAME``.
    to: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A mail to anybody outside: ``mail:``."""

    to: str
    subject: Template
    text: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The ticket as JSON to a web server, signed: ``webhook:``."""

    url: str
    #: A file with the key; empty: not signed.
    secret_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTask:
    """A piece of work within the ticket: ``task:``."""

    title: str
    owner: str = ""
    team: str = ""
    due: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """These are kept informed: ``watch:``."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relate:
    """The ticket belongs to another: ``link:``."""

    #: A relation, or ``parent``.
    relation: str
    #: A number; None: the major incident that is open for the same service, if there is one.
    ticket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """No ticket: a person looks at the mail first: ``hold:``."""

    reason: str


Effect = Tell | Write | Call | AddTask | Watch | Relate | Hold

#: What a text may name, and the ticket's word for it.
PLACEHOLDERS = (
    "number", "subject", "type", "state", "priority", "service", "category", "team", "owner",
    "requester", "organisation", "rule",
)  # fmt: skip
