"""Rows of people and of the addresses that they write from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, func, insert, or_, select, update

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
    #: Folded: where mail to him goes.
    address: str
    #: All that he writes from, this one among them.
    addresses: tuple[str, ...]


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
_SAME = select(func.coalesce(people.c.same_as, people.c.id)).where(
    people.c.id == bindparam("wanted")
)
_PERSON = select(people).where(people.c.id == _SAME.scalar_subquery())
_ADDRESSES = (
    select(addresses.c.address)
    .where(addresses.c.person == bindparam("wanted"))
    .order_by(addresses.c.address)
)
_NEWEST = (
    select(people.c.created_at).order_by(people.c.id.desc()).limit(1).offset(bindparam("newer"))
)
_SPEAKS = update(people).where(people.c.id == bindparam("wanted"))


def at(tx: Tx, wanted: Sequence[str]) -> dict[str, PersonId]:
    """The people who write from these folded addresses, as far as they are known."""
    rows = tx.execute(_AT, {"wanted": list(wanted)})
    return {row.address: PersonId(row.person) for row in rows}


def get(tx: Tx, person: int) -> Person:
    """A person by id, who must be there; whoever he turned out to be."""
    row = tx.execute(_PERSON, {"wanted": person}).one()
    found = tuple(tx.execute(_ADDRESSES, {"wanted": row.id}).scalars())
    return Person(
        id=PersonId(row.id),
        name=row.name,
        address=row.address,
        language=row.language,
        organisation=row.organisation,
        addresses=found,
    )


def find(tx: Tx, person: int) -> Person | None:
    """A person by id, if there is one."""
    known = tx.execute(_PERSON, {"wanted": person}).one_or_none()
    return get(tx, person) if known else None


def met_before(writes: Writes, newer: int) -> datetime | None:
    """When the person was met after whom so many others were; None where there are fewer."""
    waiting = writes.waiting(people)
    found: datetime | None
    if newer < len(waiting):
        found = waiting[-1 - newer]["created_at"]
    else:
        found = writes.tx.execute(_NEWEST, {"newer": newer - len(waiting)}).scalar()
    return found


def are_same(tx: Tx, one: int, other: int) -> bool:
    """True when both ids are one person's."""
    if one == other:
        return True
    return len({tx.execute(_SAME, {"wanted": each}).scalar() for each in (one, other)}) == 1


def meet(known: Known, stranger: Stranger, *, now: datetime, may_wait: bool = False) -> Person:
    """The person at an address, made on first meeting; a language once learnt is kept.

    ``may_wait``: nobody looks for him but by his address or a ticket of his, so that his row may
    wait with theirs.
    """
    address = clean(fold(stranger.address))
    person_id = known.person_at(address)
    if person_id is None:
        made = _make(known.writes, stranger, address, now)
        if not may_wait:
            known.writes.flush()
        return made
    person = get(known.writes.tx, person_id)
    if not stranger.language or person.language:
        return person
    known.writes.tx.execute(_SPEAKS.values(language=stranger.language), {"wanted": person_id})
    return replace(person, language=stranger.language)


def _make(writes: Writes, stranger: Stranger, address: str, now: datetime) -> Person:
    row = {
        "name": clean(stranger.name),
        "address": address,
        "language": stranger.language,
        "organisation": stranger.organisation,
    }
    person_id = PersonId(writes.next_person())
    writes.add(people, [{**row, "id": person_id, "created_at": now}])
    # Where another worker meets the same stranger at this moment, the second of the two fails on
    # the address and its mails are taken in again, one by one.
    writes.add(addresses, [{"address": address, "person": person_id}], ("address", address))
    return Person(id=person_id, addresses=(address,), **row)


_MOVE = update(addresses).where(addresses.c.person == bindparam("old"))
_JOIN = update(people).where(
    or_(people.c.id == bindparam("old"), people.c.same_as == bindparam("old"))
)
_LIVES_AT = update(people).where(people.c.id == bindparam("wanted"))
_AGENTS = select(people.c.id).where(people.c.is_agent)
_IS_AGENT = update(people).where(people.c.id.in_(bindparam("wanted", expanding=True)))


def set_agents(tx: Tx, agents: Collection[int], now: datetime) -> tuple[PersonId, ...]:
    """From now on these are the agents and nobody else; returns who was one and is not."""
    before = set(tx.execute(_AGENTS).scalars())
    new, gone = sorted(set(agents) - before), sorted(before - set(agents))
    if new:
        tx.execute(_IS_AGENT.values(is_agent=True, left_at=None), {"wanted": new})
    if gone:
        tx.execute(_IS_AGENT.values(is_agent=False, left_at=now), {"wanted": gone})
    return tuple(map(PersonId, gone))


def unite(tx: Tx, groups: Sequence[tuple[str, ...]]) -> int:
    """Whoever is known at several addresses of a group is one person; returns how many were more.

    The first address of a group is where mail to him goes. Rows stay, so that what was signed for
    one of them still leads to him.
    """
    united = 0
    for group in groups:
        found = at(tx, group)
        if not found or (len(found) == len(group) and len(set(found.values())) == 1):
            continue
        main = group[0]
        person = found.get(main) or min(found.values())
        for other in set(found.values()) - {person}:
            tx.execute(_MOVE.values(person=person), {"old": other})
            tx.execute(_JOIN.values(same_as=person), {"old": other})
            united += 1
        new = [{"address": each, "person": person} for each in group if each not in found]
        if new:
            tx.execute(insert(addresses), new)
        tx.execute(_LIVES_AT.values(address=main), {"wanted": person})
    return united
