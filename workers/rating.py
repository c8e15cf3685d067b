"""Whether the requester is asked how it was: once a ticket, and not too often."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.ticket import Ticket
from daemon.store import surveys
from daemon.store.engine import Tx
from workers.notices.notice import Kind
from workers.rules.notices import Notices


def asks(tx: Tx, notices: Notices, kind: Kind, ticket: Ticket, now: datetime) -> bool:
    """True when this notice is to ask, and then it counts as asked.

    The resolution does, unless notices.yaml has a mail of its own for it.
    """
    asking = Kind.SURVEY if Kind.SURVEY in notices.to else Kind.RESOLUTION
    every = notices.survey_every
    if kind is not asking or every is None or ticket.csat is not None:
        return False
    return surveys.ask(
        tx, ticket=ticket.number, person=ticket.requester, now=now, since=now - every
    )
