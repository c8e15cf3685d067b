"""From a folder of YAML files to the rules in force: all of them, or every mistake in them.

The only place of this package that reads files.
"""

from __future__ import annotations

import os
from pathlib import Path

from daemon import shipped
from daemon.errors import RuleError
from workers.rules import document
from workers.rules.files import FILES, NAMES
from workers.rules.findings import Findings
from workers.rules.nodes import Mark
from workers.rules.ruleset import BESIDE, RuleSet, RulesInvalid, read_set

__all__ = ["CASES", "RuleSet", "RulesInvalid", "load", "locate"]

#: How the names of files with test cases end: beside the rules, and none of them.
CASES = (".test.yaml", ".test.yml")


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
    files = locate(rules_dir)
    texts = _read_files(files, found)
    rules = read_set(texts, found)
    if found.errors:
        raise RulesInvalid(_in_order(found, files), texts=texts)
    return rules


def _in_order(found: Findings, paths: tuple[Path, ...]) -> tuple[RuleError, ...]:
    files = {str(path): index for index, path in enumerate(paths)}
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


def _read_files(files: tuple[Path, ...], found: Findings) -> dict[str, bytes]:
    texts: dict[str, bytes] = {}
    for path in files:
        try:
            with path.open("rb") as file:
                texts[str(path)] = file.read(document.MAX_BYTES + 1)
        except OSError as err:
            hint = "expected a file that the desk may read"
            found.add(Mark(str(path), 0, 0), f"cannot be read: {err.strerror}", hint)
    return texts
