"""Parameters of MIME fields (RFC 2045 §5.1, RFC 2231): lenient, jointly decoded, linear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from daemon.mail import charset, encoded
from daemon.mail.limits import FIELD_BYTES

_PARAMETER: Final = re.compile(
    r";\s*+([^\s=;\"]{1,80})\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*+))", re.DOTALL
)
_COMMENT: Final = re.compile(r"\([^()\"]*+\)")
_ESCAPE: Final = re.compile(r"\\([\"\\])")
_SECTION: Final = re.compile(r"(.+?)\*(?:(\d{1,3})(\*?))?\Z")
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass(frozen=True, slots=True)
class Value:
    """A MIME field: its value in lower case, and its parameters by lower-case name."""

    value: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A parameter, or the empty text."""
        return self.parameters.get(name, "")


def read(raw: bytes, hint: str = "") -> Value:
    """Read Content-Type, Content-Disposition and their kind."""
    if not raw:
        return Value()
    text = encoded.raw(raw[:FIELD_BYTES], hint)
    value, semicolon, rest = text.partition(";")
    if not semicolon and "=" not in value:
        return Value(_COMMENT.sub("", value).strip(" \t\"'").lower())
    return Value(_COMMENT.sub("", value).strip(" \t\"'").lower(), _collect(";" + rest))


def media_type(value: str, default: str = "text/plain") -> str:
    """A well-formed media type; RFC 2045 §5.2 for what is none."""
    if value in ("html", "text/htm"):
        return "text/html"
    return value if _TYPE.fullmatch(value) else default


def _collect(text: str) -> dict[str, str]:
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for name, quoted, token in _PARAMETER.findall(text):
        value = _ESCAPE.sub(r"\1", quoted) if quoted else token.strip()
        section = _SECTION.match(name.lower()) if "*" in name else None
        if not section:
            plain.setdefault(name.lower(), encoded.words(value))
        else:
            extended = section[2] is None or bool(section[3])
            sections.setdefault(section[1], []).append((int(section[2] or 0), extended, value))
    return plain | {name: _join(parts) for name, parts in sections.items()}


def _join(parts: list[tuple[int, bool, str]]) -> str:
    label, data = "", b""
    for index, (_, extended, value) in enumerate(sorted(parts, key=lambda part: part[0])):
        piece = value
        if extended:
            if index == 0 and value.count("'") >= 2:
                label, _, piece = value.split("'", 2)
            data += unquote_to_bytes(piece)
        else:
            data += piece.encode("utf-8", "replace")
    return encoded.words(charset.decode(data, label)[0])
