"""A canned answer: ``/macro``. Pure.

Its commands are read as if the agent had written them, with his rights and no others, and weighed
as his; its text goes where his own goes.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from daemon.desk.macros import Macro, filled
from daemon.desk.ticket import Ticket
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.verb import Area, Command, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import TicketError


@dataclass(frozen=True, slots=True)
class _Said:
    """A macro with its words filled in."""

    macro: Macro
    values: Mapping[str, str]
    commands: tuple[Command, ...]


def _read(words: Words) -> _Said:
    name, *said = words.tokens or ("",)
    macro = _named(words, name)
    values = _values(words, macro, said)
    lines = (filled(line, values) for line in macro.commands)
    return _Said(macro, values, tuple(words.order(line) for line in lines))


def _named(words: Words, name: str) -> Macro:
    known = words.speaker.macros
    if not known:
        raise TicketError("there are no macros here")
    if macro := known.get(name.casefold()):
        return macro
    near = difflib.get_close_matches(name.casefold(), known, n=1)
    listed = ", ".join(known)
    if not name:
        raise TicketError("/macro which? %(listed)s", listed=listed)
    meant = near[0] if near else ""
    raise words.mistake('no macro "%(name)s". Macros: %(listed)s', meant, name=name, listed=listed)


def _values(words: Words, macro: Macro, said: list[str]) -> dict[str, str]:
    agent = words.speaker.agent
    values = {"agent": agent.full_name if agent else ""}
    values |= {name: value for name, value in macro.values.items() if value is not None}
    for word in said:
        name, equals, value = word.partition("=")
        if not equals or name.casefold() not in macro.values:
            raise TicketError(
                '"%(word)s" is none of its words: %(usage)s', word=word, usage=macro.usage
            )
        values[name.casefold()] = value.strip('"“”„')
    if missing := [name for name in macro.values if not values.get(name)]:
        raise TicketError("%(word)s? Write %(usage)s", word=missing[0], usage=macro.usage)
    return values


def _says(said: _Said, ticket: Ticket) -> str:
    given = {"number": str(ticket.number), "subject": ticket.subject}
    return filled(said.macro.text(ticket.language), {**given, **said.values}).strip()


def _obey(said: _Said, deed: Deed) -> None:
    if deed.is_new and said.macro.texts:
        raise TicketError("its text is an answer: open the ticket first, and say it there")
    for command in said.commands:
        command.obey(deed)


VERBS: Final = (
    Verb(name="macro", area=Area.TALK, usage="/macro NAME [WORD=…]",
         meaning="one of your house's canned answers: its text, above yours, and its commands",
         read=_read, effect=_obey, says=_says, parts=lambda said: said.commands),
)  # fmt: skip
