"""The legal moves of a ticket's life, a table for each type (service-desk.md §2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from daemon.desk.ticket import State, Type
from daemon.errors import IllegalMove


class Category(StrEnum):
    """What a state means to clocks and reports, whatever the type."""

    NEW = "new"
    ACTIVE = "active"
    WAITING = "waiting"
    DONE = "done"
    END = "end"


CATEGORY: Mapping[State, Category] = {
    State.NEW: Category.NEW,
    State.APPROVAL: Category.WAITING,
    State.OPEN: Category.ACTIVE,
    State.WAITING: Category.WAITING,
    State.RESOLVED: Category.DONE,
    State.CLOSED: Category.END,
    State.REJECTED: Category.END,
    State.CANCELLED: Category.END,
}

Moves = Mapping[State, frozenset[State]]

#: What incident and request share; closed to open only within the time to reopen.
_WORKED: Moves = {
    State.OPEN: frozenset({State.WAITING, State.RESOLVED, State.CANCELLED}),
    State.WAITING: frozenset({State.OPEN, State.RESOLVED, State.CANCELLED}),
    State.RESOLVED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
    State.CANCELLED: frozenset(),
}
_AT_ONCE = frozenset({State.OPEN, State.WAITING, State.RESOLVED, State.CANCELLED})

#: A new practice is a new table here.
MOVES: Mapping[Type, Moves] = {
    Type.INCIDENT: {State.NEW: _AT_ONCE, **_WORKED},
    Type.REQUEST: {
        State.NEW: _AT_ONCE | {State.APPROVAL},
        State.APPROVAL: frozenset({State.OPEN, State.REJECTED, State.CANCELLED}),
        State.REJECTED: frozenset(),
        **_WORKED,
    },
}


def legal_moves(kind: Type, state: State) -> frozenset[State]:
    """Where a ticket of this type can go from this state; nowhere from a state not its own."""
    return MOVES[kind].get(state, frozenset())


def check_move(kind: Type, old: State, new: State) -> None:
    """Raise IllegalMove, naming the legal moves, unless the type's table has this one."""
    moves = legal_moves(kind, old)
    if new in moves:
        return
    legal = ", ".join(sorted(moves)) or "none: it is at its end"
    raise IllegalMove(
        "a ticket that is %(old)s cannot become %(new)s; legal: %(legal)s",
        old=old,
        new=new,
        legal=legal,
    )
