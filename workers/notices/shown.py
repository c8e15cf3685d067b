"""What a template may show of a notice: flat values, cleaned and guarded. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

from daemon.desk.ticket import Ticket
from daemon.mail.reply import marker
from workers.notices import lines, quote, wire
from workers.notices.catalogue import Words
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Block, Due, Happening, Kind, Notice
from workers.notices.offers import Offers

#: Characters of people's words. An agent's answer is delivered whole; what we repeat is bounded.
_WHOLE, _REPEATED, _ITEM, _LINE = 200_000, 48_000, 4_000, 200
_DETAILS, _NEWS, _BLOCKS, _ROWS = 100, 20, 20, 500
#: The first words, which a mail program shows in its list.
_PREVIEW: Final = 140
_OWN_WORDS: Final = frozenset({Kind.PUBLIC_REPLY, Kind.RESOLUTION, Kind.NOTE})
#: Notices that ask a person for something urgent or tell that something went wrong.
ALERTS: Final = frozenset(
    {
        Kind.UNVERIFIED,
        Kind.SLA_BREACH,
        Kind.ESCALATION,
        Kind.CATCH_UP,
        Kind.UNDELIVERABLE,
        Kind.COMMAND_ERROR,
        Kind.CONFIRM,
        Kind.ALARM,
    }
)
#: Nobody mutes these: an admin says who gets them.
_BY_RULES: Final = frozenset({Kind.SLA_WARNING, Kind.SLA_BREACH, Kind.ESCALATION})
#: An answer to these does not reach the requester as a matter of course.
_NO_AUDIENCE: Final = frozenset({Kind.CONFIRM, Kind.ANSWER, Kind.ALARM, Kind.CATCH_UP, Kind.DIGEST})

#: These answer him who knows the ticket already.
_NO_FACTS: Final = _NO_AUDIENCE | {Kind.COMMAND_ERROR}


class Fact(NamedTuple):
    """One line of what is known of the ticket."""

    label: str
    value: str
    is_alert: bool = False


class Table(NamedTuple):
    """A piece of an answer."""

    title: str
    lines: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[str, ...]
    left_out: int


class Told(NamedTuple):
    """One of several things that happened."""

    kind: str
    when: str
    author: str
    text: str
    details: tuple[str, ...]


def shown(notice: Notice, words: Words, desk: DeskIdentity) -> dict[str, Any]:
    """Every variable of a template, for a reader of this language; all are always there."""
    ticket, reply_to = notice.ticket, desk.reply_address(notice)
    return {
        "kind": notice.kind.value,
        "is_alert": notice.kind in ALERTS,
        "language": words.language,
        "desk_name": _line(desk.name),
        "desk_address": desk.address,
        "reply_to": reply_to,
        "marker": marker(ticket.number, words.language) if ticket else "",
        "audience": _audience(notice),
        **_of_recipient(notice),
        **_of_ticket(notice, ticket),
        **_of_words(notice),
        **_of_clocks(notice, words),
        **_of_answer(notice, words),
        "facts": _facts(notice, words),
        **_of_offers(Offers(notice, desk, reply_to, words.word)),
    }


def _of_offers(offers: Offers) -> dict[str, Any]:
    return {
        "verbs": offers.verbs(),
        "corrections": offers.corrections(),
        "stars": offers.stars(),
        "acts": offers.acts(),
    }


@lru_cache(maxsize=4096)  # one ticket's words go to many readers
def _line(value: str) -> str:
    return lines.unmarked(wire.one_line(value, _LINE))


def _audience(notice: Notice) -> str:
    """Whom an answer to the notice reaches: a word for a sentence, or none."""
    if not notice.to.is_agent or notice.ticket is None or notice.kind in _NO_AUDIENCE:
        return ""
    return "internal" if notice.is_internal else "public"


def _of_recipient(notice: Notice) -> dict[str, Any]:
    return {
        # What a stranger calls himself is his text too (attack 9).
        "name": _line(notice.to.name) if notice.may_quote else "",
        "to_address": _line(notice.to.address),
        "is_agent": notice.to.is_agent,
        "may_quote": notice.may_quote,
        "why": notice.why or notice.kind.value,
        "stop": _stop(notice),
    }


def _stop(notice: Notice) -> str:
    """How the recipient can stop such notices: a word for a sentence."""
    if notice.kind is Kind.ALARM:
        return "admin"
    if notice.kind in {Kind.CONFIRM, Kind.ANSWER, Kind.COMMAND_ERROR}:
        return "asked"
    if notice.kind is Kind.DIGEST:
        return "digest"
    if notice.kind in _BY_RULES:
        return "rules"
    return "agent" if notice.to.is_agent else notice.why or "requester"


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
        "requester": _line(notice.requester.name or notice.requester.address),
        "requester_address": _line(notice.requester.address),
        "similar": tuple((number, _line(subject)) for number, subject in notice.similar[:5]),
        "other": notice.other,
    }


def _of_words(notice: Notice) -> dict[str, Any]:
    text, left = "", 0
    if notice.may_quote:
        most = _WHOLE if notice.kind in _OWN_WORDS else _REPEATED
        text, left = _text(notice, notice.text, most)
    return {
        "author": _line(notice.author),
        "author_address": _line(notice.author_address),
        "text": text,
        "left_out": left,
        "preview": wire.one_line(text[: 4 * _PREVIEW], _PREVIEW),
        "details": _details(notice.details),
        "withheld": ", ".join(_line(name) for name in notice.withheld[:_DETAILS]),
    }


def _text(notice: Notice, text: str, most: int) -> tuple[str, int]:
    text, left = quote.cut(quote.plain(text).strip("\n"), most)
    if notice.kind is Kind.UNVERIFIED:
        text = quote.defanged(text)
    return quote.guarded(text), left


def _details(details: tuple[str, ...]) -> tuple[str, ...]:
    text = quote.plain("\n".join(details[:_DETAILS]))
    return tuple(quote.cut(text, _REPEATED)[0].split("\n")) if text else ()


def _of_clocks(notice: Notice, words: Words) -> dict[str, Any]:
    by_metric = {target.metric: _when(target, notice, words) for target in notice.due}
    return {
        "due": tuple(
            Fact(words.word("metric", due.metric), by_metric[due.metric], due.is_breached)
            for due in notice.due
        ),
        "respond_by": by_metric.get("respond", ""),
        "resolve_by": by_metric.get("resolve", ""),
        "metric": notice.metric,
        "percent": notice.percent,
        "days": notice.days,
        "rating": notice.rating,
        "timezone": words.zone,
    }


def _when(due: Due, notice: Notice, words: Words) -> str:
    return words.instant(due.at, notice.at.year)


def _of_answer(notice: Notice, words: Words) -> dict[str, Any]:
    return {
        "heading": _line(notice.title),
        "blocks": tuple(_block(block) for block in notice.blocks[:_BLOCKS]),
        "news": tuple(_told(each, notice, words) for each in notice.news[-_NEWS:]),
    }


def _block(block: Block) -> Table:
    rows = tuple(tuple(_line(cell) for cell in row) for row in block.rows[:_ROWS])
    whole = quote.plain("\n".join(block.lines))
    text = quote.guarded(quote.cut(whole, _REPEATED)[0])
    return Table(
        title=_line(block.title),
        lines=tuple(text.split("\n")) if text else (),
        headings=tuple(map(_line, block.headings)),
        rows=rows,
        links=block.links[:_ROWS],
        left_out=block.left_out,
    )


def _told(happening: Happening, notice: Notice, words: Words) -> Told:
    return Told(
        kind=happening.kind.value,
        when=words.instant(happening.at, notice.at.year),
        author=_line(happening.author),
        text=_text(notice, happening.text, _ITEM)[0],
        details=_details(happening.details),
    )


def _facts(notice: Notice, words: Words) -> tuple[Fact, ...]:
    """What one must know of the ticket, as far as it is known."""
    ticket = notice.ticket
    if ticket is None or notice.kind in _NO_FACTS:
        return ()
    about = " / ".join(filter(None, (_line(ticket.service), _line(ticket.category))))
    if notice.kind is Kind.ACKNOWLEDGEMENT:
        found = [
            ("type", words.word("type", ticket.type.value)),
            ("about", about),
            ("priority", ticket.priority),
            ("handler", _line(notice.handler)),
        ]
        return tuple(Fact(words.word("fact", key), value) for key, value in found if value)
    if not notice.to.is_agent:
        return ()
    kinds = (words.word("type", ticket.type.value), words.word("state", ticket.state.value))
    found = [
        ("requester", _requester(notice, words)),
        ("ticket", " · ".join((f"#{ticket.number}", ticket.priority, *kinds))),
        ("about", about),
        ("handler", _line(notice.handler)),
    ]
    known = [Fact(words.word("fact", key), value) for key, value in found if value]
    missed = words.word("fact", "missed")
    for due in notice.due:
        when = _when(due, notice, words)
        value = f"{when} ({missed})" if due.is_breached else when
        known.append(Fact(words.word("metric", due.metric), value, due.is_breached))
    return tuple(known)


def _requester(notice: Notice, words: Words) -> str:
    """Who he is, for whoever decides what comes first."""
    who = notice.requester
    name, address = _line(who.name), _line(who.address)
    shown_name = f"{name} <{address}>" if name and name != address else address
    vip = f"{lines.STRONG}{words.word('fact', 'VIP')}{lines.WEAK}" if who.is_vip else ""
    many = words.count("open ticket", who.open_tickets) if who.open_tickets > 1 else ""
    return f"{lines.GLUE}· ".join(filter(None, (shown_name, _line(who.site), vip, many)))
