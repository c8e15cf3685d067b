"""What a requester does for himself: ``/mine``, ``/status``, ``/rate``, ``/away``. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from daemon.desk.ticket import State, Ticket
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.phrases import phrase
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import EVERYBODY, REQUESTERS, Speaker
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import TicketError

_UNTIL: Final = re.compile(r"(?i)^(?:until|bis|까지)\s+")
_MORNING: Final = 9
#: How long after its end a ticket can be rated.
_RATED: Final = timedelta(days=14)


def _nothing(words: Words) -> None:
    words.nothing()


def _mine(_: None, deed: Deed) -> None:
    found = deed.around.of_requester(deed.speaker.person)
    deed.tell(table("mine", found, deed.speaker))


def table(
    title: str, tickets: Sequence[Ticket], speaker: Speaker, away: frozenset[str] = frozenset()
) -> Report:
    """Tickets, a line each, in the reader's language; owners who are away are marked."""
    language = speaker.language
    if not tickets:
        return Report(title=phrase(title, language), lines=(phrase("none", language),))
    names = ("ticket", "state", "priority", "with", "since", "subject")
    rows = tuple(
        (
            f"#{one.number}",
            phrase(one.state.value, language),
            one.priority,
            f"{one.owner} ({phrase('away', language)})"
            if one.owner in away
            else one.owner or one.team,
            f"{one.created_at:%Y-%m-%d}",
            one.subject,
        )
        for one in tickets
    )
    headings = tuple(phrase(name, language) for name in names)
    return Report(title=phrase(title, language), headings=headings, rows=rows)


def _status(_: None, deed: Deed) -> None:
    ticket, language = deed.ticket, deed.speaker.language
    lines = [
        f"#{ticket.number}: {phrase(ticket.state.value, language)}",
        f"{phrase('since', language)}: {ticket.created_at:%Y-%m-%d %H:%M} UTC",
    ]
    holder = deed.speaker.directory.agent(ticket.owner)
    if holder or ticket.team:
        who = holder.full_name if holder else ticket.team
        lines.append(f"{phrase('with', language)}: {who}")
    if ticket.due_at:
        lines.append(f"{phrase('due', language)}: {ticket.due_at:%Y-%m-%d %H:%M} UTC")
    deed.tell(Report(title=phrase("state", language), lines=tuple(lines)))


class _Rating(NamedTuple):
    stars: int
    words: str


def _read_rating(words: Words) -> _Rating:
    stars, _, rest = words.text.strip().partition(" ")
    if len(stars) != 1 or stars not in "12345":
        raise TicketError("/rate needs a number from 1 (bad) to 5 (good): /rate 4")
    return _Rating(int(stars), rest.strip())


def _rate(rating: _Rating, deed: Deed) -> None:
    ticket = deed.ticket
    ended = ticket.closed_at or ticket.resolved_at
    if ticket.state not in {State.RESOLVED, State.CLOSED} or ended is None:
        raise TicketError("it is not resolved yet; rate it then")
    if deed.at - ended > _RATED:
        raise TicketError("it ended more than %(days)s days ago", days=_RATED.days)
    if deed.speaker.person != ticket.requester:
        raise TicketError("only its requester rates it")
    comment = "\n".join(filter(None, (rating.words, deed.text)))
    deed.set(csat=rating.stars, csat_comment=comment)
    deed.wishes.is_rating = True


def _read_away(words: Words) -> datetime | None:
    text = _UNTIL.sub("", words.text.strip())
    if text.casefold() in {"off", "end", "aus", "끝"}:
        return None
    if not text:
        raise TicketError("/away until when? Write /away until 2026-03-09, or /away off")
    until = words.instant(text, hour=_MORNING)
    if until <= words.now:
        raise TicketError('"%(text)s" has passed already', text=text)
    return until


def _away(until: datetime | None, deed: Deed) -> None:
    deed.wishes.own["away_until"] = until


VERBS: Final = (
    Verb(name="mine", area=Area.SELF, usage="/mine", who=EVERYBODY, is_free=True,
         meaning="the tickets that you opened and that are not at their end",
         read=_nothing, effect=_mine),
    Verb(name="status", area=Area.SELF, usage="/status", who=REQUESTERS,
         meaning="how it stands with your ticket", read=_nothing, effect=_status),
    Verb(name="rate", area=Area.SELF, usage="/rate 1-5 [TEXT]", who=REQUESTERS,
         meaning="how it was, once it is resolved", read=_read_rating, effect=_rate),
    Verb(name="away", area=Area.SELF, usage="/away until 2026-03-09|off", who=EVERYBODY,
         is_free=True, meaning="you are away until then", read=_read_away, effect=_away),
)  # fmt: skip
