"""The words after a verb's name, and how each kind of them is read. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from daemon.desk.people import Agent, Team, fold
from daemon.desk.ticket import TicketNumber
from daemon.desk.verbs import dates
from daemon.desk.verbs.catalogue import value_names, value_of
from daemon.desk.verbs.speaker import Speaker
from daemon.errors import BadWords, TicketError

#: Phones make typographic quotes of straight ones.
_TOKEN: Final = re.compile(r'[^\s"“”„=]+="[^"]*"|["“„]([^"“”„]*)["“”]|\S+')
_NUMBER: Final = re.compile(r"#?([1-9]\d{0,17})")
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@<>\"(),;:]{1,253}")
_QUOTES: Final = "\"“”„'@ "
_LINE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What stands after ``/verb``, and what is needed to understand it."""

    verb: str
    text: str
    speaker: Speaker
    now: datetime
    zone: tzinfo
    #: Reads a line as a command of the same speaker; raises TicketError.
    order: Callable[[str], Any]

    @property
    def tokens(self) -> tuple[str, ...]:
        """Word by word; quoted words are one."""
        found = _TOKEN.finditer(self.text)
        return tuple(match[0] if match[1] is None else match[1] for match in found)

    def mistake(self, text: str, /, instead: str = "", **values: object) -> BadWords:
        """What was expected, and the line that may have been meant."""
        return BadWords(text, instead=f"/{self.verb} {instead}" if instead else "", **values)

    def nothing(self) -> None:
        """There must be no words."""
        if self.text:
            raise self.mistake("/%(verb)s has no words after it", instead=" ", verb=self.verb)

    def line(self, what: str) -> str:
        """All words as one line, which must not be empty."""
        text = self.text.strip(_QUOTES)
        if not text:
            raise TicketError(
                "/%(verb)s %(what)s? Write it after the command", verb=self.verb, what=what
            )
        return text[:_LINE]

    def choice(self, known: Collection[str], word: str | None = None) -> str:
        """One of these values, in any language, or the only one that begins so."""
        said = self.text.strip(_QUOTES) if word is None else word
        value = value_of(said)
        begun = [one for one in known if value and _begins(one, value)]
        if value in known or len(begun) == 1:
            return value if value in known else begun[0]
        listed = ", ".join(known)
        if not said:
            raise TicketError("/%(verb)s needs one of: %(listed)s", verb=self.verb, listed=listed)
        near = difflib.get_close_matches(value, known, n=1)
        raise self.mistake(
            '"%(said)s" is none of: %(listed)s',
            instead=near[0] if near else "",
            said=said,
            listed=listed,
        )

    def number(self, word: str | None = None) -> TicketNumber:
        """A ticket's number, with or without ``#``."""
        said = self.text.strip() if word is None else word
        found = _NUMBER.fullmatch(said)
        if not found:
            raise TicketError(
                '/%(verb)s needs a ticket like #12, not "%(said)s"', verb=self.verb, said=said
            )
        return TicketNumber(int(found[1]))

    def holder(self, word: str | None = None) -> Agent | Team:
        """An agent by login, address or unique name; or a team."""
        said = (self.text if word is None else word).strip(_QUOTES)
        directory = self.speaker.directory
        found = directory.agent(said) or directory.agent_at(said) or directory.team(said)
        if found or (found := self._by_name(said)):
            return found
        raise self._nobody(said)

    def address(self, word: str | None = None) -> str:
        """An address as written, or that of the agent who is named; folded."""
        said = (self.text if word is None else word).strip("\"“”„'<> ")
        if _ADDRESS.fullmatch(said):
            return fold(said)
        found = self.holder(said)
        if isinstance(found, Team):
            raise TicketError('"%(said)s" is a team; name a person by his address', said=said)
        return found.address

    def instant(self, text: str, *, hour: int) -> datetime:
        """When; a day alone means this hour of it."""
        return dates.instant(text, self.now, self.zone, hour=hour)

    def _by_name(self, said: str) -> Agent | None:
        folded = said.casefold()
        agents = self.speaker.directory.agents
        named = [one for one in agents if folded in _names(one)] if folded else []
        return named[0] if len(named) == 1 else None

    def _nobody(self, said: str) -> BadWords:
        directory = self.speaker.directory
        agents = [agent.name for agent in directory.agents]
        teams = [team.name for team in directory.teams]
        known = f"Teams: {', '.join(teams) or 'none'}. Agents: {', '.join(agents) or 'none'}."
        if not said:
            return self.mistake("/%(verb)s whom? %(known)s", verb=self.verb, known=known)
        near = difflib.get_close_matches(said.lower(), [*teams, *agents], n=1)
        return self.mistake(
            'no team or agent "%(said)s". %(known)s',
            near[0] if near else "",
            said=said,
            known=known,
        )


def _begins(value: str, said: str) -> bool:
    return any(name.startswith(said) for name in value_names(value))


def _names(agent: Agent) -> set[str]:
    full = agent.full_name.casefold()
    return {full, *full.split()}
