"""Address fields (RFC 5322 §3.4): a lenient reader, and the strict grammar for authority."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from daemon.mail import encoded
from daemon.mail.limits import ADDRESSES, NAME_CHARACTERS
from daemon.mail.message import Address

_PIECE: Final = re.compile(
    r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\"<>]*+\?=|\\.|[\"()<>,;:\\]|\s+|[^\\\"()<>,;:\s]+", re.DOTALL
)
_OPENING: Final = frozenset('(<"')
_SEPARATORS: Final = frozenset(",;")
#: What nearly every mailbox looks like.
_SIMPLE: Final = re.compile(
    r"\s*(?:((?:[\w .'-]|=\?[\w-]{1,40}\?[bBqQ]\?[\w+/=.-]{0,80}\?=){0,100})"
    r"<([\w.+-]{1,64}@[\w.-]{1,255})>|([\w+-][\w.+-]{0,63}@[\w.-]{1,254}[\w-]))\s*",
    re.ASCII,
)
_SPACED_AT: Final = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64}+) {0,3}@ {0,3}([\w.-]{1,255}(?=\s*(?:[>,;]|$)))", re.ASCII
)
_ADDR_SPEC: Final = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@<>\"(),;:]{1,255}")
_ATOMS: Final = re.compile(r"[^\s@<>\"(),;:\\\[\].]+(?:\.[^\s@<>\"(),;:\\\[\].]+)*")
_QUOTED_SPEC: Final = re.compile(r"\"((?:[^\"\\]|\\.){1,64})\"@([^\s@<>\"(),;:]{1,255})")
_ROUTE: Final = re.compile(r"(?:@[^,:@\s]{0,255}\s?,\s?){0,20}@[^,:@\s]{0,255}\s?:")
_ATEXT: Final = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN: Final = rf"([{_ATEXT}]+(?:\.[{_ATEXT}]+)*@(?:{_LABEL}\.)*{_LABEL})"
#: One mailbox and nothing else: no comment, group, list, route, quoted local part, and no ``@``
#: outside the address but in a quoted name (security.md F8).
_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\""
_PHRASE: Final = rf"(?:[{_ATEXT}. \t\u00a1-\U0010ffff]|{_QUOTED})*"
_STRICT: Final = re.compile(rf"[ \t]*(?:{_PLAIN}|{_PHRASE}<{_PLAIN}>)[ \t]*")
#: The same beyond ASCII (RFC 6532 §3.2); which characters, ``_is_plain`` says.
_WIDE: Final = r"\u00a1-\U0010ffff"
_WIDE_LABEL: Final = rf"[A-Za-z0-9{_WIDE}](?:[A-Za-z0-9{_WIDE}-]{{0,61}}[A-Za-z0-9{_WIDE}])?"
_WIDE_PLAIN: Final = (
    rf"([{_ATEXT}{_WIDE}]+(?:\.[{_ATEXT}{_WIDE}]+)*@(?:{_WIDE_LABEL}\.)*{_WIDE_LABEL})"
)
_WIDE_STRICT: Final = re.compile(rf"[ \t]*(?:{_WIDE_PLAIN}|{_PHRASE}<{_WIDE_PLAIN}>)[ \t]*")
_LOOK_LATIN: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "COPTIC", "CHEROKEE")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def is_strict(value: str) -> bool:
    """True when the unfolded field is exactly one mailbox in a grammar without two readings."""
    if _CONTROL.search(value) or len(value) > 1000:
        return False
    found = _STRICT.fullmatch(value) or _WIDE_STRICT.fullmatch(value)
    if not found:
        return False
    address = found[1] or found[2]
    is_short = len(address) <= 254 and address.index("@") <= 64
    return is_short and (address.isascii() or _is_plain(address))


def _is_plain(address: str) -> bool:
    """True when beyond ASCII it has letters, marks and digits only, in the form of RFC 6532 §3.1.

    No character that looks like an ``@`` or a dot, hides, or turns the direction of reading; no
    Latin letters among the Cyrillic or Greek ones that look like them (security.md, attack 4).
    """
    wide = [character for character in address if not character.isascii()]
    has_words = all(unicodedata.category(character)[0] in "LMN" for character in wide)
    if not has_words or unicodedata.normalize("NFKC", address) != address:
        return False
    is_alike = any(unicodedata.name(each, "").startswith(_LOOK_LATIN) for each in wide)
    return not (is_alike and re.search("[A-Za-z]", address.rpartition(".")[0] or address))


def fold(address: str) -> str:
    """An address as a key: the form in which two spellings of one mailbox are equal.

    RFC 5321 §2.4 lets a host tell ``Ann@`` from ``ann@``; no desk can afford to. Beyond ASCII the
    composed and the decomposed form are one, and so are a domain and its A-labels (RFC 5890).
    """
    address = address.strip()
    if address.isascii():
        return address.lower()
    local, at, domain = unicodedata.normalize("NFC", address.casefold()).rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return f"{local}{at}{domain}"


def mailbox(address: str, name: str = "") -> Address:
    """An address with its domain in lower case and a clean name."""
    local, at, domain = encoded.clean(address).rpartition("@")
    shown = encoded.clean(name).strip(" \"'")[:NAME_CHARACTERS].rstrip()
    return Address(f"{local}{at}{domain.lower()}", shown)


def addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of a field as far as they can be made out, at most 500; linear."""
    if " @" in value or "@ " in value:
        # RFC 5322 §4.4 once let blanks stand there.
        value = _SPACED_AT.sub(r"\1@\2", value)
    simple = [_SIMPLE.fullmatch(one) for one in value.split(",", 20)]
    if all(simple):
        return tuple(_simple(one) for one in simple if one)
    found = []
    for address, name in _Reader(value).mailboxes():
        if address or name:
            found.append(mailbox(address, name))
        if len(found) >= ADDRESSES:
            break
    return tuple(found)


