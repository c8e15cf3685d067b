"""Rows of watchers: who is kept informed of a ticket, will be, or wants to hear no more."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, exists, func, select

from daemon.desk.people import PersonId
from daemon.store.engine import Tx
from daemon.store.tables import people, watchers

_one, _whole = people.alias("one"), people.alias("whole")

#: True but for somebody who became a watcher before he ceased to be an agent: whether he watched
#: as one nobody can tell afterwards. Of two rows that are one person the agent's is the other.
IS_STILL: Final = ~exists().where(
    _one.c.id == watchers.c.person,
    _whole.c.id == func.coalesce(_one.c.same_as, _one.c.id),
    _whole.c.left_at >= watchers.c.since,
)
_IN_STATE = (
    select(watchers.c.person, people.c.same_as)
    .join(people, people.c.id == watchers.c.person)
    .where(
        watchers.c.ticket == bindparam("wanted"),
        watchers.c.state == bindparam("in_state"),
        IS_STILL,
    )
    .order_by(watchers.c.since, watchers.c.person)
)
_MUTED = select(watchers.c.person).where(
    watchers.c.ticket == bindparam("wanted"), watchers.c.state == "removed"
)
_KNOWN = select(watchers.c.person).where(watchers.c.ticket == bindparam("wanted"), IS_STILL)


def watching(tx: Tx, ticket: int) -> tuple[PersonId, ...]:
    """Who gets what becomes public, in the order in which they came; nobody twice."""
    rows = tx.execute(_IN_STATE, {"wanted": ticket, "in_state": "watching"})
    return tuple(dict.fromkeys(PersonId(row.same_as or row.person) for row in rows))


def known(tx: Tx, ticket: int) -> frozenset[int]:
    """Everybody who watches, has been proposed, or does not want to any more."""
    return frozenset(tx.execute(_KNOWN, {"wanted": ticket}).scalars())


def muted(tx: Tx, ticket: int) -> frozenset[int]:
    """Who does not want to hear any more of it."""
    return frozenset(tx.execute(_MUTED, {"wanted": ticket}).scalars())
