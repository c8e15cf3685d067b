"""What a batch of mails will look for, found in one query each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daemon.desk.people import PersonId
from daemon.desk.ticket import TicketNumber
from daemon.store import answers, messages, people
from daemon.store.answers import Answered
from daemon.store.writes import Writes


class Known:
    """Copies, awaited parents, people, and what these were answered.

    All as of the start of the transaction and its own writes.
    """

    def __init__(
        self,
        writes: Writes,
        *,
        content_keys: Sequence[str] = (),
        message_ids: Sequence[str] = (),
        addresses: Sequence[str] = (),
    ) -> None:
        self.writes = writes
        tx = writes.tx
        self._copies = messages.copies_of(tx, content_keys) if content_keys else {}
        self._awaiting = messages.awaiting(tx, message_ids) if message_ids else {}
        self._people = people.at(tx, addresses) if addresses else {}
        writes.expect_strangers(len(set(addresses) - self._people.keys()))
        self._addresses = addresses
        self._answered: dict[str, list[Answered]] | None = None
        self._asked = {*content_keys, *message_ids, *addresses}

    def copy_of(self, content_key: str) -> tuple[TicketNumber, int | None] | None:
        """The ticket and arrival of a message with the same content, if there is one."""
        if self._is_current("content", content_key):
            return self._copies.get(content_key)
        return messages.copies_of(self.writes.tx, [content_key]).get(content_key)

    def awaiting(self, message_id: str) -> tuple[TicketNumber, ...]:
        """Tickets whose mails answered this one before it came."""
        if self._is_current("awaited", message_id):
            return self._awaiting.get(message_id, ())
        return messages.awaiting(self.writes.tx, [message_id]).get(message_id, ())

    def person_at(self, address: str) -> PersonId | None:
        """The person at a folded address."""
        if self._is_current("address", address):
            return self._people.get(address)
        return people.at(self.writes.tx, [address]).get(address)

    def answered(self, address: str, since: datetime, most: int) -> list[Answered]:
        """The newest automatic mails to a folded address since then, newest first."""
        if not self._is_current("to", address):
            return answers.to_each(self.writes.tx, [address], since, most).get(address, [])
        if self._answered is None:
            self._answered = answers.to_each(self.writes.tx, self._addresses, since, most)
        return self._answered.get(address, [])

    def _is_current(self, kind: str, value: str) -> bool:
        """What was asked for at the start still holds; else what waits is written first."""
        key = (kind, value)
        if value in self._asked and not self.writes.is_new(key):
            return True
        self.writes.before([key])
        return False
