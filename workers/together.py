"""Several things that one person is told within a short time, as one mail.

The first waits in the outbox for a little while; the next takes its place, in the transaction that
decides it, and tells both. A mail that a worker has taken to send is never touched: it goes out,
and the next one waits on its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from daemon.store import gathering
from daemon.store.writes import Writes
from workers.notices.notice import Happening, Kind, Notice
from workers.notices.packed import unpacked
from workers.notices.terms import NEWS

#: After so many alarms within this time, further ones are one mail at its end: each of an admin's
#: own mistakes is told at once, and a flood of held mails is no flood of ours.
_ALARMS: Final = 5
ALARM_PAUSE: Final = timedelta(minutes=10)
#: More than that is a mail of its own.
_MOST: Final = 20


def wait_until(
    writes: Writes, notice: Notice, together: timedelta, recipient: str, now: datetime
) -> datetime | None:
    """Until when a notice waits for others; None: it goes out at once."""
    if notice.kind in NEWS and notice.to.is_agent and notice.ticket and together:
        return now + together
    if notice.kind is Kind.ALARM:
        since = now - ALARM_PAUSE
        alarms = gathering.count_between(writes, Kind.ALARM.value, recipient, since, now)
        if alarms >= _ALARMS:
            return now + ALARM_PAUSE
    return None


def joined(
    writes: Writes, notice: Notice, recipient: str, key: str, now: datetime
) -> tuple[Notice, datetime | None] | None:
    """The notice with what still waits beside it, and until when; None: it was decided before."""
    if gathering.is_decided(writes, key, recipient):
        return None
    ticket = notice.ticket.number if notice.ticket else None
    waiting = gathering.open_for(writes.tx, recipient=recipient, ticket=ticket, now=now)
    if waiting is None:
        return notice, None
    try:
        earlier = unpacked(waiting.notice)
    except ValueError:
        return notice, None  # whoever is to send it finds out, and says so
    told = _parts(earlier)
    if len(told) >= _MOST:
        return notice, None
    if not gathering.take(writes.tx, waiting, into=key, now=now):
        return notice, None  # it is being sent after all
    kind = Kind.NEWS if notice.ticket else notice.kind
    news = (*told, *_parts(notice))
    acts = tuple(dict.fromkeys((*earlier.acts, *notice.acts)))
    both = replace(notice, kind=kind, news=news, acts=acts, text="", details=())
    return both, waiting.until


def _parts(notice: Notice) -> tuple[Happening, ...]:
    """What a notice tells, as parts of a longer one, oldest first."""
    if notice.news:
        return notice.news
    happening = Happening(
        kind=notice.kind,
        at=notice.at,
        author=notice.author,
        text=notice.text or notice.title,
        details=notice.details,
    )
    return (happening,)
