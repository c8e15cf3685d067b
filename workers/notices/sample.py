"""A notice of every kind, with everything and with as little as can be, for checks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from daemon.desk.people import PersonId
from daemon.desk.ticket import State, Ticket, TicketNumber
from workers.notices.bars import bar, share, sparkline
from workers.notices.notice import (
    Act,
    Block,
    Due,
    Happening,
    Kind,
    Notice,
    Recipient,
    Requester,
)

_AT: Final = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
_DUE: Final = (
    Due(metric="respond", at=_AT + timedelta(hours=1)),
    Due(metric="resolve", at=_AT + timedelta(hours=8)),
)
TO_REQUESTER: Final = frozenset(
    {
        Kind.ACKNOWLEDGEMENT,
        Kind.PUBLIC_REPLY,
        Kind.RESOLUTION,
        Kind.WAITING_REMINDER,
        Kind.AUTO_RESOLVED,
        Kind.CLOSED,
        Kind.SURVEY,
        Kind.MERGED,
    }
)
_WITH_TARGETS: Final = frozenset(
    {
        Kind.ACKNOWLEDGEMENT,
        Kind.NEW_TICKET,
        Kind.ASSIGNED,
        Kind.REQUESTER_REPLIED,
        Kind.UNVERIFIED,
        Kind.NEWS,
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
_LEE: Final = {"author": "Ann Lee", "author_address": "ann@example.org"}
_KIM: Final = {"author": "Ana Kim", "author_address": "ana@example.org"}
_PARK: Final = {"author": "Bo Park", "author_address": "bo@example.org"}
_NEWS: Final = (
    Happening(kind=Kind.ASSIGNED, at=_AT, author="Bo Park"),
    Happening(
        kind=Kind.NOTE,
        at=_AT + timedelta(seconds=4),
        author="Bo Park",
        text="The spare drum is in room 12.",
    ),
)
_BLOCKS: Final = (
    Block(
        title="Waiting for you",
        headings=("Ticket", "Priority", "Due", "Subject"),
        rows=(
            ("#48213", "P3", "18:30", "Printer on the third floor"),
            ("#48207", "P2", "17:00", "No network in room 4"),
        ),
    ),
    Block(title="How to go on", lines=("/take       it is yours", "/find vpn   look for words")),
)
#: What each kind has beside a ticket and a requester.
_OWN: Final[dict[Kind, dict[str, Any]]] = {
    Kind.ASSIGNED: {**_PARK, "text": _TEXT},
    Kind.NOTE: {**_LEE, "text": _ANSWER},
    Kind.PUBLIC_REPLY: {**_LEE, "text": _ANSWER},
    Kind.RESOLUTION: {**_LEE, "text": _ANSWER, "asks_rating": True},
    Kind.WAITING_REMINDER: {
        **_LEE,
        "text": "Which printer is it?",
        "days": 2,
        "due": (Due(metric="resolve", at=_AT + timedelta(days=8)),),
    },
    Kind.AUTO_RESOLVED: {**_LEE, "text": "Which printer is it?", "days": 10},
    Kind.CLOSED: {},
    Kind.SURVEY: {"asks_rating": True},
    Kind.ACKNOWLEDGEMENT: {"other": 48207},
    Kind.MERGED: {"other": 48207},
    Kind.UNVERIFIED: {
        **_KIM,
        "text": _TEXT,
        "details": ("the reply address was given to somebody else",),
    },
    Kind.SLA_WARNING: {"metric": "resolve", "percent": 80},
    Kind.SLA_BREACH: {"metric": "resolve", "percent": 100},
    Kind.ESCALATION: {"details": ("2 business hours after the target was missed",)},
    Kind.CATCH_UP: {
        "blocks": (
            Block(
                rows=(
                    ("#48213", "resolve", "100%", "Printer on the third floor"),
                    ("#48207", "respond", "75%", "No network in room 4"),
                ),
            ),
        ),
    },
    Kind.DIGEST: {
        "blocks": (
            Block(
                title="overdue",
                rows=(
                    ("#48207", "P2", "8 Mar 17:00", bar(140), "Bo Park", "No network in room 4"),
                    ("#48213", "P3", "9 Mar 12:00", bar(60), "Ana Kim", "Printer"),
                ),
                links=("mailto:help@example.org", "mailto:help@example.org"),
                left_out=3,
            ),
            Block(title="created and resolved", rows=(("created", sparkline((1, 5, 2)), "2"),)),
            Block(title="missed yesterday", rows=(("#48190", "ann", "no spare part", "Scanner"),)),
            Block(title="open tickets by agent", rows=(("ann", "5", share(100)),)),
        ),
    },
    Kind.WOKEN: {},
    Kind.LOW_RATING: {**_KIM, "text": "It took a whole week.", "rating": 1},
    Kind.NEWS: {"news": _NEWS},
    Kind.UNDELIVERABLE: {"details": ("ana@example.org", "550 5.1.1 no such mailbox")},
    Kind.COMMAND_ERROR: {
        **_LEE,
        "text": "/resovle fixed\n/assign netwrok\nA new drum is in.",
        "details": (
            "/resovle fixed: no such command. Did you mean /resolve?",
            '/assign netwrok: no team or agent "netwrok". Did you mean /assign network?',
        ),
        "acts": (
            Act(
                label="Send with /resolve and /assign network",
                body="/resolve\n/assign network\nA new drum is in.",
            ),
        ),
    },
    Kind.CONFIRM: {
        "text": "/resolve\nA new drum is in.",
        "details": ("Ticket #48213: /resolve, and a public answer",),
        "confirmation": 17,
        "acts": (Act(label="yes", body="/ok\n"),),
    },
    Kind.ANSWER: {"title": "Your tickets", "text": "You have 2 open tickets.", "blocks": _BLOCKS},
    Kind.ALARM: {
        "title": "A mail is held: 17@example.net",
        "details": ("ValueError: not a mail\npostdesk inbox show 17\npostdesk inbox release 17",),
    },
}


def samples(language: str = "en") -> Iterator[Notice]:
    """Each kind three times: full, to a stranger or without words, and without a ticket."""
    for kind in Kind:
        full = sample(kind, language)
        yield full
        yield replace(
            full,
            may_quote=False,
            due=(),
            text="",
            author="",
            handler="",
            requester=Requester(),
            blocks=(),
            news=full.news[:1],
            acts=(),
            asks_rating=False,
        )
        yield replace(full, ticket=None, details=())


def sample(kind: Kind, language: str = "en") -> Notice:
    """One notice as it could be sent."""
    values: dict[str, Any] = {**_KIM, "text": _TEXT, "due": _due(kind)} | _OWN.get(kind, {})
    if kind in _OWN and "text" not in _OWN[kind]:
        values["text"] = ""
    return Notice(
        kind=kind,
        to=_recipient(kind, language),
        at=_AT,
        unique=f"sample-{kind.value}",
        ticket=None if kind is Kind.ALARM else _ticket(kind, language),
        requester=Requester(
            name="Ana Kim", address="ana@example.org", site="Acme", is_vip=True, open_tickets=3
        ),
        handler="Ann Lee",
        **values,
    )


def _recipient(kind: Kind, language: str) -> Recipient:
    if kind in TO_REQUESTER:
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
    is_done = kind in {Kind.RESOLUTION, Kind.SURVEY, Kind.AUTO_RESOLVED, Kind.LOW_RATING}
    return Ticket(
        number=TicketNumber(48213),
        state=State.RESOLVED if is_done else State.OPEN,
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
    if kind not in {Kind.SLA_WARNING, Kind.SLA_BREACH, Kind.ESCALATION}:
        return ()
    is_breached = kind is not Kind.SLA_WARNING
    return (Due(metric="resolve", at=_AT + timedelta(hours=2), is_breached=is_breached),)
