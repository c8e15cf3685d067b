"""The table of verbs, and how one is found by what somebody typed. Pure."""

from __future__ import annotations

from typing import Any, Final

from daemon.desk.verbs import (
    behalf,
    fields,
    flow,
    ladder,
    look,
    macro,
    meta,
    parts,
    personal,
    structure,
    talk,
)
from daemon.desk.verbs.catalogue import verb_names
from daemon.desk.verbs.speaker import Role
from daemon.desk.verbs.verb import Verb

AnyVerb = Verb[Any]

#: In the order of the reference.
VERBS: Final[tuple[AnyVerb, ...]] = (
    *flow.VERBS,
    *ladder.VERBS,
    *fields.VERBS,
    *talk.VERBS,
    *macro.VERBS,
    *behalf.VERBS,
    *structure.VERBS,
    *parts.VERBS,
    *personal.VERBS,
    *look.VERBS,
    *meta.VERBS,
)
_BY_NAME: Final = {name: verb for verb in VERBS for name in verb_names(verb.name)}
_EDITS: Final = 2


def named(name: str, role: Role) -> tuple[AnyVerb, ...]:
    """The verb of this name in any language, else all that begin so and that the role may say."""
    if name in _BY_NAME:
        return (_BY_NAME[name],)
    if len(name) < 2:
        return ()
    may = [verb for verb in VERBS if role in verb.who]
    begun = [verb for verb in may if verb.name.startswith(name)]
    if begun:
        return tuple(begun)
    return tuple(
        verb for verb in may if any(other.startswith(name) for other in verb_names(verb.name))
    )


def near(name: str, role: Role) -> AnyVerb | None:
    """The verb that is at most two slips from what was typed, and closer than half of it."""
    best: AnyVerb | None = None
    least = min(_EDITS, (len(name) - 1) // 2) + 1
    for other, verb in _BY_NAME.items():
        if role in verb.who and (edits := _edits(name, other, least)) < least:
            best, least = verb, edits
    return best


def _edits(left: str, right: str, enough: int) -> int:
    """How many slips (a letter more, less or other, two swapped) lie between two words."""
    if abs(len(left) - len(right)) >= enough:
        return enough
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        line = [row]
        for column, other in enumerate(right, 1):
            cost = min(
                above[column] + 1, line[column - 1] + 1, above[column - 1] + (letter != other)
            )
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]
