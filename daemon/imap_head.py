"""To whom a fetched mail was sent, and by whom: from a bounded look at its head. Pure.

IMAP has no envelope; these fields are what the delivering MTA left of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from daemon.mail.address import extension_of
from daemon.mail.limits import PEEK_BYTES

_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
_FIELD: Final = re.compile(
    rb"^(delivered-to|x-original-to|envelope-to|to|cc|return-path)[ \t]*:"
    rb"([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,255}")
_OF_THE_ENVELOPE: Final = frozenset({"delivered-to", "x-original-to", "envelope-to"})
_RETURN_PATH: Final = "return-path"


def recipients(raw: bytes, desk_addresses: Sequence[str]) -> tuple[str, ...]:
    """The desk's addresses that the head names, plus-addresses too; the MTA's fields first."""
    fields = [(name, value) for name, value in _fields(raw) if name != _RETURN_PATH]
    fields.sort(key=lambda field: field[0] not in _OF_THE_ENVELOPE)
    found: dict[str, str] = {}
    for _, value in fields:
        for address in _ADDRESS.findall(value):
            if extension_of(desk_addresses, address) is not None:
                found.setdefault(address.lower(), address)
    return tuple(found.values())


def return_path(raw: bytes) -> str:
    """The reverse-path that the last MTA wrote down; empty for ``<>`` and where there is none."""
    for name, value in _fields(raw):
        if name == _RETURN_PATH:
            found = _ADDRESS.search(value)
            return found[0] if found else ""
    return ""


def _fields(raw: bytes) -> Iterator[tuple[str, str]]:
    block = raw[:PEEK_BYTES]
    if end := _BLANK_LINE.search(block, 1):
        block = block[: end.start()]
    for name, value in _FIELD.findall(block):
        yield name.decode("ascii").lower(), value.decode("utf-8", "replace")
