"""The MIME structure (RFC 2046 §5.1): one pass over the delimiter lines, within bounds.

Parts are slices of the raw mail, nothing is copied and nothing recurses: time is linear whatever
the nesting, and a mail beyond the bounds is readable up to them. Attached mails are leaves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.mail import parameters, transfer
from daemon.mail.headers import Header, split
from daemon.mail.limits import DELIMITER_LINES, LINES, MIME_DEPTH, MIME_PARTS
from daemon.mail.parameters import Value

_GUESS: Final = re.compile(
    rb"^--([^\r\n]{1,200}?)[ \t]*\r?\ncontent-", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A node of the tree; its body is ``raw[start:end]``."""

    header: Header
    content_type: str
    parameters: Value
    start: int
    end: int
    #: Index of the multipart that it stands in; -1 for the mail itself.
    parent: int

    def encoding(self) -> str:
        """The content transfer encoding in lower case."""
        return transfer.named(self.header.first("content-transfer-encoding"))

    def content(self, raw: bytes) -> bytes:
        """The decoded bytes."""
        return transfer.decode(raw[self.start : self.end], self.encoding())


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The mail's parts in document order, the mail itself first."""

    #: The bytes that the offsets speak of: the mail, with lone CR line ends made LF.
    raw: bytes
    parts: tuple[Part, ...]
    #: Indexes of the parts that have content of their own, in document order.
    leaves: tuple[int, ...]
    #: Why reading stopped early, or empty.
    unreadable: str = ""

    def lineage(self, index: int) -> list[int]:
        """The multiparts around a part, nearest first."""
        out = []
        while (index := self.parts[index].parent) >= 0:
            out.append(index)
        return out


@dataclass(slots=True)
class _Node:
    header: Header
    content_type: str
    parameters: Value
    parent: int
    end: int = -1
    has_children: bool = False


class _Scan:
    """The state of the one pass."""

    def __init__(self, raw: bytes, header: Header) -> None:
        self.raw = raw
        self.nodes: list[_Node] = []
        #: Open multiparts, outermost first, and the level of each boundary.
        self.stack: list[tuple[bytes, int]] = []
        self.levels: dict[bytes, int] = {}
        self.leaf = -1
        self.unreadable = ""
        self.add(header, -1)

    def add(self, header: Header, parent: int) -> None:
        """Open a part below a multipart."""
        value = parameters.read(header.first("content-type"))
        digest = parent >= 0 and self.nodes[parent].content_type == "multipart/digest"
        default = "message/rfc822" if digest else "text/plain"
        node = _Node(header, parameters.media_type(value.value, default), value, parent)
        self.nodes.append(node)
        self.leaf = len(self.nodes) - 1
        if node.content_type.startswith("multipart/"):
            self.push(node)

    def push(self, node: _Node) -> None:
        boundary = node.parameters.get("boundary").rstrip().encode("utf-8", "replace")
        # Declared, and nowhere used: asked of the mail itself only, for it reads all of it.
        is_unused = len(self.nodes) == 1 and b"--" + boundary not in self.raw
        if (is_unused or not boundary) and (guess := _GUESS.search(self.raw, *self.window(node))):
            boundary = guess[1]
        if not boundary or boundary in self.levels:
            return
        if len(self.stack) >= MIME_DEPTH:
            self.unreadable = f"nested more than {MIME_DEPTH} deep"
            return
        self.levels[boundary] = len(self.stack)
        self.stack.append((boundary, self.leaf))

    def window(self, node: _Node) -> tuple[int, int]:
        return node.header.body, min(len(self.raw), node.header.body + 64 * 1024)

    def close(self, level: int, at: int) -> None:
        """End what is open inside the multipart of a level."""
        end = at - 1 if self.raw[at - 1 : at] == b"\r" else at
        for boundary, index in self.stack[level + 1 :]:
            self.levels.pop(boundary, None)
            self.end(index, end)
        del self.stack[level + 1 :]
        if self.leaf >= 0:
            self.end(self.leaf, end)
        self.leaf = -1

    def end(self, index: int, at: int) -> None:
        node = self.nodes[index]
        if node.end < 0 and not any(index == opened for _, opened in self.stack[:1]):
            node.end = max(at, node.header.body)

    def delimiter(self, at: int) -> int:
        """Take the line at the line feed ``at`` as a delimiter if it is one; where to go on."""
        eol = self.raw.find(b"\n", at + 1)
        eol = len(self.raw) if eol < 0 else eol
        line = self.raw[at + 3 : min(eol, at + 1003)].rstrip(b" \t\r")
        level = self.levels.get(line)
        closing = level is None and line.endswith(b"--")
        if closing:
            level = self.levels.get(line[:-2])
        if level is None:
            return eol
        parent = self.stack[level][1]
        self.close(level, at)
        self.nodes[parent].has_children = True
        if closing:
            return eol
        if len(self.nodes) >= MIME_PARTS:
            self.unreadable = f"more than {MIME_PARTS} parts"
            return len(self.raw)
        header = split(self.raw, min(eol + 1, len(self.raw)), len(self.raw), repair=False)
        header = self.before_delimiter(header, eol + 1)
        self.add(header, parent)
        return max(header.body - 1, eol)

    def before_delimiter(self, header: Header, start: int) -> Header:
        """A part that is only a header ends at the next delimiter, not beyond it."""
        if self.raw[start : start + 2] == b"--":
            return Header(body=start)
        return header

    def run(self) -> None:
        """Go through the delimiter lines."""
        raw, at, tries = self.raw, self.nodes[0].header.body - 1, 0
        if at < 0:
            at = 0
        while self.stack and not self.unreadable:
            at = raw.find(b"\n--", at)
            if at < 0:
                break
            tries += 1
            if tries > DELIMITER_LINES:
                self.unreadable = f"more than {DELIMITER_LINES} lines that look like boundaries"
                break
            at = self.delimiter(at)


def read(raw: bytes) -> Structure:
    """Divide a mail into its parts; never raises, linear in its size."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    header = split(raw, 0, len(raw))
    if (lines := raw.count(b"\n")) > LINES:
        return _undivided(raw, header, f"{lines} lines")
    if header.endless:
        return _undivided(raw, header, "the header has no end")
    scan = _Scan(raw, header)
    scan.run()
    parts = tuple(
        Part(
            header=node.header,
            content_type=node.content_type,
            parameters=node.parameters,
            start=node.header.body,
            end=len(raw) if node.end < 0 else node.end,
            parent=node.parent,
        )
        for node in scan.nodes
    )
    leaves = tuple(i for i, node in enumerate(scan.nodes) if not node.has_children)
    return Structure(raw=raw, parts=parts, leaves=leaves, unreadable=scan.unreadable)


def _undivided(raw: bytes, header: Header, why: str) -> Structure:
    value = parameters.read(header.first("content-type"))
    mail = Part(
        header=header,
        content_type="text/plain",
        parameters=value,
        start=header.body,
        end=len(raw),
        parent=-1,
    )
    return Structure(raw=raw, parts=(mail,), leaves=(0,), unreadable=why)
