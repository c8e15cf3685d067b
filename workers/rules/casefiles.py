"""The files with test cases beside the rules, read with the names that these rules know.

Beside ``load.py`` the only place of this package that reads files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from daemon import shipped
from daemon.mail.message import Message
from daemon.mail.parse import parse
from workers.rules import cases, document
from workers.rules.cases import Case
from workers.rules.findings import Findings
from workers.rules.load import CASES
from workers.rules.nodes import Mark
from workers.rules.ruleset import RuleSet, RulesInvalid
from workers.rules.scope import Scope
from workers.rules.trial import Verdict, try_case


def case_files(rules_dir: Path | None) -> tuple[Path, ...]:
    """The files of cases in the rules' folder and in its ``tests``; ours, without such a folder."""
    folder = rules_dir or shipped.folder("rules")
    places = (folder, folder / "tests")
    return tuple(
        path
        for place in places
        if place.is_dir()
        for path in sorted(place.iterdir())
        if path.name.endswith(CASES)
    )


def try_all(paths: Iterable[Path], rules: RuleSet) -> tuple[Verdict, ...]:
    """Every case of these files on these rules. Raises RulesInvalid when a file has mistakes."""
    found = Findings()
    texts: dict[str, bytes] = {}
    read = [case for path in paths for case in _read(path, rules, texts, found)]
    verdicts = tuple(try_case(case, rules, _mail(case, found)) for case in read)
    if found.errors:
        raise RulesInvalid(found.errors, texts=texts)
    return verdicts


def _read(path: Path, rules: RuleSet, texts: dict[str, bytes], found: Findings) -> Iterator[Case]:
    try:
        raw = texts[str(path)] = path.read_bytes()
    except OSError as err:
        found.add(Mark(str(path), 0, 0), f"cannot be read: {err.strerror}")
        return
    root = document.read(str(path), raw, found)
    if root is not None:
        scope = Scope(found=found, directory=rules.directory, services=rules.services)
        yield from cases.read(root, scope)


def _mail(case: Case, found: Findings) -> Message | None:
    """The mail of the file that the case names, beside its own."""
    name = case.mail.get("file")
    if not name:
        return None
    path = Path(case.path).parent / name
    try:
        return parse(path.read_bytes())
    except OSError as err:
        mark = Mark(case.path, case.line, 1)
        found.add(mark, f"the mail {name!r} cannot be read: {err.strerror}")
        return None
