"""What an agent does for somebody who did not write: ``/for``, ``/via``, ``/at``, ``/spent``. Pure.

At the top of a new mail they open the ticket for that person; on a ticket they correct it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from daemon.desk.verbs.dates import duration
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import TicketError

CHANNELS: Final = ("phone", "walkin", "chat", "mail")
_MORNING: Final = 9


def _read_for(words: Words) -> str:
    return words.address(words.line("whom"))


def _for(address: str, deed: Deed) -> None:
    deed.set(requester=deed.around.person(address))


def _read_via(words: Words) -> str:
    return words.choice(CHANNELS)


def _via(channel: str, deed: Deed) -> None:
    deed.set(via=channel)


def _read_at(words: Words) -> datetime:
    text = words.line("when")
    at = words.instant(text, hour=_MORNING)
    if at > words.now and at - words.now < timedelta(days=1) and ":" in text:
        # A time without a day was that of today or of yesterday: a call is not in the future.
        at -= timedelta(days=1)
    if at > words.now:
        raise TicketError('"%(text)s" is still to come', text=text)
    return at


def _at(at: datetime, deed: Deed) -> None:
    if not deed.is_new:
        raise TicketError("/at says when somebody called, in the mail that opens his ticket")
    deed.set(created_at=at.isoformat())


def _read_spent(words: Words) -> int:
    minutes = int(duration(words.line("how long")).total_seconds() // 60)
    if minutes < 1:
        raise TicketError("/spent needs a minute at least: /spent 20m")
    return minutes


def _spent(minutes: int, deed: Deed) -> None:
    deed.set(spent_minutes=deed.ticket.spent_minutes + minutes)


VERBS: Final = (
    Verb(name="for", area=Area.BEHALF, usage="/for PERSON",
         meaning="the ticket is this person's; in a new mail it is opened for him",
         read=_read_for, effect=_for),
    Verb(name="via", area=Area.BEHALF, usage="/via phone|walkin|chat",
         meaning="how he came to you", read=_read_via, effect=_via),
    Verb(name="at", area=Area.BEHALF, usage="/at 09:40", meaning="when he did",
         read=_read_at, effect=_at),
    Verb(name="spent", area=Area.BEHALF, usage="/spent 20m", meaning="time worked on it",
         read=_read_spent, effect=_spent),
)  # fmt: skip
