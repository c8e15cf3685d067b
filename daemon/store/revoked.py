"""Rows of what was taken back: the signed addresses of a ticket that a person may use no more."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from daemon.store.engine import Tx
from daemon.store.tables import revoked

_WHERE = (revoked.c.ticket == bindparam("of"), revoked.c.person == bindparam("whose"))
_GENERATION = select(revoked.c.generation).where(*_WHERE)
_RAISE = update(revoked).where(*_WHERE).values(generation=revoked.c.generation + 1)


def generation(tx: Tx, ticket: int, person: int) -> int:
    """The generation that this person's addresses of the ticket must be of."""
    found = tx.execute(_GENERATION, {"of": ticket, "whose": person}).scalar()
    return int(found or 0)


def revoke(tx: Tx, ticket: int, person: int) -> None:
    """Make every address of the ticket that was given to the person worthless."""
    if not tx.execute(_RAISE, {"of": ticket, "whose": person}).rowcount:
        tx.execute(insert(revoked), {"ticket": ticket, "person": person, "generation": 1})