def _simple(found: re.Match[str]) -> Address:
    return mailbox(found[2] or found[3], encoded.words(found[1] or ""))


class _Reader:
    """One pass over a field's pieces; quotes, comments and angles are states, not recursion."""

    def __init__(self, value: str) -> None:
        self.value = value
        #: The opening character of what the reader is inside of, or empty.
        self.state = ""
        self.depth = 0
        self.reset()

    def reset(self) -> None:
        self.phrase: list[str] = []
        self.comment: list[str] = []
        self.angle: list[str] | None = None
        #: Where in the phrase the last quoted piece begins.
        self.quoted = -1

    def mailboxes(self) -> Iterator[tuple[str, str]]:
        """(address, name) of each mailbox in turn."""
        steps = {"": self.outside, "(": self.in_comment, '"': self.in_quotes, "<": self.in_angle}
        for piece in _PIECE.findall(self.value):
            if steps[self.state](piece):
                yield self.close()
        yield self.close()

    def outside(self, piece: str) -> bool:
        """Take a piece between the delimited ones; True when it ends a mailbox."""
        if piece in _OPENING:
            self.state, self.depth = piece, 1
            self.quoted = len(self.phrase) if piece == '"' else -1
            if piece == "<":
                self.open_angle()
        elif piece[0] == "@" and self.quoted >= 0:
            self.phrase[self.quoted :] = [_quoted("".join(self.phrase[self.quoted :])), piece]
            self.quoted = -1
        elif piece in _SEPARATORS:
            return True
        elif piece == ":" and "@" not in "".join(self.phrase[-20:]):
            # What stood before it was a group's name.
            self.reset()
        elif piece != ">":
            self.phrase.append(piece)
            self.quoted = -1
        return False

    def open_angle(self) -> None:
        if self.angle and _ADDR_SPEC.search("".join(self.angle)):
            # A second pair of angles: the first was the name, as a reader would take it.
            self.phrase.extend(self.angle)
        self.angle = []

    def in_comment(self, piece: str) -> bool:
        self.depth += (piece == "(") - (piece == ")")
        if self.depth:
            self.comment.append(_unescaped(piece))
        else:
            self.state = ""
        return False

    def in_quotes(self, piece: str) -> bool:
        if piece == '"':
            self.state = ""
        else:
            self.phrase.append(_unescaped(piece))
        return False

    def in_angle(self, piece: str) -> bool:
        if self.angle is None or piece == "<":
            self.angle = []
        elif piece == ">":
            self.state = ""
        elif piece == "," and _ADDR_SPEC.fullmatch("".join(self.angle[-50:]).strip(' "')):
            self.state = ""
            return True
        else:
            self.angle.append(piece)
        return False

    def close(self) -> tuple[str, str]:
        """The mailbox so far."""
        phrase = "".join(self.phrase).strip()
        comment = "".join(self.comment).strip()
        angle = None if self.angle is None else "".join(self.angle).strip()
        self.reset()
        if angle:
            address = _unquoted(_ROUTE.sub("", angle).removeprefix("mailto:"))
            if "@" in address or not _ADDR_SPEC.search(phrase):
                return address, encoded.words(phrase or comment)
        return _without_angle(phrase, comment)


def _quoted(local: str) -> str:
    """A local part that stood in quotes: they stay where it means nothing without them."""
    return local if _ATOMS.fullmatch(local) or not local else f'"{local}"'


def _unquoted(angle: str) -> str:
    """What stands in angles, without blanks and without quotes that are no part of an address."""
    if found := _QUOTED_SPEC.fullmatch(angle.strip()):
        return f"{_quoted(found[1])}@{found[2]}"
    return re.sub(r"[\s\"]+", "", angle)


def _unescaped(piece: str) -> str:
    return piece[1:] if piece[0] == "\\" and len(piece) == 2 else piece


def _without_angle(phrase: str, comment: str) -> tuple[str, str]:
    if found := _QUOTED_SPEC.search(phrase):
        return found[0], encoded.words(comment)
    if found := _ADDR_SPEC.search(phrase):
        rest = phrase.replace(found[0], "", 1).strip(" \t[]'\"<>")
        address = found[0].strip("'.").removeprefix("mailto:")
        # Brackets around an address, unless they are those of a domain literal.
        bare = address if "@[" in address else address.strip("'.[]")
        return bare, encoded.words(rest or comment)
    if "=?" in phrase:
        # The whole mailbox in encoded words: read for display; strictness has refused it.
        plain = encoded.words(phrase)
        if found := _ADDR_SPEC.search(plain):
            return found[0], plain.replace(found[0], "", 1).strip(" <>\"'")
        return "", plain
    return ("", phrase) if " " in phrase or "@" not in phrase else (phrase, comment)
