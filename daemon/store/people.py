"""Rows of people and of the addresses that they write from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from daemon.desk.people import PersonId, fold
from daemon.store.dialect import clean, insert_new
from daemon.store.engine import Tx
from daemon.store.tables import addresses, people


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who wrote to the desk, or whom the desk writes to."""

    id: PersonId
    name: str
    language: str
    organisation: str
    #: Folded; in the order in which they became known.
    addresses: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where mail to him goes."""
        return self.addresses[0]


_AT = select(addresses.c.person).where(addresses.c.address == bindparam("wanted"))
_PERSON = select(people).where(people.c.id == bindparam("wanted"))
_ADDRESSES = (
    select(addresses.c.address)
    .where(addresses.c.person == bindparam("wanted"))
    .order_by(addresses.c.address)
)
_SPEAKS = update(people).where(people.c.id == bindparam("wanted"))


def at(tx: Tx, address: str) -> PersonId | None:
    """The person who writes from this address, if known."""
    found = tx.execute(_AT, {"wanted": clean(fold(address))}).scalar()
    return None if found is None else PersonId(found)


def get(tx: Tx, person: int) -> Person:
    """A person by id, who must be there."""
    row = tx.execute(_PERSON, {"wanted": person}).one()
    found = tuple(tx.execute(_ADDRESSES, {"wanted": person}).scalars())
    return Person(
        id=PersonId(row.id),
        name=row.name,
        language=row.language,
        organisation=row.organisation,
        addresses=found,
    )


def find(tx: Tx, person: int) -> Person | None:
    """A person by id, if there is one."""
    known = tx.execute(_PERSON, {"wanted": person}).one_or_none()
    return get(tx, person) if known else None


def meet(
    tx: Tx,
    address: str,
    *,
    now: datetime,
    name: str = "",
    language: str = "",
    organisation: str = "",
) -> Person:
    """The person at this address, made on first meeting; a language once learnt is kept."""
    folded = clean(fold(address))
    known = at(tx, folded)
    if known is not None:
        person = get(tx, known)
        if language and not person.language:
            tx.execute(_SPEAKS.values(language=language), {"wanted": known})
            return get(tx, known)
        return person
    row = {"name": clean(name), "language": language, "organisation": organisation}
    made = tx.execute(insert(people).returning(people.c.id), [{**row, "created_at": now}])
    person_id = PersonId(made.scalar_one())
    added = tx.execute(
        insert_new(tx, addresses).returning(addresses.c.person),
        [{"address": folded, "person": person_id}],
    ).all()
    if not added:  # another worker met the same stranger: his row stands, ours is left unused
        return get(tx, tx.execute(_AT, {"wanted": folded}).scalar_one())
    return Person(
        id=person_id,
        name=row["name"],
        language=language,
        organisation=organisation,
        addresses=(folded,),
    )
