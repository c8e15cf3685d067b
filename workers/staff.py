"""Which person each agent is: looked up once per set of rules, not once per notice."""

from __future__ import annotations

import threading
from datetime import datetime

from daemon.desk.people import Agent, Directory, PersonId
from daemon.store import people
from daemon.store.engine import Store
from daemon.store.known import Known
from daemon.store.people import Stranger
from daemon.store.writes import Writes


class Staff:
    """The ids of the agents' person rows; they never change once they are committed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, PersonId] = {}

    def introduce(self, directory: Directory, now: datetime) -> None:
        """Make sure that every agent has a row; to be called outside of any transaction."""
        if all(agent.address in self._known for agent in directory.agents):
            return
        with self._lock:
            with self._store.begin() as tx:
                known = Known(Writes(tx))
                met = {agent.address: _meet(known, agent, now) for agent in directory.agents}
                known.writes.flush()
            self._known = {**self._known, **met}

    def person(self, writes: Writes, address: str, now: datetime) -> PersonId:
        """The person at an agent's or admin's address."""
        known = self._known.get(address)
        if known is not None:
            return known
        return people.meet(Known(writes), Stranger(address=address), now=now).id


def _meet(known: Known, agent: Agent, now: datetime) -> PersonId:
    stranger = Stranger(address=agent.address, name=agent.full_name, language=agent.language)
    return people.meet(known, stranger, now=now).id
