"""Which charset a mail most likely speaks where it does not say so. Pure."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail import guess
from daemon.mail.headers import Header
from daemon.mail.structure import Structure

_WORD: Final = re.compile(rb"=\?([a-zA-Z0-9_-]{2,30})(?:\*[a-z-]{1,8})?\?[bBqQ]\?")
_SAMPLE: Final = 2000


def for_header(structure: Structure) -> str:
    """The charset of the first text, which raw 8-bit header text most likely has too.

    Where no text says, that of all such header text together: a name alone is too short to tell.
    """
    for index in structure.leaves[:5]:
        part = structure.parts[index]
        if part.content_type.startswith("text/") and (name := part.parameters.get("charset")):
            return name
    fields = structure.parts[0].header.fields
    raw = b" ".join(value for _, value in fields if not value.isascii() and not _is_utf8(value))
    return guess.charset(raw + b" " + _sample(structure)) if raw else ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sample(structure: Structure) -> bytes:
    """The beginning of the first text, where it has signs that are not UTF-8 either."""
    part = structure.parts[structure.leaves[0]] if structure.leaves else structure.parts[0]
    data = structure.raw[part.start : min(part.end, part.start + _SAMPLE)]
    return b"" if data.isascii() or _is_utf8(data) else data


def of_header(header: Header) -> str:
    """The charset in which the sender's program wrote the header."""
    for name in ("subject", "from"):
        if found := _WORD.search(header.first(name)[:4096]):
            return found[1].decode("ascii")
    return ""
