"""What the commands of a mail say (service-desk.md §3.2); where they may stand is block.py's. Pure.

One line is one command, from column 0. A line that is no verb and not nearly one is text
(``/etc/passwd is broken``). What an agent got wrong stops all of it; what a requester got wrong
stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final

from daemon.desk.verbs import block, every
from daemon.desk.verbs.block import Writing
from daemon.desk.verbs.speaker import Role, Speaker
from daemon.desk.verbs.verb import Command
from daemon.desk.verbs.words import Words
from daemon.errors import BadWords, NotAllowed, TicketError

_LINE: Final = re.compile(r"/([^\W\d_][^\W_]*)(?:[ \t]+(.*))?")
_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A line that cannot be done, and why."""

    line: str
    error: TicketError

    @property
    def message(self) -> str:
        """Why, in English."""
        return str(self.error)

    @property
    def instead(self) -> str:
        """The line that may have been meant, or none."""
        return self.error.instead if isinstance(self.error, BadWords) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """An answer, read."""

    commands: tuple[Command, ...] = ()
    #: The answer without its command lines.
    text: str = ""
    #: When there is any, nothing may be done.
    mistakes: tuple[Mistake, ...] = ()
    #: Every line that was meant as a command, in order.
    lines: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """True when they ask something of the desk and of no ticket."""
        return bool(self.commands) and all(command.verb.is_free for command in self.commands)

    def corrected(self, mistakes: Sequence[Mistake]) -> tuple[str, ...]:
        """The lines with what may have been meant; empty when that is not known for each."""
        instead = {mistake.line: mistake.instead for mistake in mistakes}
        lines = tuple(instead.get(line, line) for line in self.lines)
        return lines if all(lines) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the commands of one speaker at one time."""

    speaker: Speaker
    now: datetime
    zone: tzinfo

    def read(self, writing: Writing) -> Orders:
        """Split the command block off a mail's own text."""
        own = block.lines_of(writing.own)
        found = _Block(self)
        # Most mails have nothing of a command's form where one could stand: no further look.
        if any(map(_attempt, own[:2])):
            if block.starts_with_own(writing):
                found.take_first(own)
            elif block.starts_with_anothers(writing):
                found.refuse_first(own)
        if not found.lines and _attempt(own[-1]) and block.end_is_certain(writing):
            found.take_last(own)
        return found.orders(own)

    def line(self, line: str) -> Command:
        """One command, as it stands on a line. Raises TicketError."""
        attempt = _attempt(line)
        if attempt is None:
            raise TicketError('"%(line)s" is no command: it does not begin with /', line=line)
        name, words = attempt
        verb = self._verb(name, words)
        if self.speaker.role not in verb.who:
            needed = " or ".join(sorted(f"{role}s" for role in verb.who))
            raise NotAllowed("/%(name)s is for %(needed)s", name=verb.name, needed=needed)
        said = Words(
            verb=verb.name,
            text=words,
            speaker=self.speaker,
            now=self.now,
            zone=self.zone,
            order=self._without_macros().line,
        )
        return Command(verb, verb.read(said), line)

    def _without_macros(self) -> Reader:
        """A macro says no other, and so none says itself."""
        return replace(self, speaker=replace(self.speaker, macros={}))

    def _verb(self, name: str, words: str) -> every.AnyVerb:
        found = every.named(name, self.speaker.role)
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(f"/{verb.name}" for verb in found)
            raise TicketError("/%(name)s can be %(listed)s", name=name, listed=listed)
        near = every.near(name, self.speaker.role)
        if near:
            raise BadWords("no such command", instead=f"/{near.name} {words}")
        raise TicketError("no such command. /help lists them all")


@dataclass(slots=True)
class _Block:
    """The one block of commands of a mail, as far as it was read."""

    reader: Reader
    commands: list[Command] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    #: Which of the own lines are commands.
    places: list[int] = field(default_factory=list)
    #: Words that were said to a verb but belong to the text.
    words: list[str] = field(default_factory=list)

    def take_first(self, own: list[str]) -> None:
        """Consecutive command lines before any text, a blank line between them or none."""
        at = 0
        while at < len(own) and len(self.lines) < _MOST:
            if own[at]:
                if not self._take(own, at):
                    return
            elif at and not own[at - 1]:
                return
            at += 1

    def refuse_first(self, own: list[str]) -> None:
        """Commands below what is quoted may be another's; and no requester is to read them."""
        role = self.reader.speaker.role
        for at, line in enumerate(own):
            attempt = _attempt(line)
            if role is not Role.AGENT or not attempt or not every.named(attempt[0], role):
                return
            error = TicketError("commands stand at the very top of a mail, above what is quoted")
            self.mistakes.append(Mistake(line=line, error=error))
            self.lines.append(line)
            self.places.append(at)

    def take_last(self, own: list[str]) -> None:
        """Consecutive command lines at the very end."""
        first = len(own)
        while first and len(own) - first < _MOST and _attempt(own[first - 1]):
            first -= 1
        if block.is_fenced(own, first):
            return
        for at in range(first, len(own)):
            if not self._take(own, at):
                self._forget()
                return

    def _take(self, own: list[str], at: int) -> bool:
        """Read a line as a command; False when the block ends before or with it."""
        line = own[at]
        if not self.reader_takes_for_command(line):
            return False
        try:
            command = self.reader.line(line)
        except TicketError as err:
            if self.reader.speaker.role is not Role.AGENT:
                return False
            self.mistakes.append(Mistake(line=line, error=err))
        else:
            self.commands.append(command)
            if command.verb.keeps_words and command.argument:
                self.words.append(command.argument)
        self.lines.append(line)
        self.places.append(at)
        return not self.words

    def reader_takes_for_command(self, line: str) -> bool:
        """A known verb, nearly one, or anything in a block that has begun."""
        attempt = _attempt(line)
        if attempt is None:
            return False
        role = self.reader.speaker.role
        return bool(self.lines or every.named(attempt[0], role) or every.near(attempt[0], role))

    def _forget(self) -> None:
        for found in (self.commands, self.mistakes, self.lines, self.places, self.words):
            found.clear()

    def orders(self, own: list[str]) -> Orders:
        rest = [line for at, line in enumerate(own) if at not in self.places]
        return Orders(
            commands=tuple(self.commands),
            text="\n".join([*self.words, *rest]).strip("\n"),
            mistakes=tuple(self.mistakes),
            lines=tuple(self.lines),
        )


def _attempt(line: str) -> tuple[str, str] | None:
    """The name and words of a line that has a command's form."""
    match = _LINE.fullmatch(line)
    return (match[1].casefold(), (match[2] or "").strip()) if match else None
