"""How two tickets hang together: ``a relation b``. Pure.

Parent and child are no link: a ticket has one parent at most, which its own field names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daemon.desk.ticket import TicketNumber


class Relation(StrEnum):
    """What ``a`` is to ``b``."""

    DUPLICATE_OF = "duplicate-of"
    FOLLOW_UP_OF = "follow-up-of"
    BLOCKS = "blocks"
    RELATES = "relates"
    #: A guess of the desk's from weak evidence; gives nobody any rights.
    POSSIBLY_ABOUT = "possibly-about"


#: The relation as it reads from ``b``.
FROM_B: Final = {
    Relation.DUPLICATE_OF: "has-duplicate",
    Relation.FOLLOW_UP_OF: "continued-by",
    Relation.BLOCKS: "blocked-by",
    Relation.RELATES: "relates",
    Relation.POSSIBLY_ABOUT: "possibly-about",
}
#: In a circle these would never end.
ACYCLIC: Final = frozenset({Relation.DUPLICATE_OF, Relation.BLOCKS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """``a relation b``."""

    a: TicketNumber
    relation: Relation
    b: TicketNumber

    @classmethod
    def told(cls, number: TicketNumber, words: str, other: TicketNumber) -> Link:
        """The link that ``seen_from`` told of ``number``."""
        for relation in Relation:
            if relation.value == words:
                return cls(a=number, relation=relation, b=other)
        relation = next(one for one, seen in FROM_B.items() if seen == words)
        return cls(a=other, relation=relation, b=number)

    def seen_from(self, number: int) -> tuple[str, TicketNumber]:
        """The relation in words, and the other ticket, for a reader of this one."""
        if number == self.a:
            return self.relation.value, self.b
        return FROM_B[self.relation], self.a
