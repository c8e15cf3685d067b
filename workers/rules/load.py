"""From a folder of YAML files to the rules in force: all of them, or every mistake in them.

The only place of this package that reads files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from daemon import shipped
from daemon.desk.people import Directory
from daemon.errors import RuleError
from workers.rules import document, escalation, people, priority, routing
from workers.rules.excerpt import excerpt
from workers.rules.findings import Findings
from workers.rules.nodes import Mapping as MappingNode
from workers.rules.nodes import Mark
from workers.rules.priority import PriorityTable
from workers.rules.reference import RuleRef
from workers.rules.routing import RoutingTable
from workers.sla.agreement import Agreement, choose

#: Every rule file that there is, in the order in which they are read: people first.
FILES = (people.FILE, routing.FILE, priority.FILE, escalation.FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Everything that the admins' files say, checked and compiled."""

    #: Changes with the contents of the files, and only with them.
    version: str
    directory: Directory
    #: Where people.yaml names the default team.
    default_team: RuleRef
    routing: RoutingTable
    priority: PriorityTable
    agreements: tuple[Agreement, ...]
    files: tuple[Path, ...]

    def agreement_for(self, priority: str) -> Agreement | None:
        """The first agreement with targets for this priority; None: no clocks."""
        return choose(self.agreements, priority)


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
    """Where each rule file is: the admin's where there is one, else the shipped one."""
    defaults = shipped.folder("rules")
    return tuple(_locate(name, rules_dir, defaults) for name in FILES)


def _locate(name: str, rules_dir: Path | None, defaults: Path) -> Path:
    # lexists: a link to nowhere is a mistake to report, not a reason to use ours in silence.
    own = rules_dir / name if rules_dir else None
    return own if own and (own.exists() or own.is_symlink()) else defaults / name


def load(rules_dir: Path | None) -> RuleSet:
    """Read and check all rule files; a file in ``rules_dir`` replaces the shipped one of its name.

    Raises RulesInvalid with every mistake in every file.
    """
    found = Findings()
    _check_folder(rules_dir, found)
    source = _read_files(locate(rules_dir), found)
    rules = _read_rules(source, found)
    if rules is None or found.errors:
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
        if is_ours and name not in FILES:
            found.unknown(Mark(str(rules_dir / name), 0, 0), "rule file", name, FILES)


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


def _read_rules(source: _Source, found: Findings) -> RuleSet | None:
    who, route, rank, escalate = _roots(source, found)
    ranks = priority.read(rank, found) if rank else None
    if who is None:
        # Without people.yaml every team would be unknown: its own mistake comes first.
        return None
    crowd = people.read(who, found)
    table = routing.read(route, crowd.directory, found) if route else None
    agreements = escalation.read(escalate, crowd.directory, found) if escalate else None
    if table is None or ranks is None or agreements is None:
        return None
    return RuleSet(
        version=source.version,
        directory=crowd.directory,
        default_team=crowd.default_team,
        routing=table,
        priority=ranks,
        agreements=agreements,
        files=source.files,
    )


def _roots(source: _Source, found: Findings) -> list[MappingNode | None]:
    raws = ((str(path), source.texts.get(str(path))) for path in source.files)
    return [None if raw is None else document.read(path, raw, found) for path, raw in raws]
