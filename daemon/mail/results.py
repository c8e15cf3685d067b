"""Authentication-Results (RFC 8601): what a mail server says that it checked. Pure, linear.

Anybody can write such a field. ``spoken_by`` finds the one that our own server put there: the
topmost with exactly our name, above the server's own Received, below which all is the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

#: A field longer than this is not read; ours are not.
_MOST: Final = 16_384
_OUTSIDE: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|\\.|[()]|;|=|[^\s\"\\();=]+|[ \t]+", re.DOTALL)
#: In a comment a quotation mark is a letter like any other.
_INSIDE: Final = re.compile(r"\\.|[()]|[^\\()]+", re.DOTALL)
_DEPTH: Final = {"(": 1, ")": -1}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
#: The address that a server saw, in its own words about it: ``name (name [192.0.2.1])``.
_PEER: Final = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One method and its outcome: ``dkim=pass header.d=example.org``."""

    method: str
    outcome: str
    #: ``header.from``, ``header.d``, ``smtp.auth``, … in lower case, with their values.
    properties: dict[str, str] = field(default_factory=dict)
    #: What stood in parentheses: where servers write a domain's policy.
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One field, read whole."""

    #: As it is written: it is compared exactly.
    authserv_id: str
    results: tuple[Result, ...] = ()

    def of(self, method: str) -> tuple[Result, ...]:
        """Every result of a method."""
        return tuple(result for result in self.results if result.method == method)


def read(value: str) -> Results | None:
    """The field's meaning; None for one that does not keep to the grammar."""
    if len(value) > _MOST or _CONTROL.search(value):
        return None
    parts = _parts(value)
    if not parts or not parts[0].words:
        return None
    authserv_id, *version = parts[0].words
    if len(version) > 1 or "=" in (authserv_id, *version):
        return None
    results = [_result(part) for part in parts[1:] if part.words and part.words != ["none"]]
    if None in results:
        return None
    return Results(
        authserv_id=_plain(authserv_id), results=tuple(result for result in results if result)
    )


@dataclass(slots=True)
class _Part:
    """What stands between two semicolons."""

    words: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)


def _parts(value: str) -> list[_Part] | None:
    """The parts without their comments; None when a comment or a quotation has no end."""
    parts, depth, at = [_Part()], 0, 0
    while at < len(value):
        found = (_INSIDE if depth else _OUTSIDE).match(value, at)
        if not found:
            return None
        piece, at = found[0], found.end()
        is_comment = bool(depth) or piece == "("
        depth += _DEPTH.get(piece, 0)
        if depth < 0:
            return None
        if is_comment:
            parts[-1].comment.append(piece)
        elif piece == ";":
            parts.append(_Part())
        elif piece.strip():
            parts[-1].words.append(piece)
    return None if depth else parts


def _result(part: _Part) -> Result | None:
    """``method[/version]=outcome`` and then ``type.property=value`` or ``reason=value``."""
    pairs = list(_pairs(part.words))
    if not pairs or None in pairs:
        return None
    (name, outcome), *more = [pair for pair in pairs if pair]
    properties: dict[str, str] = {}
    for key, value in more:
        # Said twice, it is not said.
        properties[key] = value if properties.get(key, value) == value else ""
    return Result(
        method=name.partition("/")[0],
        outcome=outcome.lower(),
        properties=properties,
        comment="".join(part.comment),
    )


def _pairs(words: list[str]) -> Iterator[tuple[str, str] | None]:
    for at in range(0, len(words), 3):
        name, equals, value = (*words[at : at + 3], "", "")[:3]
        is_pair = equals == "=" and name != "=" and value not in {"", "="}
        yield (name.lower(), _plain(value)) if is_pair else None


def _plain(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[:1] == '"' else word


def spoken_by(
    fields: Iterable[tuple[str, bytes]], authserv_id: str, server: str
) -> tuple[Results | None, str]:
    """What the server ``server``, signing as ``authserv_id``, says; and the peer that it saw.

    Fields are in the mail's order. Nothing is believed below the server's topmost Received, nor
    when there is none: then nobody knows where the sender's own fields begin.
    """
    found: Results | None = None
    for name, value in fields:
        if name == "received" and received_by(value) == server.lower():
            return found, peer_of(value)
        if name == "authentication-results" and found is None:
            results = read(value.decode("utf-8", "replace"))
            if results and results.authserv_id == authserv_id:
                found = results
    return None, ""


def received_by(value: bytes) -> str:
    """The host that a Received field says it was written by, in lower case."""
    parts = _parts(value.decode("utf-8", "replace")[:_MOST])
    words = [word.lower() for word in parts[0].words] if parts else []
    at = words.index("by") + 1 if "by" in words else len(words)
    return words[at] if at < len(words) else ""


def peer_of(value: bytes) -> str:
    """The address that the writer of a Received field saw its peer at; empty when it has none."""
    # What stands before the parentheses is the peer's own word.
    text = value.decode("utf-8", "replace")[:_MOST].partition(" by ")[0].partition("(")[2]
    found = _PEER.findall(text)
    return found[-1].lower() if found else ""
