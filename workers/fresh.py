"""Addresses that are good today: a notice is signed with what was not taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from daemon.desk.people import fold
from daemon.store import revoked
from daemon.store.writes import Writes
from workers.notices.notice import Notice


class Generations:
    """What the addresses of one transaction's notices must be of, asked once for each."""

    def __init__(self, writes: Writes) -> None:
        self._writes, self._tx = writes, writes.tx
        self._known: dict[tuple[int, int], int] = {}

    def ask(self, ticket: int, persons: Sequence[int]) -> None:
        """Look up all whom one decision tells, in one query."""
        new = [one for one in persons if (ticket, one) not in self._known]
        if new:
            found = revoked.generations(self._tx, ticket, new)
            self._known.update({(ticket, one): found.get(one, 0) for one in new})

    def signed(self, notice: Notice) -> Notice:
        """The notice, its recipient's address of the generation that is believed."""
        if notice.ticket is None:
            return notice
        number, person = notice.ticket.number, notice.to.person
        if self._is_new(number, notice.to.address):
            return notice
        self.ask(number, [person])
        generation = self._known[number, person]
        return (
            replace(notice, to=replace(notice.to, generation=generation)) if generation else notice
        )

    def _is_new(self, ticket: int, address: str) -> bool:
        """True for a stranger's first ticket: nothing of it was ever given to anybody."""
        keys = ("ticket", ticket), ("address", fold(address))
        return all(map(self._writes.is_new, keys))
