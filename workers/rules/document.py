"""From a file's bytes to nodes: a small, safe part of YAML 1.2. Pure.

Built from libyaml's events rather than its documents: nothing is ever expanded, constructed or
recursed into, so no file costs more than its size (security.md F11).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Mapping, Mark, Node, Scalar, Sequence

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

_TOO_LARGE = f"a rule file has at most {MAX_BYTES // 1024} KB"
_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


class _Stop(Exception):
    pass


def read(path: str, raw: bytes, found: Findings) -> Mapping | None:
    """The file's mapping; None after a mistake in its syntax, which ``found`` then holds.

    A file without content is an empty mapping.
    """
    text = _decode(path, raw, found)
    if text is None:
        return None
    root = _compose(path, text, found)
    if root is None or isinstance(root, Mapping):
        return root
    if isinstance(root, Scalar) and root.value is None:
        return Mapping(mark=Mark(path, 1, 1), entries=())
    found.add(root.mark, "the file is not a mapping", "expected keys with values, 'name: …'")
    return None


def _decode(path: str, raw: bytes, found: Findings) -> str | None:
    if len(raw) > MAX_BYTES:
        found.add(Mark(path, 1, 1), "the file is too large", _TOO_LARGE)
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        before = raw[: err.start].decode("utf-8", "replace")
        found.add(_end_of(path, before), "these bytes are not UTF-8", "save the file as UTF-8")
        return None


def split_lines(text: str) -> list[str]:
    """The lines as libyaml counts them."""
    return _BREAK.split(text)


def _end_of(path: str, text: str) -> Mark:
    lines = split_lines(text)
    return Mark(path, len(lines), len(lines[-1]) + 1)


def _compose(path: str, text: str, found: Findings) -> Node | None:
    builder = _Builder(path, found)
    try:
        for event in yaml.parse(text, yaml.CSafeLoader):
            builder.take(event)
    except _Stop:
        return None
    except yaml.reader.ReaderError as err:
        before = text.encode()[: err.position].decode(errors="ignore")
        found.add(_end_of(path, before), f"{err.reason}", "remove the character")
        return None
    except yaml.MarkedYAMLError as err:
        _explain(path, err, found)
        return None
    return builder.root or Scalar(mark=Mark(path, 1, 1), text="")


#: libyaml's words for what admins do most often, in theirs.
_HINTS = {
    "mapping values are not allowed in this context": "put texts with ': ' in quotes",
    "found character that cannot start any token": "indent with spaces; put the text in quotes",
    "found unexpected end of stream": "the quote is not closed",
    "did not find expected key": "check the indentation",
    "did not find expected '-' indicator": "check the indentation",
    "did not find expected ',' or ']'": "the list is not closed",
    "did not find expected ',' or '}'": "the mapping is not closed",
    "could not find expected ':'": "a key is followed by ': '",
}


def _explain(path: str, err: yaml.MarkedYAMLError, found: Findings) -> None:
    place = err.problem_mark or err.context_mark
    mark = Mark(path, place.line + 1, place.column + 1) if place else Mark(path, 1, 1)
    problem = err.problem or "this is not YAML"
    began = f"; it begins in line {err.context_mark.line + 1}" if err.context_mark else ""
    found.add(mark, problem, _HINTS.get(problem, "expected YAML") + began)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; of a mapping, keys and values alternate."""

    mark: Mark
    is_mapping: bool
    nodes: list[Node] = field(default_factory=list)


class _Builder:
    """Makes nodes of events, with a stack of its own."""

    def __init__(self, path: str, found: Findings) -> None:
        self.root: Node | None = None
        self._path, self._found = path, found
        self._stack: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.AliasEvent():
                self._refuse(event, f"the alias *{event.anchor}", "write the value out")
            case yaml.ScalarEvent():
                self._check(event)
                self._put(self._scalar(event))
            case yaml.CollectionStartEvent():
                self._check(event)
                self._open(event)
            case yaml.CollectionEndEvent():
                self._put(self._close())
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, "a second document", "one file is one document")

    def _check(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, f"the anchor &{event.anchor}", "remove it")
        if event.tag is not None:
            self._refuse(event, f"the tag {event.tag}", "remove it")

    def _refuse(self, event: yaml.Event, what: str, hint: str) -> None:
        self._found.add(self._mark(event), f"{what} is not allowed", hint)
        raise _Stop

    def _mark(self, event: yaml.Event) -> Mark:
        place = event.start_mark
        assert place is not None  # libyaml marks every event
        return Mark(self._path, place.line + 1, place.column + 1)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        return Scalar(mark=self._mark(event), text=event.value, is_plain=not event.style)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self._found.add(self._mark(event), "nested too deeply", f"at most {MAX_DEPTH} levels")
            raise _Stop
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(_Open(self._mark(event), is_mapping))

    def _close(self) -> Node:
        ended = self._stack.pop()
        if ended.is_mapping:
            return Mapping(mark=ended.mark, entries=self._entries(ended.nodes))
        return Sequence(mark=ended.mark, items=tuple(ended.nodes))

    def _entries(self, nodes: list[Node]) -> tuple[Entry, ...]:
        entries: dict[str, Entry] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar) or (key.is_plain and key.value is None):
                self._found.add(key.mark, "this cannot be a key", "expected a text")
            elif first := entries.get(key.text):
                self._found.add(
                    key.mark,
                    f"{key.text!r} stands here a second time",
                    f"first in line {first.key.mark.line}",
                )
            else:
                entries[key.text] = Entry(key=key, value=value)
        return tuple(entries.values())

    def _put(self, node: Node) -> None:
        if self._stack:
            self._stack[-1].nodes.append(node)
        else:
            self.root = node
