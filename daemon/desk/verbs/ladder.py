"""Help from above, and rest for a while: ``/escalate``, ``/ack``, ``/why``. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from daemon.desk.events import EventKind
from daemon.desk.verbs.dates import duration
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import TicketError

_REST: Final = timedelta(hours=4)
_LONGEST: Final = timedelta(days=7)


def _reason(words: Words) -> str:
    return words.text.strip()


def _escalate(reason: str, deed: Deed) -> None:
    if deed.ticket.is_done:
        raise TicketError(
            "#%(number)s is %(state)s; /reopen it first",
            number=deed.ticket.number,
            state=deed.ticket.state,
        )
    deed.record(EventKind.ESCALATED, **({"why": reason} if reason else {}))
    deed.wishes.escalate = reason


def _read_rest(words: Words) -> timedelta:
    rest = duration(f"{words.text}h" if words.text.isdecimal() else words.text or "4h")
    if not timedelta() < rest <= _LONGEST:
        raise TicketError(
            "/ack rests the ladder for at most %(days)s days: /ack 4h", days=_LONGEST.days
        )
    return rest


def _acknowledge(rest: timedelta, deed: Deed) -> None:
    until = (deed.at + rest).isoformat()
    deed.record(EventKind.CLOCK, what="acknowledged", until=until)


def _line(words: Words) -> str:
    return words.line("was the target missed")


def _why(reason: str, deed: Deed) -> None:
    deed.set(breach_reason=reason)


VERBS: Final = (
    Verb(name="escalate", area=Area.FLOW, usage="/escalate [REASON]",
         meaning="whoever is next on its ladder is told now: you need help",
         read=_reason, effect=_escalate),
    Verb(name="ack", area=Area.FLOW, usage="/ack [4h]",
         meaning="you are on it: nobody higher is told for so long",
         read=_read_rest, effect=_acknowledge),
    Verb(name="why", area=Area.FLOW, usage="/why REASON",
         meaning="why its target was missed, for the report", read=_line, effect=_why),
)  # fmt: skip
