"""What the rule files say, each under the file that says it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from workers.rules.findings import Findings
from workers.rules.nodes import Mapping

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile(Generic[T]):
    """One file of the rules' folder: an entry of the table in ``files.py``."""

    name: str
    #: Reads the file's mapping; the shelf holds what the files before it in the table say.
    read: Callable[[Mapping, Shelf, Findings], T]
    #: What holds while there is no such file: the feature is off. None: there must be one.
    default: T | None = None
    #: The files without which this one could only report mistakes that are not its own.
    needs: tuple[str, ...] = ()


class Shelf:
    """The values of the files that were read, each of its file's type."""

    def __init__(self, beside: dict[str, bytes] | None = None) -> None:
        self._values: dict[str, object] = {}
        #: Files that are no rules but that rules name, by name: calendars of holidays.
        self.beside = beside or {}

    def put(self, file: RuleFile[T], value: T) -> None:
        """This is what the file says."""
        self._values[file.name] = value

    def get(self, file: RuleFile[T]) -> T:
        """What the file says; only for a file that was read, or that has a default."""
        return cast("T", self._values[file.name])

    def holds(self, name: str) -> bool:
        """False when the file of that name could not be read at all."""
        return name in self._values
