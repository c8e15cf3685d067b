"""From a folder of YAML files to the rules in force: all of them, or every mistake in them.

The only place of this package that reads files.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon import shipped
from daemon.desk.people import Directory
from daemon.errors import RuleError
from workers.rules import document
from workers.rules.calendars import Calendars
from workers.rules.escalation import Patience
from workers.rules.excerpt import excerpt
from workers.rules.files import CALENDARS, ESCALATION, FILES, NAMES, NOTICES, PEOPLE, PRIORITY, ROUTING, SERVICES
from workers.rules.findings import Findings
from workers.rules.nodes import Mark
from workers.rules.notices import Notices
from workers.rules.priority import PriorityTable
from workers.rules.reference import RuleRef
from workers.rules.routing import RoutingTable
from workers.rules.services import Services
from workers.rules.shelf import RuleFile, Shelf
from workers.sla.agreement import Agreement


#: How the names of files with test cases end: beside the rules, and none of them.
#: How the names of calendars of holidays end, which calendars.yaml may name.
BESIDE = ".ics"
CASES = (".test.yaml", ".test.yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Everything that the admins' files say, checked and compiled."""

    #: Changes with the contents of the files, and only with them.
    version: str
    #: What each file says.
    shelf: Shelf
    #: Those that were read: an admin's where there is one, else ours.
    files: tuple[Path, ...]

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
    def routing(self) -> RoutingTable:
        """The rules for a new mail."""
        return self.shelf.get(ROUTING)

    @property
    def priority(self) -> PriorityTable:
        """How impact and urgency make a priority."""
        return self.shelf.get(PRIORITY)

    @property
    def calendars(self) -> Calendars:
        """When people work."""
        return self.shelf.get(CALENDARS)

    @property
    def notices(self) -> Notices:
        """Who is told of what."""
        return self.shelf.get(NOTICES)

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """By when tickets are answered and resolved."""
        return self.shelf.get(ESCALATION).agreements

    @property
    def patience(self) -> Patience:
        """How long the desk waits for an answer."""
        return self.shelf.get(ESCALATION).patience

    def agreement(self, name: str) -> Agreement | None:
        """The agreement of this name."""
        return next((each for each in self.agreements if each.name == name), None)


class RulesInvalid(RuleError):
    """The rule files have mistakes: all of them, in the order of files and lines."""

    def __init__(self, errors: tuple[RuleError, ...], *, texts: Mapping[str, bytes]) -> None:
        first = errors[0]
        super().__init__(
            first.message, path=first.path, line=first.line, column=first.column, hint=first.hint
        )
        self.errors = errors
        #: The same for the same mistakes in the same contents.
        self.version = _hash((*texts.values(), str(self).encode()))
        self._texts = texts

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))

    def excerpt(self, error: RuleError) -> str:
        """The line of a mistake with a caret below its column; empty when there is none."""
        return excerpt(self._texts.get(error.path, b""), error.line, error.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """The bytes of all files as they were at one time."""

    files: tuple[Path, ...]
    texts: dict[str, bytes] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return _hash(self.texts.values())


def _hash(texts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(b"%d:%b" % (len(text), text))
    return digest.hexdigest()[:16]


def locate(rules_dir: Path | None) -> tuple[Path, ...]:
    """Where each rule file is: the admin's where there is one, else the shipped one.

    A file that is in neither place is left out, unless the desk cannot do without it.
    """
    defaults = shipped.folder("rules")
    paths = ((file, _locate(file.name, rules_dir, defaults)) for file in FILES)
    rules = (path for file, path in paths if file.default is None or os.path.lexists(path))
    beside = sorted(rules_dir.glob(f"*{BESIDE}")) if rules_dir else ()
    return (*rules, *beside)


def _locate(name: str, rules_dir: Path | None, defaults: Path) -> Path:
    # lexists: a link to nowhere is a mistake to report, not a reason to use ours in silence.
    own = rules_dir / name if rules_dir else None
    return own if own and os.path.lexists(own) else defaults / name


def load(rules_dir: Path | None) -> RuleSet:
    """Read and check all rule files; a file in ``rules_dir`` replaces the shipped one of its name.

    Raises RulesInvalid with every mistake in every file.
    """
    found = Findings()
    _check_folder(rules_dir, found)
    source = _read_files(locate(rules_dir), found)
    rules = _read_rules(source, found)
    if found.errors:
        errors = _in_order(found, source)
        raise RulesInvalid(errors, texts=source.texts)
    return rules


def _in_order(found: Findings, source: _Source) -> tuple[RuleError, ...]:
    files = {str(path): index for index, path in enumerate(source.files)}
    places = (
        (files.get(error.path, -1), error.line, error.column, index)
        for index, error in enumerate(found.errors)
    )
    return tuple(found.errors[place[-1]] for place in sorted(places))


def _check_folder(rules_dir: Path | None, found: Findings) -> None:
    if rules_dir is None:
        return
    try:
        names = sorted(path.name for path in rules_dir.iterdir())
    except OSError as err:
        reason = f"the rules' folder cannot be read: {err.strerror}"
        found.add(Mark(str(rules_dir), 0, 0), reason, "expected a folder")
        return
    for name in names:
        is_ours = name.endswith((".yaml", ".yml")) and not name.startswith(".")
        if is_ours and not name.endswith(CASES) and name not in NAMES:
            found.unknown(Mark(str(rules_dir / name), 0, 0), "rule file", name, NAMES)


def _read_files(files: tuple[Path, ...], found: Findings) -> _Source:
    source = _Source(files=files)
    for path in files:
        try:
            with path.open("rb") as file:
                source.texts[str(path)] = file.read(document.MAX_BYTES + 1)
        except OSError as err:
            hint = "expected a file that the desk may read"
            found.add(Mark(str(path), 0, 0), f"cannot be read: {err.strerror}", hint)
    return source


def _read_rules(source: _Source, found: Findings) -> RuleSet:
    shelf = Shelf(
        {
            path.name: source.texts[str(path)]
            for path in source.files
            if path.suffix == BESIDE and str(path) in source.texts
        }
    )
    paths = {path.name: str(path) for path in source.files}
    for file in FILES:
        if file.name in paths:
            _read_one(file, paths[file.name], source, shelf, found)
        else:
            shelf.put(file, file.default)
    return RuleSet(version=source.version, shelf=shelf, files=source.files)


def _read_one(
    file: RuleFile[Any], path: str, source: _Source, shelf: Shelf, found: Findings
) -> None:
    """Put on the shelf what the file says; nothing after a mistake in its syntax."""
    raw = source.texts.get(path)
    root = None if raw is None else document.read(path, raw, found)
    # Without people.yaml every team would be unknown: its own mistake comes first.
    if root is not None and all(map(shelf.holds, file.needs)):
        shelf.put(file, file.read(root, shelf, found))
