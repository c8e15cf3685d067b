"""A YAML file as read: typed nodes that know their place. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from 1 in characters."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One text, number, truth value, or nothing."""

    mark: Mark
    #: As written, without quotes.
    text: str
    #: False when it was quoted or a block: then it is a text whatever it looks like.
    is_plain: bool = True

    @property
    def value(self) -> Plain:
        """By YAML 1.2's core schema: ``on``, ``no`` and ``22:30`` are texts."""
        return _resolve(self.text) if self.is_plain else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list."""

    mark: Mark
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a mapping and what stands there."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys and values, in the order written; no key twice."""

    mark: Mark
    entries: tuple[Entry, ...]


Node = Scalar | Sequence | Mapping

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
#: 18 digits: more are no number that any of our files has a use for.
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,3})?", re.ASCII
)


def _resolve(text: str) -> Plain:
    # Octal, hexadecimal, .inf and .nan are left texts: here they can only be mistakes.
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def kind_of(node: Node) -> str:
    """What a node is, in an admin's words."""
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return "true or false"
        case Scalar(value=int() | float()):
            return "a number"
        case _:
            return "a text"
