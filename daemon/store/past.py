"""Past mails and what they became, for whoever asks what other rules would have made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from daemon.arrival import Envelope
from daemon.desk.events import Event, EventKind
from daemon.desk.people import PersonId
from daemon.desk.ticket import TicketNumber
from daemon.store.engine import Store, Tx
from daemon.store.tables import events, inbox, inbox_raw, tickets

_PAGE = 500
_OPENINGS = (
    select(inbox, inbox_raw.c.raw, tickets.c.requester)
    .join(inbox_raw, inbox_raw.c.inbox_id == inbox.c.id)
    .join(tickets, tickets.c.number == inbox.c.ticket)
    .where(inbox.c.fate == "ticket")
    .order_by(inbox.c.id)
    .limit(_PAGE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A mail that opened a ticket, and the events of that moment."""

    id: int
    ticket: TicketNumber
    requester: PersonId
    received_at: datetime
    envelope: Envelope
    raw: bytes
    events: tuple[Event, ...]


def openings(store: Store, since: datetime) -> Iterator[Opening]:
    """Every mail since then that opened a ticket, oldest first, page by page."""
    after = 0
    while True:
        with store.read() as tx:
            query = _OPENINGS.where(inbox.c.id > after, inbox.c.received_at >= since)
            found = _with_events(tx, tx.execute(query).all())
        yield from found
        if len(found) < _PAGE:
            return
        after = found[-1].id


def opening_of(tx: Tx, ticket: int) -> Opening | None:
    """The mail that opened a ticket, if a mail did."""
    found = _with_events(tx, tx.execute(_OPENINGS.where(inbox.c.ticket == ticket)).all())
    return found[0] if found else None


def _with_events(tx: Tx, rows: Sequence[Row[Any]]) -> list[Opening]:
    if not rows:
        return []
    query = (
        select(events)
        .where(events.c.inbox_id.in_([row.id for row in rows]))
        .order_by(events.c.ticket, events.c.seq)
    )
    happened: dict[int, list[Event]] = {}
    for row in tx.execute(query):
        event = Event(
            ticket=TicketNumber(row.ticket),
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            kind=EventKind(row.kind),
            data=row.data,
        )
        happened.setdefault(row.inbox_id, []).append(event)
    return [_opening(row, happened[row.id]) for row in rows if row.id in happened]


def _opening(row: Row[Any], happened: list[Event]) -> Opening:
    return Opening(
        id=row.id,
        ticket=TicketNumber(row.ticket),
        requester=PersonId(row.requester),
        received_at=row.received_at,
        envelope=Envelope(
            sender=row.sender,
            recipients=tuple(row.recipients),
            peer=row.peer,
            trusted=row.trusted,
            login=row.login,
        ),
        raw=bytes(row.raw),
        events=tuple(happened),
    )
