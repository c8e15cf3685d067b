"""A set of rules: everything that the admins' files say, read, checked and compiled. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.desk.people import Directory
from daemon.errors import RuleError
from workers.rules import document
from workers.rules.calendars import Calendars
from workers.rules.escalation import Patience
from workers.rules.excerpt import excerpt
from workers.rules.files import (
    AUTOMATION,
    CALENDARS,
    ESCALATION,
    FILES,
    MACROS,
    NOTICES,
    PEOPLE,
    PRIORITY,
    ROUTING,
    SERVICES,
)
from workers.rules.findings import Findings
from workers.rules.macros import Macros
from workers.rules.notices import Notices
from workers.rules.priority import PriorityTable
from workers.rules.reference import RuleRef
from workers.rules.rule import RuleTable
from workers.rules.services import Services
from workers.rules.shelf import RuleFile, Shelf
from workers.rules.span import WorkingTime
from workers.sla.agreement import Agreement
from workers.sla.agreement import Scope as Everybody
from workers.sla.calendar import ALWAYS

#: How the names of calendars of holidays end, which calendars.yaml may name.
BESIDE = ".ics"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Everything that the admins' files say, checked and compiled."""

    #: Changes with the contents of the files, and only with them.
    version: str
    #: What each file says.
    shelf: Shelf
    #: What each file holds, by its path: an admin's where there is one, else ours.
    texts: Mapping[str, bytes]

    @property
    def files(self) -> tuple[Path, ...]:
        """Those that were read."""
        return tuple(map(Path, self.texts))

    @property
    def by_name(self) -> dict[str, str]:
        """What each file holds, by its name alone."""
        return {path.name: self.texts[str(path)].decode("utf-8-sig") for path in self.files}

    @property
    def directory(self) -> Directory:
        """Who people.yaml names."""
        return self.shelf.get(PEOPLE).directory

    @property
    def default_team(self) -> RuleRef:
        """Where people.yaml names the default team."""
        return self.shelf.get(PEOPLE).default_team

    @property
    def services(self) -> Services:
        """What services.yaml names."""
        return self.shelf.get(SERVICES)

    @property
    def routing(self) -> RuleTable:
        """The rules for a new mail."""
        return self.shelf.get(ROUTING)

    @property
    def automation(self) -> RuleTable:
        """The rules for whatever happens later; none while there is no automation.yaml."""
        return self.shelf.get(AUTOMATION)

    @property
    def priority(self) -> PriorityTable:
        """How impact and urgency make a priority."""
        return self.shelf.get(PRIORITY)

    @property
    def calendars(self) -> Calendars:
        """When people work."""
        return self.shelf.get(CALENDARS)

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """By when tickets are answered and resolved."""
        return self.shelf.get(ESCALATION).agreements

    @property
    def patience(self) -> Patience:
        """How long the desk waits for an answer."""
        return self.shelf.get(ESCALATION).patience

    @property
    def notices(self) -> Notices:
        """Which notice goes to whom."""
        return self.shelf.get(NOTICES)

    @property
    def macros(self) -> Macros:
        """The canned answers; none while there is no macros.yaml."""
        return self.shelf.get(MACROS)

    def agreement(self, name: str) -> Agreement | None:
        """The agreement of this name."""
        return next((each for each in self.agreements if each.name == name), None)

    @property
    def working_time(self) -> WorkingTime:
        """The working time of rules that count in it: that of the agreement for everybody."""
        general = [each for each in self.agreements if each.scope == Everybody()]
        return general[0].calendar if general else ALWAYS


class RulesInvalid(RuleError):
    """The rule files have mistakes: all of them, in the order of files and lines."""

    def __init__(self, errors: tuple[RuleError, ...], *, texts: Mapping[str, bytes]) -> None:
        first = errors[0]
        super().__init__(
            first.message, path=first.path, line=first.line, column=first.column, hint=first.hint
        )
        self.errors = errors
        #: The same for the same mistakes in the same contents.
        self.version = _hash({**texts, "": str(self).encode()})
        self._texts = texts

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))

    def excerpt(self, error: RuleError) -> str:
        """The line of a mistake with a caret below its column; empty when there is none."""
        return excerpt(self._texts.get(error.path, b""), error.line, error.column)


def _hash(texts: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, text in texts.items():
        name = Path(path).name.encode()
        digest.update(b"%d:%b%d:%b" % (len(name), name, len(text), text))
    return digest.hexdigest()[:16]


def read_set(texts: Mapping[str, bytes], found: Findings) -> RuleSet:
    """The set that these files make, by their paths; mistakes go into ``found``."""
    shelf = Shelf({Path(path).name: text for path, text in texts.items() if path.endswith(BESIDE)})
    paths = {Path(path).name: path for path in texts}
    for file in FILES:
        if file.name in paths:
            _read_one(file, paths[file.name], texts, shelf, found)
        elif file.default is not None:
            shelf.put(file, file.default)
    return RuleSet(version=_hash(texts), shelf=shelf, texts=texts)


def _read_one(
    file: RuleFile[Any], path: str, texts: Mapping[str, bytes], shelf: Shelf, found: Findings
) -> None:
    """Put on the shelf what the file says; nothing after a mistake in its syntax."""
    root = document.read(path, texts[path], found)
    # Without people.yaml every team would be unknown: its own mistake comes first.
    if root is not None and all(map(shelf.holds, file.needs)):
        shelf.put(file, file.read(root, shelf, found))


def read_kept(files: Mapping[str, str]) -> RuleSet:
    """A set as the store kept it, by the files' names.

    Raises RulesInvalid when this program no longer understands it.
    """
    found = Findings()
    texts = {name: text.encode() for name, text in files.items()}
    rules = read_set(texts, found)
    if found.errors:
        raise RulesInvalid(found.errors, texts=texts)
    return rules
