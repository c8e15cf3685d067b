"""Address fields (RFC 5322 §3.4): a lenient reader, and the strict grammar for authority."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from daemon.mail import encoded
from daemon.mail.limits import ADDRESSES, NAME_CHARACTERS
from daemon.mail.message import Address

_TOKEN: Final = re.compile(r"\\.|[\"()<>,;:\\]|\s+|[^\\\"()<>,;:\s]+", re.DOTALL)
_ADDR_SPEC: Final = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@<>\"(),;:]{1,255}")
_ROUTE: Final = re.compile(r"(?:@[^,:]{0,255},?\s?){1,20}:")
_ATEXT: Final = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN: Final = rf"([{_ATEXT}]+(?:\.[{_ATEXT}]+)*@(?:{_LABEL}\.)*{_LABEL})"
#: One mailbox and nothing else: no comment, group, list, route, quoted local part, and no ``@``
#: outside the address but in a quoted name (security.md F8).
_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\""
_PHRASE: Final = rf"(?:[{_ATEXT}. \t\u00a1-\U0010ffff]|{_QUOTED})*"
_STRICT: Final = re.compile(rf"[ \t]*(?:{_PLAIN}|{_PHRASE}<{_PLAIN}>)[ \t]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def is_strict(value: str) -> bool:
    """True when the unfolded field is exactly one mailbox in a grammar without two readings."""
    if _CONTROL.search(value) or len(value) > 1000:
        return False
    found = _STRICT.fullmatch(value)
    if not found:
        return False
    address = found[1] or found[2]
    return len(address) <= 254 and address.index("@") <= 64


def fold(address: str) -> str:
    """An address as a key: the form in which two spellings of one mailbox are equal."""
    return address.strip().casefold()


def mailbox(address: str, name: str = "") -> Address:
    """An address with its domain in lower case and a clean name."""
    local, at, domain = address.rpartition("@")
    shown = encoded.clean(name).strip(" \"'")[:NAME_CHARACTERS].rstrip()
    return Address(f"{local}{at}{domain.lower()}", shown)


def addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of a field as far as they can be made out, at most 500; linear."""
    found = []
    for address, name in _Reader(value).mailboxes():
        if address or name:
            found.append(mailbox(address, name))
        if len(found) >= ADDRESSES:
            break
    return tuple(found)


class _Reader:
    """One pass over a field's tokens; quotes, comments and angles are states, not recursion."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.reset()

    def reset(self) -> None:
        self.phrase: list[str] = []
        self.comment: list[str] = []
        self.angle: list[str] | None = None
        self.quoted = False

    def mailboxes(self) -> Iterator[tuple[str, str]]:
        """(address, name) of each mailbox in turn."""
        state, depth = "", 0
        for token in _TOKEN.findall(self.value):
            if state == "(":
                depth += (token == "(") - (token == ")")
                state = "(" if depth else ""
                if depth:
                    self.comment.append(token[-1] if token[0] == "\\" else token)
            elif state == '"':
                state = "" if token == '"' else '"'
                if state:
                    self.put(token[-1] if token[0] == "\\" else token)
            elif state == "<":
                state = self.in_angle(token)
                if not state and token == ",":
                    yield self.close()
            elif token in ('"', "(", "<"):
                state, depth = self.open(token)
            elif token in (",", ";"):
                yield self.close()
            elif token == ":" and "@" not in "".join(self.phrase):
                # A group's name.
                self.reset()
            elif token != ">":
                self.phrase.append(token)
        yield self.close()

    def open(self, token: str) -> tuple[str, int]:
        if token == "<":
            if self.angle and _ADDR_SPEC.search("".join(self.angle)):
                # A second pair of angles: the first was the name, as its reader would show it.
                self.phrase.extend(self.angle)
            self.angle = []
        self.quoted = self.quoted or token == '"'
        return token, int(token == "(")

    def put(self, token: str) -> None:
        self.phrase.append(token)

    def in_angle(self, token: str) -> str:
        if self.angle is None:
            self.angle = []
        if token == ">":
            return ""
        if token == "," and _ADDR_SPEC.fullmatch("".join(self.angle).strip()):
            return ""
        if token == "<":
            self.angle = []
        elif token != '"':
            self.angle.append(token)
        return "<"

    def close(self) -> tuple[str, str]:
        """The mailbox so far."""
        phrase = "".join(self.phrase).strip()
        comment = "".join(self.comment).strip()
        angle = None if self.angle is None else "".join(self.angle).strip()
        self.reset()
        if angle:
            address = re.sub(r"\s+", "", _ROUTE.sub("", angle).removeprefix("mailto:"))
            if "@" in address or not _ADDR_SPEC.search(phrase):
                return address, encoded.words(phrase or comment)
        return _without_angle(phrase, comment)


def _without_angle(phrase: str, comment: str) -> tuple[str, str]:
    if found := _ADDR_SPEC.search(phrase):
        rest = phrase.replace(found[0], "", 1).strip(" \t[]'\"")
        return found[0].strip("'.[]").removeprefix("mailto:"), encoded.words(rest or comment)
    if "=?" in phrase:
        # The whole mailbox in encoded words: read for display; strictness has refused it.
        plain = encoded.words(phrase)
        if found := _ADDR_SPEC.search(plain):
            return found[0], plain.replace(found[0], "", 1).strip(" <>\"'")
        return "", plain
    return ("", phrase) if " " in phrase or "@" not in phrase else (phrase, comment)
