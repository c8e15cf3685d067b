"""Which person each agent is: looked up once per set of rules, not once per notice."""

from __future__ import annotations

import threading
from datetime import datetime

from daemon.desk.people import Directory, PersonId
from daemon.store import people
from daemon.store.engine import Store, Tx


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
                met = {
                    agent.address: people.meet(
                        tx, agent.address, now=now, name=agent.full_name, language=agent.language
                    ).id
                    for agent in directory.agents
                }
            self._known = {**self._known, **met}

    def person(self, tx: Tx, address: str, now: datetime) -> PersonId:
        """The person at an agent's or admin's address."""
        known = self._known.get(address)
        return known if known is not None else people.meet(tx, address, now=now).id
