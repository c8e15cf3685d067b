"""What rules may look at: a mail, who it is from, its ticket, and the time. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from daemon.arrival import Envelope
from daemon.desk.people import Directory, fold
from daemon.desk.ticket import Ticket
from daemon.mail.message import Attachment, Message
from workers.rules.span import WorkingTime

#: Rules see this many characters of a text (security.md, attack 22).
MOST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Wall:
    """The working time of a desk without calendars: all of it."""

    def add(self, start: datetime, length: timedelta) -> datetime:
        """Every second counts."""
        return start + length

    def days_after(self, start: datetime, days: int) -> datetime:
        """Every day is a working day."""
        return start + timedelta(days=days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One mail, its ticket, or both, as rules see them."""

    #: Folded; the envelope's sender where the mail names none.
    sender: str = ""
    #: Folded addresses of To, Cc and the envelope.
    recipients: tuple[str, ...] = ()
    #: Folded addresses of Cc.
    cc: tuple[str, ...] = ()
    subject: str = ""
    body: str = ""
    #: Values by lower-case name, in the mail's order.
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    #: Of the raw mail, in bytes.
    size: int | None = None
    is_authenticated: bool = False
    #: ``auto-reply``, … or empty for a person's mail.
    automatic: str = ""
    #: The mail's, else its organisation's; may be empty.
    language: str = ""
    #: Folded address of whose ticket it is; of a new mail its sender.
    requester: str = ""
    organisation: str = ""
    is_vip: bool = False
    site: str = ""
    #: The team that the requester is a member of: an agent may need help, too.
    requester_teams: tuple[str, ...] = ()
    ticket: Ticket | None = None
    #: Percent used, of each clock by its metric.
    used: Mapping[str, float] = field(default_factory=dict)
    #: When the next of its clocks is due.
    due_at: datetime | None = None
    now: datetime | None = None
    calendar: WorkingTime = Wall()


def facts_of(
    message: Message,
    envelope: Envelope,
    directory: Directory,
    *,
    size: int | None = None,
    now: datetime | None = None,
    is_authenticated: bool | None = None,
) -> Facts:
    """Gather what the rules need to know of this mail."""
    sender = fold((message.from_ and message.from_.address) or envelope.sender)
    organisation = directory.organisation_of(sender)
    cc = tuple(fold(address.address) for address in message.cc)
    named = (fold(address.address) for address in message.to)
    recipients = dict.fromkeys((*named, *cc, *map(fold, envelope.recipients)))
    language = message.language or (organisation.language if organisation else "")
    return Facts(
        sender=sender,
        recipients=tuple(filter(None, recipients)),
        cc=tuple(filter(None, cc)),
        subject=_cut(message.subject),
        body=_cut(message.text),
        headers=_headers(message),
        attachments=message.attachments,
        size=size,
        is_authenticated=(
            envelope.trusted and message.from_is_strict
            if is_authenticated is None
            else is_authenticated
        ),
        automatic=message.automatic.value if message.automatic else "",
        language=language,
        now=now,
        **_requester(sender, directory),
    )


def with_requester(facts: Facts, address: str, directory: Directory, **more: Any) -> Facts:
    """The same facts of somebody's ticket: what people.yaml knows of him; and what else is new."""
    return replace(facts, **_requester(address, directory), **more)


def _requester(address: str, directory: Directory) -> dict[str, Any]:
    organisation = directory.organisation_of(address)
    agent = directory.agent_at(address)
    name = agent.name if agent else None
    return {
        "requester": address,
        "organisation": organisation.name if organisation else "",
        "is_vip": directory.is_vip(address),
        "requester_teams": tuple(team.name for team in directory.teams if name in team.members),
    }


def _headers(message: Message) -> dict[str, tuple[str, ...]]:
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in message.headers:
        headers[name] = (*headers.get(name, ()), _cut(value))
    return headers


def _cut(text: str) -> str:
    # macOS writes Hangul as loose letters; composed is how rule files are written.
    return unicodedata.normalize("NFC", text[:MOST])[:MOST]


def fold_text(text: str) -> str:
    """The form in which texts are compared: case and the width of blanks do not count."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
