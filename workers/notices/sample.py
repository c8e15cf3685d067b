"""A notice of every kind, with everything and with as little as can be, for checks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from daemon.desk.people import PersonId
from daemon.desk.ticket import State, Ticket, TicketNumber
from workers.notices.notice import Due, Kind, Notice, Recipient

_AT: Final = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
_DUE: Final = (
    Due(metric="respond", at=_AT + timedelta(hours=1)),
    Due(metric="resolve", at=_AT + timedelta(hours=8)),
)
_TO_REQUESTER: Final = frozenset({Kind.ACKNOWLEDGEMENT, Kind.PUBLIC_REPLY, Kind.RESOLUTION})
_WITH_TARGETS: Final = frozenset(
    {
        Kind.ACKNOWLEDGEMENT,
        Kind.NEW_TICKET,
        Kind.ASSIGNED,
        Kind.REQUESTER_REPLIED,
        Kind.UNVERIFIED,
    }
)
_TEXT: Final = """Hello,

since this morning the printer on the third floor prints only half of each page.
I tried:
/dev/usb/lp0 off and on, <b>twice</b> & more.

Thanks, Ana"""
_ANSWER: Final = """Dear Ana,

the drum is worn out. A new one is on its way and will be there by noon.

Ann"""
_DETAILS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.UNVERIFIED: ("the reply address was given to somebody else",),
    Kind.UNDELIVERABLE: ("ana@example.org", "550 5.1.1 no such mailbox"),
    Kind.COMMAND_ERROR: (
        "/resovle fixed: no such command. Did you mean /resolve?",
        '/assign netwrok: no team or agent "netwrok". Did you mean /assign network?',
    ),
    Kind.ALARM: ("ValueError: not a mail\npostdesk inbox show 17\npostdesk inbox release 17",),
}


def samples(language: str = "en") -> Iterator[Notice]:
    """Each kind three times: full, to a stranger or without words, and without a ticket."""
    for kind in Kind:
        full = sample(kind, language)
        yield full
        yield replace(full, may_quote=False, due=(), text="", author="", handler="", requester="")
        yield replace(full, ticket=None, details=())


def sample(kind: Kind, language: str = "en") -> Notice:
    """One notice as it could be sent."""
    return Notice(
        kind=kind,
        to=_recipient(kind, language),
        at=_AT,
        unique=f"sample-{kind.value}",
        ticket=None if kind is Kind.ALARM else _ticket(kind, language),
        due=_due(kind),
        requester="Ana Kim",
        requester_address="ana@example.org",
        handler="Ann Lee",
        details=_DETAILS.get(kind, ()),
        **_words(kind),
    )


def _recipient(kind: Kind, language: str) -> Recipient:
    if kind in _TO_REQUESTER:
        return Recipient(
            person=PersonId(32), address="ana@example.org", name="Ana Kim", language=language
        )
    return Recipient(
        person=PersonId(7),
        address="ann@example.org",
        name="Ann Lee",
        language=language,
        is_agent=True,
    )


def _ticket(kind: Kind, language: str) -> Ticket:
    return Ticket(
        number=TicketNumber(48213),
        state=State.RESOLVED if kind is Kind.RESOLUTION else State.OPEN,
        subject="Printer on the third floor",
        requester=PersonId(32),
        team="desktop",
        owner="ann",
        service="Printing",
        category="hardware",
        priority="P3",
        language=language,
        created_at=_AT,
        updated_at=_AT,
    )


def _due(kind: Kind) -> tuple[Due, ...]:
    if kind in _WITH_TARGETS:
        return _DUE
    if kind not in {Kind.SLA_WARNING, Kind.SLA_BREACH}:
        return ()
    is_breached = kind is Kind.SLA_BREACH
    return (Due(metric="resolve", at=_AT + timedelta(hours=2), is_breached=is_breached),)


def _words(kind: Kind) -> dict[str, Any]:
    if kind in {Kind.PUBLIC_REPLY, Kind.RESOLUTION, Kind.NOTE}:
        return {"author": "Ann Lee", "author_address": "ann@example.org", "text": _ANSWER}
    if kind is Kind.ALARM:
        return {"text": "A mail is held: 17@example.net"}
    if kind in {Kind.SLA_WARNING, Kind.SLA_BREACH}:
        return {"metric": "resolve", "percent": 80 if kind is Kind.SLA_WARNING else 100}
    if kind is Kind.ASSIGNED:
        return {"author": "Bo Park", "author_address": "bo@example.org", "text": _TEXT}
    return {"author": "Ana Kim", "author_address": "ana@example.org", "text": _TEXT}
