"""Rows of what was taken back: the signed addresses that a person may use no more.

An address is of the generation that its person and its ticket had when it was signed; raising
either makes what was given before worthless, and what is signed from then on is good.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, bindparam, func, insert, select, update

from daemon.desk.people import PersonId, fold
from daemon.store import people as persons
from daemon.store.engine import Tx
from daemon.store.tables import outbox, people, revoked, tickets

_GENERATIONS = (
    select(people.c.id, people.c.generation + func.coalesce(revoked.c.generation, 0))
    .join(
        revoked,
        and_(revoked.c.person == people.c.id, revoked.c.ticket == bindparam("of")),
        isouter=True,
    )
    .where(people.c.id.in_(bindparam("whose", expanding=True)))
)
_RAISE = (
    update(revoked)
    .where(revoked.c.ticket == bindparam("of"), revoked.c.person == bindparam("whose"))
    .values(generation=revoked.c.generation + 1)
)
_RAISE_PERSON = (
    update(people)
    .where(people.c.id == bindparam("whose"))
    .values(generation=people.c.generation + 1)
)
_MERGED = select(tickets.c.number).where(tickets.c.merged_into == bindparam("of"))
_WRITTEN_TO = select(outbox.c.recipient).where(outbox.c.ticket == bindparam("of")).distinct()


def generations(tx: Tx, ticket: int, whose: Sequence[int]) -> dict[int, int]:
    """The generation that each one's addresses of the ticket must be of."""
    rows = tx.execute(_GENERATIONS, {"of": ticket, "whose": list(whose)})
    return {int(person): int(generation) for person, generation in rows}


def generation(tx: Tx, ticket: int, person: int) -> int:
    """The generation that this person's addresses of the ticket must be of."""
    return generations(tx, ticket, [person]).get(person, 0)


def revoke(tx: Tx, ticket: int, person: int) -> None:
    """Make every address of the ticket, and of those merged into it, worthless to the person."""
    for number in _lives(tx, ticket):
        if not tx.execute(_RAISE, {"of": number, "whose": person}).rowcount:
            tx.execute(insert(revoked), {"ticket": number, "person": person, "generation": 1})


def revoke_of_all(tx: Tx, ticket: int) -> int:
    """The same for everybody who was ever written to about the ticket; how many they were."""
    written = tx.execute(_WRITTEN_TO, {"of": ticket}).scalars()
    found: set[PersonId] = set(persons.at(tx, [fold(each) for each in written]).values())
    for person in found:
        revoke(tx, ticket, person)
    return len(found)


def revoke_of_person(tx: Tx, person: int) -> None:
    """Make every address worthless that was ever given to the person."""
    tx.execute(_RAISE_PERSON, {"whose": person})


def _lives(tx: Tx, ticket: int, seen: frozenset[int] = frozenset()) -> Iterator[int]:
    """The ticket and all that was merged into it: their addresses lead here, too."""
    yield ticket
    for number in tx.execute(_MERGED, {"of": ticket}).scalars().all():
        if number not in seen:
            yield from _lives(tx, number, seen | {ticket})
