"""People's words as a notice repeats them: cleaned, cut, guarded against commands. Pure."""

from __future__ import annotations

import re
from typing import Final

#: A command, whatever stands before it that a client may drop or that nobody sees.
_COMMAND: Final = re.compile("^(?=(?:[^\\S\n]|[\u00ad\u200b-\u200f\u2060\ufeff])*/)", re.MULTILINE)
_LINE_END: Final = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINK: Final = re.compile(r"\bhttp(s?)://", re.IGNORECASE)
_GUARD: Final = "│ "


def plain(text: str) -> str:
    """Text with one kind of line end and without controls, overrides and lone surrogates."""
    if text.replace("\n", "").isprintable():  # most texts; nothing of the kind is
        return text
    lined = _CONTROL.sub("", _LINE_END.sub("\n", text))
    return lined if lined.isascii() else _LONE_SURROGATE.sub("\ufffd", lined)


def guarded(text: str) -> str:
    """Plain text of which no line reads as a command to the one who quotes it back.

    An Outlook reply carries it unquoted below the answer (service-desk.md §3.2).
    """
    return _COMMAND.sub(_GUARD, text) if "/" in text else text


def cut(text: str, limit: int) -> tuple[str, int]:
    """The beginning of a text, and how many characters are left out; never within a line's end."""
    if len(text) <= limit:
        return text, 0
    return text[:limit].rstrip("\n"), len(text) - limit


def defanged(text: str) -> str:
    """Links that no client makes clickable (security.md, attack 28)."""
    return _LINK.sub(r"hxxp\1://", text)
