"""What the desk answered by itself, for the brakes: counted in the outbox, not beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, func, select

from daemon.store.engine import Tx
from daemon.store.tables import messages, outbox, tickets


@dataclass(frozen=True, slots=True)
class Answered:
    """One automatic mail to somebody."""

    at: datetime
    ticket: int | None


_RANKED = (
    select(
        outbox.c.recipient,
        outbox.c.created_at,
        outbox.c.ticket,
        func.row_number()
        .over(partition_by=outbox.c.recipient, order_by=outbox.c.created_at.desc())
        .label("rank"),
    )
    .where(
        outbox.c.recipient.in_(bindparam("wanted", expanding=True)),
        outbox.c.created_at > bindparam("since"),
        outbox.c.is_automatic,
    )
    .subquery()
)
_TO_EACH = select(_RANKED).where(_RANKED.c.rank <= bindparam("most")).order_by(_RANKED.c.rank)
_TO_ALL = (
    select(func.count())
    .select_from(outbox)
    .where(outbox.c.created_at > bindparam("since"), outbox.c.is_automatic)
)
_OPENED_BY_ROBOT = exists().where(messages.c.ticket == outbox.c.ticket, messages.c.is_robotic)
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


def to_each(
    tx: Tx, recipients: Sequence[str], since: datetime, most: int
) -> dict[str, list[Answered]]:
    """The newest automatic mails to each of these addresses since then, newest first."""
    found: dict[str, list[Answered]] = {}
    values = {"wanted": list(recipients), "since": since, "most": most}
    for row in tx.execute(_TO_EACH, values):
        found.setdefault(row.recipient, []).append(Answered(row.created_at, row.ticket))
    return found


def count_to_all(tx: Tx, since: datetime) -> int:
    """How many automatic mails the desk sent since then."""
    return int(tx.execute(_TO_ALL, {"since": since}).scalar_one())


def count_to_robots(tx: Tx, address: str, since: datetime) -> int:
    """How many of them robots of an address's domain got; looks at all of them."""
    end = "@" + address.rpartition("@")[2]
    there = _TO_ALL.where(outbox.c.recipient.endswith(end, autoescape=True), _OPENED_BY_ROBOT)
    return int(tx.execute(there, {"since": since}).scalar_one())


def openers(tx: Tx, numbers: Sequence[int]) -> list[tuple[str, str]]:
    """Subject and text of the mails that these tickets' people sent."""
    rows = tx.execute(_OPENERS, {"numbers": list(numbers)})
    return [(row.subject, row.reply) for row in rows]
