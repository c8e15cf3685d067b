"""What the desk answered by itself, for the brakes: counted in the outbox, not beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from daemon.store.engine import Tx
from daemon.store.tables import messages, outbox, tickets


@dataclass(frozen=True, slots=True)
class Answered:
    """One automatic mail to somebody."""

    at: datetime
    ticket: int | None


_TO_ONE = (
    select(outbox.c.created_at, outbox.c.ticket)
    .where(
        outbox.c.recipient == bindparam("wanted"),
        outbox.c.created_at > bindparam("since"),
        outbox.c.is_automatic,
    )
    .order_by(outbox.c.created_at.desc())
    .limit(bindparam("most"))
)
_TO_ALL = (
    select(func.count())
    .select_from(outbox)
    .where(outbox.c.created_at > bindparam("since"), outbox.c.is_automatic)
)
_OPENERS = (
    select(tickets.c.subject, messages.c.reply)
    .join_from(tickets, messages, messages.c.ticket == tickets.c.number)
    .where(
        tickets.c.number.in_(bindparam("numbers", expanding=True)),
        messages.c.direction == "in",
    )
    .order_by(messages.c.id)
    .limit(50)
)


def to_one(tx: Tx, recipient: str, since: datetime, most: int) -> list[Answered]:
    """The newest automatic mails to an address since then, newest first."""
    values = {"wanted": recipient, "since": since, "most": most}
    return [Answered(row.created_at, row.ticket) for row in tx.execute(_TO_ONE, values)]


def count_to_all(tx: Tx, since: datetime) -> int:
    """How many automatic mails the desk sent since then."""
    return int(tx.execute(_TO_ALL, {"since": since}).scalar_one())


def count_to_domain(tx: Tx, address: str, since: datetime) -> int:
    """How many of them went to the domain of an address; looks at all of them."""
    end = "@" + address.rpartition("@")[2]
    there = _TO_ALL.where(outbox.c.recipient.endswith(end, autoescape=True))
    return int(tx.execute(there, {"since": since}).scalar_one())


def openers(tx: Tx, numbers: Sequence[int]) -> list[tuple[str, str]]:
    """Subject and text of the mails that these tickets' people sent."""
    rows = tx.execute(_OPENERS, {"numbers": list(numbers)})
    return [(row.subject, row.reply) for row in rows]
