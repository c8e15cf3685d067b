"""The inserts of a batch, held back and written table by table.

One statement for many rows costs little more than for one; so the rows that a batch of mails
causes wait here until the end of its transaction, or until somebody must look for one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, update

from daemon.store import tables
from daemon.store.dialect import insert_rows, take_ids
from daemon.store.engine import Tx

#: Parents before children.
_ORDER = (
    tables.people,
    tables.addresses,
    tables.tickets,
    tables.events,
    tables.messages,
    tables.search,
    tables.awaited,
    tables.pictures,
    tables.clocks,
    tables.timers,
    tables.outbox,
    tables.calls,
)
#: A second row with the same key is the same row.
_ONCE = frozenset({tables.awaited, tables.pictures, tables.timers, tables.outbox, tables.calls})

_NEXT = (
    update(tables.counters)
    .where(tables.counters.c.name == "ticket")
    .values(value=tables.counters.c.value + 1)
    .returning(tables.counters.c.value)
)
_REACHED = (
    update(tables.counters)
    .where(tables.counters.c.name == "ticket")
    .values(value=bindparam("reached"))
)


class Writes:
    """What one transaction will insert."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self._rows: dict[Table, list[Mapping[str, Any]]] = {}
        #: What waits may be looked for by these; and what was ever written here, by those.
        self._keys: set[object] = set()
        self._ever: set[object] = set()
        self._number = 0
        self._is_number_written = True
        self._strangers = 1
        self._people: list[int] = []

    def add(self, table: Table, rows: Iterable[Mapping[str, Any]], *keys: object) -> None:
        """Insert rows later; ``keys`` are what somebody may look for them by."""
        self._rows.setdefault(table, []).extend(rows)
        self._keys.update(keys)
        self._ever.update(keys)

    def is_new(self, key: object) -> bool:
        """True when this transaction itself made what goes by the key."""
        return key in self._ever

    def waiting(self, table: Table) -> Sequence[Mapping[str, Any]]:
        """The rows of a table that are not written yet, in their order."""
        return self._rows.get(table, ())

    def before(self, keys: Iterable[object]) -> None:
        """Somebody is about to look for these: write what waits if any of it could be meant."""
        if not self._keys.isdisjoint(keys):
            self.flush()

    def next_number(self) -> int:
        """The next ticket's number; gap-free, for its row stays locked until the commit."""
        if self._number:
            self._number += 1
            self._is_number_written = False
        else:
            self._number = int(self.tx.execute(_NEXT).scalar_one())
        return self._number

    def expect_strangers(self, most: int) -> None:
        """So many people may be made: their ids are taken together when the first one is."""
        self._strangers = most

    def next_person(self) -> int:
        """The id of one more person, whose row may wait."""
        if not self._people:
            self.flush()  # SQLite counts on from what is written
            self._people = list(take_ids(self.tx, tables.people, max(1, self._strangers)))
            self._strangers = 1
        return self._people.pop(0)

    def flush(self) -> None:
        """Write everything that waits."""
        for table in _ORDER:
            if rows := self._rows.pop(table, None):
                insert_rows(self.tx, table, rows, is_new=table in _ONCE)
        self._keys.clear()
        if not self._is_number_written:
            self.tx.execute(_REACHED, {"reached": self._number})
            self._is_number_written = True
