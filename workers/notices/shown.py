"""What a template may show of a notice: flat values, cleaned and guarded. Pure."""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from urllib.parse import quote as percent

from daemon.desk.states import legal_moves
from daemon.desk.ticket import State, Ticket
from daemon.mail.reply import marker
from workers.notices import quote, wire
from workers.notices.compose import message_id_of
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Kind, Notice
from workers.notices.when import Times

#: Characters of people's words. An agent's answer is delivered whole; what we repeat is bounded.
_WHOLE, _REPEATED, _LINE = 200_000, 48_000, 200
_DETAILS: Final = 100
_OWN_WORDS: Final = frozenset({Kind.PUBLIC_REPLY, Kind.RESOLUTION, Kind.NOTE})


class Target(NamedTuple):
    """One due time."""

    metric: str
    when: str
    is_breached: bool


class Verb(NamedTuple):
    """What an agent may do now, by one touch."""

    name: str
    #: As it is written.
    line: str
    #: A ``mailto:`` that asks for it.
    href: str


def shown(notice: Notice, language: str, desk: DeskIdentity, times: Times) -> dict[str, Any]:
    """Every variable of a template, for a reader of ``language``; all are always there."""
    ticket = notice.ticket
    return {
        "kind": notice.kind.value,
        "language": language,
        "desk_name": _line(desk.name),
        "desk_address": desk.address,
        "reply_to": desk.reply_address(notice),
        "marker": marker(ticket.number, language) if ticket else "",
        **_of_recipient(notice),
        **_of_ticket(notice, ticket),
        **_of_words(notice),
        **_of_clocks(notice, language, times),
        "verbs": _verbs(notice, ticket, desk) if ticket and notice.to.is_agent else (),
    }


def _line(value: str) -> str:
    return wire.one_line(value, _LINE)


def _of_recipient(notice: Notice) -> dict[str, Any]:
    return {
        # What a stranger calls himself is his text too (attack 9).
        "name": _line(notice.to.name) if notice.may_quote else "",
        "to_address": _line(notice.to.address),
        "is_agent": notice.to.is_agent,
        "may_quote": notice.may_quote,
    }


def _of_ticket(notice: Notice, ticket: Ticket | None) -> dict[str, Any]:
    return {
        "number": ticket.number if ticket else 0,
        "subject": _line(ticket.subject) if ticket and notice.may_quote else "",
        "type": ticket.type.value if ticket else "",
        "state": ticket.state.value if ticket else "",
        "priority": ticket.priority if ticket else "",
        "service": ticket.service if ticket else "",
        "category": ticket.category if ticket else "",
        "team": ticket.team if ticket else "",
        "owner": ticket.owner if ticket else "",
        "handler": _line(notice.handler),
        "requester": _line(notice.requester or notice.requester_address),
        "requester_address": _line(notice.requester_address),
    }


def _of_words(notice: Notice) -> dict[str, Any]:
    text, left = "", 0
    if notice.may_quote:
        most = _WHOLE if notice.kind in _OWN_WORDS else _REPEATED
        text, left = quote.cut(quote.plain(notice.text).strip("\n"), most)
    if notice.kind is Kind.UNVERIFIED:
        text = quote.defanged(text)
    details = quote.plain("\n".join(notice.details[:_DETAILS]))
    return {
        "author": _line(notice.author),
        "author_address": _line(notice.author_address),
        "text": quote.guarded(text),
        "left_out": left,
        "details": tuple(quote.cut(details, _REPEATED)[0].split("\n")) if details else (),
    }


def _of_clocks(notice: Notice, language: str, times: Times) -> dict[str, Any]:
    year = notice.at.year
    due = tuple(
        Target(target.metric, times.instant(target.at, language, year), target.is_breached)
        for target in notice.due
    )
    by_metric = {target.metric: target.when for target in due}
    return {
        "due": due,
        "respond_by": by_metric.get("respond", ""),
        "resolve_by": by_metric.get("resolve", ""),
        "metric": notice.metric,
        "percent": notice.percent,
        "timezone": times.zone(language),
    }


def _verbs(notice: Notice, ticket: Ticket, desk: DeskIdentity) -> tuple[Verb, ...]:
    """The verbs that are legal in the ticket's state."""
    query = f"subject={percent(f'[#{ticket.number}] {_line(ticket.subject)}', safe='')}"
    if not desk.plus_addresses:
        # RFC 6068 §4: without a signed address only our Message-ID leads to the ticket.
        query += f"&in-reply-to={percent(f'<{message_id_of(notice, desk)}>', safe='')}"
    start = f"mailto:{percent(desk.reply_address(notice), safe='@')}?{query}&body="
    verbs = []
    if ticket.state not in {State.CANCELLED, State.REJECTED}:
        verbs += [
            Verb("take", "/take", f"{start}%2Ftake%0D%0A"),
            Verb("assign", "/assign NAME", f"{start}%2Fassign%20"),
        ]
    verbs.append(Verb("note", "/note", f"{start}%2Fnote%0D%0A%0D%0A"))
    if State.RESOLVED in legal_moves(ticket.type, ticket.state):
        verbs.append(Verb("resolve", "/resolve", f"{start}%2Fresolve%0D%0A%0D%0A"))
    return tuple(verbs)
