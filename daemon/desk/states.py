"""The legal moves of a ticket's life, as one table (service-desk.md §2). Pure."""

from __future__ import annotations

from daemon.desk.ticket import State
from daemon.errors import IllegalMove

MOVES: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.OPEN, State.WAITING, State.RESOLVED, State.CANCELLED}),
    State.OPEN: frozenset({State.WAITING, State.RESOLVED, State.CANCELLED}),
    State.WAITING: frozenset({State.OPEN, State.RESOLVED, State.CANCELLED}),
    State.RESOLVED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
    State.CANCELLED: frozenset(),
}


def check_move(old: State, new: State) -> None:
    """Raise IllegalMove, naming the legal moves, unless the table has this one."""
    if new in MOVES[old]:
        return
    legal = ", ".join(sorted(MOVES[old])) or "none: it is at its end"
    raise IllegalMove(f"a ticket that is {old} cannot become {new}; legal: {legal}")
