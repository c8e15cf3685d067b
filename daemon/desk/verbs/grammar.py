"""Where commands stand in an answer, and what they say (service-desk.md §3.2). Pure.

Only the first block counts: consecutive lines before the text, each starting at column 0 with
``/``. A line there that is no verb and not nearly one is text (``/etc/passwd is broken``).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from daemon.desk.update import Command, Note
from daemon.desk.verbs import flow, talk
from daemon.desk.verbs.verb import Speaker, Verb
from daemon.errors import TicketError

VERBS: dict[str, Verb] = {verb.name: verb for verb in (*flow.VERBS, *talk.VERBS)}

_LINE = re.compile(r"/(\w+)(?:[ \t]+(.*))?$")
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """An agent's answer, read."""

    commands: tuple[Command, ...]
    #: The answer without its command lines.
    text: str
    #: What was wrong, a line each; when there is any, nothing may be done.
    mistakes: tuple[str, ...] = ()

    @property
    def is_note(self) -> bool:
        return any(isinstance(command, Note) for command in self.commands)


def read(answer: str, speaker: Speaker) -> Orders:
    """Split the command block off an agent's own text."""
    lines = answer.lstrip("﻿\r\n").splitlines()
    commands: list[Command] = []
    mistakes: list[str] = []
    rest = 0
    while rest < len(lines) and rest < _MOST:
        attempt = _attempt(lines[rest], is_first=rest == 0)
        if attempt is None:
            break
        name, words = attempt
        note_text = _text_of_note(name, words)
        if note_text:
            lines[rest] = note_text
            commands.append(Note())
            break
        _obey_line(lines[rest], name, words, speaker, commands, mistakes)
        rest += 1
    text = "\n".join(lines[rest:]).strip("\n")
    return Orders(commands=tuple(commands), text=text, mistakes=tuple(mistakes))


def _text_of_note(name: str, words: str) -> str:
    """``/note printer is on order``: the words are the note's first line."""
    return words if _verb(name) is VERBS["note"] else ""


def _attempt(line: str, *, is_first: bool) -> tuple[str, str] | None:
    """The name and words of a line that is meant as a command, else None."""
    match = _LINE.match(line.rstrip())
    if not match:
        return None
    name, words = match[1].lower(), (match[2] or "").strip()
    if _verb(name) or _near(name) or not is_first:
        return name, words
    return None


def _verb(name: str) -> Verb | None:
    """The verb of that name, or of which it is the only beginning."""
    if name in VERBS:
        return VERBS[name]
    begun = [verb for verb in VERBS.values() if len(name) >= 2 and verb.name.startswith(name)]
    return begun[0] if len(begun) == 1 else None


def _near(name: str) -> str:
    found = difflib.get_close_matches(name, VERBS, n=1, cutoff=0.7)
    return found[0] if found else ""


def _obey_line(
    line: str,
    name: str,
    words: str,
    speaker: Speaker,
    commands: list[Command],
    mistakes: list[str],
) -> None:
    verb = _verb(name)
    if verb is None:
        near = _near(name)
        hint = f" Did you mean /{near}?" if near else f" Verbs: {', '.join(usages())}."
        mistakes.append(f"{line.strip()}: no such command.{hint}")
        return
    try:
        commands.append(verb.read(words, speaker))
    except TicketError as err:
        mistakes.append(f"{line.strip()}: {err}")


def usages() -> tuple[str, ...]:
    """Every verb as it is written."""
    return tuple(verb.usage for verb in VERBS.values())
