"""Rows of messages: what was written on a ticket, by whom, and which mails belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from daemon.desk.ticket import TicketNumber
from daemon.store import search
from daemon.store.dialect import clean
from daemon.store.engine import Tx
from daemon.store.tables import awaited, messages
from daemon.store.writes import Writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message of a ticket, as it is kept."""

    ticket: TicketNumber
    direction: str
    visibility: str
    from_address: str
    from_name: str = ""
    person: int | None = None
    agent: str = ""
    inbox_id: int | None = None
    message_id: str = ""
    #: Outlook's name for the whole conversation, if it has one.
    conversation: str | None = None
    content_key: str | None = None
    at: datetime
    text: str
    reply: str = ""
    html: str | None = None
    automatic: str | None = None
    is_robotic: bool = False
    authority: str = "none"
    proof: str = ""
    unverified: bool = False
    recipients: tuple[str, ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    id: int = 0


_COPIES = select(messages.c.content_key, messages.c.ticket, messages.c.inbox_id).where(
    messages.c.content_key.in_(bindparam("keys", expanding=True))
)
_OF = (
    select(messages.c.ticket, messages.c.message_id)
    .where(messages.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(messages.c.id)
)
_CONVERSATION = (
    select(messages.c.ticket)
    .where(messages.c.conversation == bindparam("wanted"))
    .order_by(messages.c.id.desc())
    .limit(20)
)
_THREAD = (
    select(messages.c.from_address, messages.c.recipients)
    .where(messages.c.ticket == bindparam("wanted"), messages.c.unverified.is_(False))
    .order_by(messages.c.id)
    .limit(200)
)
_WROTE_FROM = (
    select(messages.c.from_address)
    .where(
        messages.c.ticket == bindparam("wanted"),
        messages.c.person.in_(bindparam("persons", expanding=True)),
        messages.c.direction == "in",
        messages.c.automatic.is_(None),
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)
_IDS = (
    select(messages.c.message_id)
    .where(
        messages.c.ticket == bindparam("wanted"),
        messages.c.direction == "in",
        messages.c.visibility == "public",
        messages.c.message_id != "",
    )
    .order_by(messages.c.id)
)
_AWAITING = select(awaited.c.message_id, awaited.c.ticket).where(
    awaited.c.message_id.in_(bindparam("ids", expanding=True))
)
_FIELDS = tuple(name for name in Entry.__dataclass_fields__ if name != "id")


def add(writes: Writes, entry: Entry) -> None:
    """Keep a message, and make its words findable."""
    values = {name: _stored(getattr(entry, name)) for name in _FIELDS}
    if not entry.unverified:
        search.index(writes, entry.ticket, entry.reply or entry.text)
    writes.add(messages, [values], *_keys(entry))


def _keys(entry: Entry) -> tuple[tuple[str, str | None], ...]:
    return (
        ("content", entry.content_key),
        ("id", entry.message_id),
        ("conversation", entry.conversation),
    )


def _stored(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    return list(value) if isinstance(value, tuple) else value


def copies_of(tx: Tx, content_keys: Sequence[str]) -> dict[str, tuple[TicketNumber, int | None]]:
    """The ticket and arrival of the messages that have one of these contents."""
    rows = tx.execute(_COPIES, {"keys": list(content_keys)})
    return {row.content_key: (TicketNumber(row.ticket), row.inbox_id) for row in rows}


def tickets_of(tx: Tx, message_ids: Sequence[str]) -> dict[str, TicketNumber]:
    """Which ticket each of these Message-IDs belongs to."""
    if not message_ids:
        return {}
    rows = tx.execute(_OF, {"ids": [clean(message_id) for message_id in message_ids]})
    return {row.message_id: TicketNumber(row.ticket) for row in rows}


def in_conversation(tx: Tx, conversation: str) -> list[int]:
    """Tickets that have mails of one Outlook conversation, the newest first."""
    found = tx.execute(_CONVERSATION, {"wanted": conversation}).scalars()
    return list(dict.fromkeys(int(number) for number in found))


def participants(tx: Tx, ticket: int) -> frozenset[str]:
    """Folded addresses that wrote or were written to in the ticket's mails."""
    found: set[str] = set()
    for row in tx.execute(_THREAD, {"wanted": ticket}):
        found.add(row.from_address)
        found.update(row.recipients)
    return frozenset(found)


def of(tx: Tx, ticket: int) -> tuple[Entry, ...]:
    """Every message of a ticket, oldest first."""
    query = select(messages).where(messages.c.ticket == ticket).order_by(messages.c.id)
    return tuple(_entry(row) for row in tx.execute(query))


def of_arrival(tx: Tx, inbox_id: int) -> Entry | None:
    """The message that an arrival became, if it became one."""
    row = tx.execute(select(messages).where(messages.c.inbox_id == inbox_id)).first()
    return _entry(row) if row else None


def reread(tx: Tx, row_id: int, **fields: Any) -> None:
    """What a newer program read in the mail; whose it is and where it belongs stays."""
    values = {name: _stored(value) for name, value in fields.items()}
    tx.execute(update(messages).where(messages.c.id == row_id).values(values))


def written_ids(tx: Tx, ticket: int) -> tuple[str, ...]:
    """Message-IDs of what the requester's side wrote, oldest first: its mail clients know these."""
    return tuple(tx.execute(_IDS, {"wanted": ticket}).scalars())


def wrote_from(tx: Tx, ticket: int, persons: Sequence[int]) -> str:
    """The address from which a person last wrote on the ticket; empty when he did not."""
    found = tx.execute(_WROTE_FROM, {"wanted": ticket, "persons": list(persons)})
    return str(found.scalar() or "")


def await_parents(writes: Writes, ticket: int, parents: Sequence[str]) -> None:
    """Remember that these mails, not seen yet, belong to the ticket."""
    rows = [{"message_id": clean(parent), "ticket": ticket} for parent in parents]
    writes.add(awaited, rows, *(("awaited", parent) for parent in parents))


def awaiting(tx: Tx, message_ids: Sequence[str]) -> dict[str, tuple[TicketNumber, ...]]:
    """Tickets whose mails answered one of these before it came."""
    found: dict[str, tuple[TicketNumber, ...]] = {}
    for row in tx.execute(_AWAITING, {"ids": [clean(each) for each in message_ids]}):
        found[row.message_id] = (*found.get(row.message_id, ()), TicketNumber(row.ticket))
    return found


def _entry(row: Row[Any]) -> Entry:
    values = {name: getattr(row, name) for name in _FIELDS}
    values |= {name: tuple(values[name]) for name in ("recipients", "attachments")}
    return Entry(**values, id=row.id)
