"""THE TABLE OF FIELDS: what a condition may ask about, wherever it stands. Pure.

Rule files, ``/find``, ``ticket list``, the JSON Schema and the documentation all follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from daemon.desk.ticket import State, Ticket, Type
from daemon.mail.message import Automatic
from workers.rules.facts import Facts
from workers.rules.field import About, Field, Kind, Number
from workers.rules.priority import IMPACTS, PRIORITIES, URGENCIES

HEADER = "header."


def _texts(found: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, found))


def _flag(value: bool) -> tuple[str, ...]:
    return ("true",) if value else ("false",)


def _of_facts(
    about: About,
    kind: Kind,
    says: str,
    get: Callable[[Facts], Sequence[str]],
    *,
    words: tuple[str, ...] = (),
    is_single: bool = True,
) -> Field:
    return Field(
        about=about,
        kind=kind,
        says=says,
        texts=lambda facts: _texts(get(facts)),
        words=words,
        is_single=is_single,
    )


_of_mail = partial(_of_facts, About.MAIL)
_of_requester = partial(_of_facts, About.REQUESTER)


def _of_ticket(
    kind: Kind, says: str, get: Callable[[Ticket], Sequence[str]], words: tuple[str, ...] = ()
) -> Field:
    def texts(facts: Facts) -> tuple[str, ...]:
        return _texts(get(facts.ticket)) if facts.ticket else ()

    return Field(about=About.TICKET, kind=kind, says=says, texts=texts, words=words)


def _rank(says: str, get: Callable[[Ticket], str], words: tuple[str, ...]) -> Field:
    def numbers(facts: Facts) -> Sequence[Number]:
        return (words.index(get(facts.ticket)),) if facts.ticket else ()

    def texts(facts: Facts) -> tuple[str, ...]:
        return (get(facts.ticket),) if facts.ticket else ()

    return Field(
        about=About.TICKET, kind=Kind.RANK, says=says, texts=texts, numbers=numbers, words=words
    )


def _count(says: str, get: Callable[[Ticket], int | None]) -> Field:
    def numbers(facts: Facts) -> Sequence[Number]:
        value = get(facts.ticket) if facts.ticket else None
        return () if value is None else (value,)

    def texts(facts: Facts) -> tuple[str, ...]:
        return tuple(str(number) for number in numbers(facts))

    return Field(about=About.TICKET, kind=Kind.COUNT, says=says, texts=texts, numbers=numbers)


def _instant(says: str, get: Callable[[Ticket], datetime | None]) -> Field:
    def numbers(facts: Facts) -> Sequence[Number]:
        value = get(facts.ticket) if facts.ticket else None
        return () if value is None else (value,)

    return Field(about=About.TICKET, kind=Kind.INSTANT, says=says, numbers=numbers)


def _age(says: str, get: Callable[[Ticket], datetime | None]) -> Field:
    def between(facts: Facts) -> tuple[datetime, datetime] | None:
        start = get(facts.ticket) if facts.ticket else None
        return (start, facts.now) if start and facts.now else None

    return Field(about=About.TICKET, kind=Kind.SPAN, says=says, between=between)


def _due(facts: Facts) -> tuple[datetime, datetime] | None:
    return (facts.now, facts.due_at) if facts.due_at and facts.now else None


def _used(says: str, metric: str) -> Field:
    def numbers(facts: Facts) -> Sequence[Number]:
        return (facts.used[metric],) if metric in facts.used else ()

    return Field(about=About.CLOCK, kind=Kind.PERCENT, says=says, numbers=numbers)


def _most_used(facts: Facts) -> Sequence[Number]:
    return (max(facts.used.values()),) if facts.used else ()


FIELDS: dict[str, Field] = {
    "from": _of_mail(Kind.ADDRESS, "the sender's address", lambda facts: (facts.sender,)),
    "to": _of_mail(
        Kind.ADDRESS,
        "the addresses of To, Cc and the envelope",
        lambda facts: facts.recipients,
        is_single=False,
    ),
    "cc": _of_mail(Kind.ADDRESS, "the addresses of Cc", lambda facts: facts.cc, is_single=False),
    "subject": Field(
        about=About.MAIL,
        kind=Kind.TEXT,
        says="the mail's subject, else the ticket's",
        texts=lambda facts: _texts(
            (facts.subject or (facts.ticket.subject if facts.ticket else ""),)
        ),
    ),
    "body": _of_mail(Kind.TEXT, "the mail's text", lambda facts: (facts.body,)),
    "attachment": _of_mail(
        Kind.TEXT,
        "the attachments' file names",
        lambda facts: [each.filename for each in facts.attachments],
        is_single=False,
    ),
    "attachment.type": _of_mail(
        Kind.TEXT,
        "their content types, such as application/pdf",
        lambda facts: [each.content_type for each in facts.attachments],
        is_single=False,
    ),
    "attachment.size": Field(
        about=About.MAIL,
        kind=Kind.SIZE,
        says="their sizes",
        numbers=lambda facts: [each.size for each in facts.attachments],
        is_single=False,
    ),
    "size": Field(
        about=About.MAIL,
        kind=Kind.SIZE,
        says="the whole mail's size",
        numbers=lambda facts: () if facts.size is None else (facts.size,),
    ),
    "language": _of_mail(
        Kind.NAME,
        "`en`, `ko`, …: the mail's, else its organisation's",
        lambda facts: (facts.language or (facts.ticket.language if facts.ticket else ""),),
    ),
    "authenticated": Field(
        about=About.MAIL,
        kind=Kind.FLAG,
        says="whether the road checked that the sender is who he says",
        texts=lambda facts: _flag(facts.is_authenticated),
    ),
    "automatic": _of_mail(
        Kind.NAME,
        "`auto-reply`, `auto-generated`, `list` or `bounce`; nothing for a person's mail",
        lambda facts: (facts.automatic,),
        words=tuple(each.value for each in Automatic),
    ),
    "requester": _of_requester(
        Kind.ADDRESS, "the address of whose ticket it is", lambda facts: (facts.requester,)
    ),
    "organisation": _of_requester(
        Kind.NAME, "the requester's organisation", lambda facts: (facts.organisation,)
    ),
    "vip": Field(
        about=About.REQUESTER,
        kind=Kind.FLAG,
        says="whether the requester is a VIP",
        texts=lambda facts: _flag(facts.is_vip),
    ),
    "site": _of_requester(
        Kind.TEXT,
        "where the requester works",
        lambda facts: (facts.site or (facts.ticket.site if facts.ticket else ""),),
    ),
    "requester.team": _of_requester(
        Kind.NAME,
        "the teams that the requester works in, if he is an agent",
        lambda facts: facts.requester_teams,
        is_single=False,
    ),
    "type": _of_ticket(
        Kind.NAME,
        "the practice it belongs to",
        lambda ticket: (ticket.type.value,),
        tuple(each.value for each in Type),
    ),
    "state": _of_ticket(
        Kind.NAME,
        "where in its life it is",
        lambda ticket: (ticket.state.value,),
        tuple(each.value for each in State),
    ),
    "wait": _of_ticket(
        Kind.NAME,
        "for whom it waits",
        lambda ticket: (ticket.wait_reason,),
        ("customer", "vendor", "change"),
    ),
    "service": _of_ticket(Kind.NAME, "what it is about", lambda ticket: (ticket.service,)),
    "category": _of_ticket(Kind.TEXT, "its kind within the service", lambda t: (t.category,)),
    "team": _of_ticket(Kind.NAME, "the team that has it", lambda ticket: (ticket.team,)),
    "owner": _of_ticket(Kind.NAME, "the agent who has it", lambda ticket: (ticket.owner,)),
    "via": _of_ticket(Kind.TEXT, "how it came: mail, phone, …", lambda ticket: (ticket.via,)),
    "tags": Field(
        about=About.TICKET,
        kind=Kind.TEXT,
        says="its tags",
        texts=lambda facts: facts.ticket.tags if facts.ticket else (),
        is_single=False,
    ),
    "major": Field(
        about=About.TICKET,
        kind=Kind.FLAG,
        says="whether it is a major incident",
        texts=lambda facts: _flag(bool(facts.ticket and facts.ticket.major)),
    ),
    # P1 < P2: "pri<=P2" is how everybody says "P2 or worse".
    "priority": _rank("P1 (highest) to P4", lambda ticket: ticket.priority, PRIORITIES),
    "impact": _rank("how many are hit", lambda ticket: ticket.impact, IMPACTS[::-1]),
    "urgency": _rank("how much it hurts", lambda ticket: ticket.urgency, URGENCIES[::-1]),
    "reopened": _count("how often it was reopened", lambda ticket: ticket.reopen_count),
    "reassigned": _count("how often its team changed", lambda ticket: ticket.reassign_count),
    "spent": _count("minutes of work", lambda ticket: ticket.spent_minutes),
    "csat": _count("the requester's verdict, 1 to 5", lambda ticket: ticket.csat),
    "created": _instant("when its first mail came", lambda ticket: ticket.created_at),
    "updated": _instant("when anything last happened", lambda ticket: ticket.updated_at),
    "responded": _instant("when it was first answered", lambda t: t.first_response_at),
    "resolved": _instant("when it was resolved", lambda ticket: ticket.resolved_at),
    "closed": _instant("when it was closed", lambda ticket: ticket.closed_at),
    "age": _age("how long ago it was created", lambda ticket: ticket.created_at),
    "idle": _age("how long nothing has happened", lambda ticket: ticket.updated_at),
    "due": Field(
        about=About.CLOCK,
        kind=Kind.SPAN,
        says="how long until its next target is due",
        between=_due,
    ),
    "used": Field(
        about=About.CLOCK,
        kind=Kind.PERCENT,
        says="the percentage used of the clock that is furthest",
        numbers=_most_used,
    ),
    "used.respond": _used("of the time to the first answer", "respond"),
    "used.next": _used("of the time to the next answer", "next"),
    "used.update": _used("of the time to the next news", "update"),
    "used.resolve": _used("of the time to the end", "resolve"),
}

#: Any header field of the mail: ``header.List-Id``.
ANY_HEADER = Field(
    about=About.MAIL, kind=Kind.TEXT, says="the values of any header field", is_single=False
)


def field_named(name: str) -> Field | None:
    """The field of a condition's key."""
    return ANY_HEADER if name.startswith(HEADER) else FIELDS.get(name)


def texts_of(facts: Facts, name: str) -> tuple[str, ...]:
    """What a condition's field holds; empty when there is nothing."""
    if name.startswith(HEADER):
        return facts.headers.get(name.removeprefix(HEADER), ())
    return FIELDS[name].texts(facts)
