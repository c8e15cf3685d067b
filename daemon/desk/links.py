"""How two tickets hang together: ``a relation b``. Pure.

Parent and child are no link: a ticket has one parent at most, which its own field names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from daemon.desk.ticket import TicketNumber
from daemon.errors import TicketError


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


def check_parent(above: Callable[[int], int | None], child: int, parent: int) -> None:
    """Raise TicketError where the child is the parent itself or above it."""

    def after(number: int) -> Iterable[int]:
        found = above(number)
        return () if found is None else (found,)

    if reaches(after, parent, child):
        raise TicketError(
            "#%(parent)s is a part of #%(child)s: it cannot be its parent, too",
            parent=parent,
            child=child,
        )


def reaches(after: Callable[[int], Iterable[int]], start: int, goal: int) -> bool:
    """Whether a chain leads from one ticket to another, whatever circles there are already."""
    seen: set[int] = set()
    ahead = [start]
    while ahead:
        number = ahead.pop()
        if number == goal:
            return True
        if number not in seen:
            seen.add(number)
            ahead.extend(after(number))
    return False
