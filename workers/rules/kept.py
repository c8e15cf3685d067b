"""A copy of the last good rules, so that a mistake in the files does not outlive a restart."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from workers.rules.files import NAMES
from workers.rules.load import load
from workers.rules.ruleset import BESIDE, RuleSet, RulesInvalid


def keep(rules: RuleSet, folder: Path) -> None:
    """Copy the files of a good set, each of them whole or not at all."""
    with contextlib.suppress(OSError):  # a full disk must not stop good rules from coming in force
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in rules.files:
            draft = folder / f".{path.name}.{os.getpid()}"
            draft.write_bytes(path.read_bytes())
            draft.replace(folder / path.name)
        beside = {path.name for path in folder.glob(f"*{BESIDE}")}
        for name in {*NAMES, *beside} - {path.name for path in rules.files}:
            (folder / name).unlink(missing_ok=True)  # what was kept of a feature that is off now


def last_good(folder: Path) -> RuleSet | None:
    """The set that was kept, if there is one and it is still good."""
    if not folder.is_dir():
        return None
    try:
        return load(folder)
    except RulesInvalid:
        return None
