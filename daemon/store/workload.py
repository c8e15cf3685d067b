"""What each agent has to do, asked when a rule looks for an owner."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from daemon.desk.ticket import DONE
from daemon.store.engine import Tx
from daemon.store.tables import tasks, tickets

_DONE = [state.value for state in DONE]


def open_tickets(tx: Tx, owners: Sequence[str]) -> dict[str, int]:
    """How many open tickets each of these has."""
    query = (
        select(tickets.c.owner, func.count())
        .where(tickets.c.owner.in_(owners), tickets.c.state.not_in(_DONE))
        .group_by(tickets.c.owner)
    )
    return {row.owner: row[1] for row in tx.execute(query)}


def newest(tx: Tx, owners: Sequence[str]) -> dict[str, int]:
    """The highest number of a ticket that each of these ever had."""
    query = (
        select(tickets.c.owner, func.max(tickets.c.number))
        .where(tickets.c.owner.in_(owners))
        .group_by(tickets.c.owner)
    )
    return {row.owner: row[1] for row in tx.execute(query)}


def owners_before(tx: Tx, requester: int, but: int) -> tuple[str, ...]:
    """Who had the requester's other tickets, the newest first."""
    query = (
        select(tickets.c.owner)
        .where(tickets.c.requester == requester, tickets.c.number != but, tickets.c.owner != "")
        .order_by(tickets.c.number.desc())
        .limit(20)
    )
    return tuple(dict.fromkeys(tx.execute(query).scalars()))


def open_major(tx: Tx, service: str, but: int) -> int | None:
    """The newest major incident of this service that is not over."""
    query = (
        select(tickets.c.number)
        .where(
            tickets.c.major.is_(True),
            tickets.c.service == service,
            tickets.c.number != but,
            tickets.c.state.not_in(_DONE),
        )
        .order_by(tickets.c.number.desc())
        .limit(1)
    )
    number: int | None = tx.execute(query).scalar()
    return number


def tasks_of(tx: Tx, ticket: int) -> int:
    """How many tasks a ticket has."""
    query = select(func.count()).select_from(tasks).where(tasks.c.ticket == ticket)
    return int(tx.execute(query).scalar_one())
