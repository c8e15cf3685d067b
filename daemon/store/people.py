"""Rows of people and of the addresses that they write from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, insert, select, update

from daemon.desk.people import PersonId, fold
from daemon.store.dialect import clean
from daemon.store.engine import Tx
from daemon.store.tables import addresses, people
from daemon.store.writes import Writes


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """What is known of somebody before he is looked up."""

    address: str
    name: str = ""
    language: str = ""
    organisation: str = ""


class Known(Protocol):
    """Who is known already; ``known.py`` has it for a whole batch."""

    @property
    def writes(self) -> Writes:
        """The transaction."""
        ...

    def person_at(self, address: str) -> PersonId | None:
        """The person at a folded address."""
        ...


_AT = select(addresses.c.address, addresses.c.person).where(
    addresses.c.address.in_(bindparam("wanted", expanding=True))
)
_PERSON = select(people).where(people.c.id == bindparam("wanted"))
_ADDRESSES = (
    select(addresses.c.address)
    .where(addresses.c.person == bindparam("wanted"))
    .order_by(addresses.c.address)
)
_SPEAKS = update(people).where(people.c.id == bindparam("wanted"))


def at(tx: Tx, wanted: Sequence[str]) -> dict[str, PersonId]:
    """The people who write from these folded addresses, as far as they are known."""
    rows = tx.execute(_AT, {"wanted": list(wanted)})
    return {row.address: PersonId(row.person) for row in rows}


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


def meet(known: Known, stranger: Stranger, *, now: datetime) -> Person:
    """The person at an address, made on first meeting; a language once learnt is kept."""
    address = clean(fold(stranger.address))
    person_id = known.person_at(address)
    if person_id is None:
        return _make(known.writes, stranger, address, now)
    person = get(known.writes.tx, person_id)
    if not stranger.language or person.language:
        return person
    known.writes.tx.execute(_SPEAKS.values(language=stranger.language), {"wanted": person_id})
    return replace(person, language=stranger.language)


def _make(writes: Writes, stranger: Stranger, address: str, now: datetime) -> Person:
    row = {
        "name": clean(stranger.name),
        "language": stranger.language,
        "organisation": stranger.organisation,
    }
    made = writes.tx.execute(insert(people).returning(people.c.id), [{**row, "created_at": now}])
    person_id = PersonId(made.scalar_one())
    # Where another worker meets the same stranger at this moment, the second of the two fails on
    # the address and its mails are taken in again, one by one.
    writes.add(addresses, [{"address": address, "person": person_id}], ("address", address))
    return Person(id=person_id, addresses=(address,), **row)
