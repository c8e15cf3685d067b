"""Rows of how tickets hang together; a chain that must not close is followed before it is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, or_, select

from daemon.desk import links as desk_links
from daemon.desk.links import ACYCLIC, Link, Relation, reaches
from daemon.desk.ticket import TicketNumber
from daemon.errors import TicketError
from daemon.store.dialect import insert_new
from daemon.store.engine import Tx
from daemon.store.tables import links, tickets

_OF = (
    select(links)
    .where(or_(links.c.a == bindparam("wanted"), links.c.b == bindparam("wanted")))
    .order_by(links.c.kind, links.c.a, links.c.b)
)
_NEXT = select(links.c.b).where(links.c.a == bindparam("wanted"), links.c.kind == bindparam("kind"))
_PARENT = select(tickets.c.parent).where(tickets.c.number == bindparam("wanted"))
_CHILDREN = (
    select(tickets.c.number)
    .where(tickets.c.parent == bindparam("wanted"))
    .order_by(tickets.c.number)
)


def check(tx: Tx, link: Link) -> None:
    """Raise TicketError where two tickets cannot be related so: it would close a circle."""
    if link.a == link.b:
        raise TicketError("#%(a)s cannot be linked to itself", a=link.a)
    if link.relation not in ACYCLIC:
        return

    def after(number: int) -> Iterable[int]:
        return tx.execute(_NEXT, {"wanted": number, "kind": link.relation.value}).scalars()

    if reaches(after, link.b, link.a):
        words = link.relation.value.replace("-", " ")
        raise TicketError(
            "#%(b)s %(words)s #%(a)s already, by one step or more", b=link.b, words=words, a=link.a
        )


def add(tx: Tx, link: Link) -> None:
    """Relate two tickets, once."""
    tx.execute(insert_new(tx, links), [_row(link)])


def remove(tx: Tx, link: Link) -> None:
    """Take a relation back."""
    same = (links.c.a == link.a) & (links.c.kind == link.relation.value) & (links.c.b == link.b)
    tx.execute(delete(links).where(same))


def _row(link: Link) -> dict[str, Any]:
    return {"a": link.a, "kind": link.relation.value, "b": link.b}


def of(tx: Tx, number: int) -> tuple[Link, ...]:
    """Every relation of a ticket, from either side."""
    return tuple(
        Link(a=TicketNumber(row.a), relation=Relation(row.kind), b=TicketNumber(row.b))
        for row in tx.execute(_OF, {"wanted": number})
    )


def children(tx: Tx, number: int) -> tuple[TicketNumber, ...]:
    """The tickets whose parent this is."""
    return tuple(TicketNumber(one) for one in tx.execute(_CHILDREN, {"wanted": number}).scalars())


def check_parent(tx: Tx, child: int, parent: int) -> None:
    """Raise TicketError where the child is the parent itself or above it."""

    def above(number: int) -> int | None:
        found: int | None = tx.execute(_PARENT, {"wanted": number}).scalar_one_or_none()
        return found

    desk_links.check_parent(above, child, parent)
