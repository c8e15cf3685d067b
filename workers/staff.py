"""Which person each agent is, and who are one: looked up once per set of rules, not per notice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

from daemon.desk.people import Agent, Contact, Directory, PersonId
from daemon.store import people, revoked
from daemon.store.engine import Store
from daemon.store.known import Known
from daemon.store.people import Stranger
from daemon.store.writes import Writes


class Staff:
    """The ids of the agents' person rows, as of the rules in force."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, PersonId] = {}
        self._introduced: Directory | None = None

    def introduce(self, directory: Directory, now: datetime) -> None:
        """Make sure that every agent has a row, and that nobody has two.

        Whoever was an agent and is none any more loses every address that was signed for him, and
        watches no ticket that he watched.
        To be called outside of any transaction.
        """
        if self._introduced is directory:
            return
        with self._lock, self._store.begin() as tx:
            known = Known(Writes(tx))
            met = {agent.address: _meet(known, agent, now) for agent in directory.agents}
            known.writes.flush()
            people.unite(tx, [one.addresses for one in _of_several(directory)])
            agents = {people.get(tx, person).id for person in met.values()}
            for gone in people.set_agents(tx, agents, now):
                revoked.revoke_of_person(tx, gone)
        self._known = {**self._known, **met}
        self._introduced = directory

    def person(self, writes: Writes, address: str, now: datetime) -> PersonId:
        """The person at an agent's or admin's address."""
        known = self._known.get(address)
        if known is not None:
            return known
        return people.meet(Known(writes), Stranger(address=address), now=now).id


def _of_several(directory: Directory) -> Iterator[Agent | Contact]:
    everybody: tuple[Agent | Contact, ...] = (*directory.agents, *directory.contacts)
    return (one for one in everybody if len(one.addresses) > 1)


def _meet(known: Known, agent: Agent, now: datetime) -> PersonId:
    stranger = Stranger(address=agent.address, name=agent.full_name, language=agent.language)
    return people.meet(known, stranger, now=now).id
