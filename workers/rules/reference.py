"""Which line of which file said so: what every decision carries (promise 7). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from workers.rules.nodes import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRef:
    """A rule by its name and its place, as of the version in force."""

    name: str
    #: The file's name without its folder: ``routing.yaml``.
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One field that a rule set."""

    field: str
    value: str | tuple[str, ...]
    rule: RuleRef


def refer(name: str, mark: Mark) -> RuleRef:
    """The reference to what stands at ``mark``."""
    return RuleRef(name=name, file=PurePath(mark.path).name, line=mark.line)
