"""Which commands weigh so much that their author is asked first (security.md §4.1, L3). Pure.

What cannot be taken back by its author alone, what opens a ticket to people outside, and what
touches many tickets at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from daemon.desk.verbs.verb import Command

#: Tickets that one mail may change without a question.
FEW: Final = 5
#: More than that is refused as it is: nobody is asked about what is not done anyway.
_MOST: Final = 50


def weighty(
    commands: Sequence[Command],
    *,
    login: str,
    tickets: int,
    is_foreign: Callable[[str], bool],
    owner_of: Callable[[int], str],
) -> tuple[str, ...]:
    """What the agent is to confirm, a line each; none where he may simply do it."""
    found = [f"{tickets} tickets at once"] if FEW < tickets <= _MOST else []
    for command in (part for whole in commands for part in whole.parts):
        match command.verb.name:
            case "merge":
                owner = owner_of(int(command.argument))
                if owner not in {"", login}:
                    found.append(f"{command.line}: that ticket is {owner}'s")
            case "cc":
                found += [
                    f"{command.line}: {address} is of no house that the desk knows"
                    for address in command.argument.more
                    if is_foreign(address)
                ]
            case "for" if is_foreign(str(command.argument)):
                found.append(f"{command.line}: of no house that the desk knows")
    return tuple(found)
