"""The desk's signed addresses and Message-IDs: who was written to, about what.

A token is a bearer of evidence, not of rights: what it proves, and together with what, is
``proof.py``'s to say. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

#: The desk's keys: the first signs, each is still believed, so that one can follow another.
Keys = tuple[bytes, ...]

#: 100 bits in base32.
_MAC: Final = 20
_NUMBER: Final = r"(0|[1-9][0-9]{0,17})"
_TOKEN: Final = re.compile(rf"{_NUMBER}\.([rnbc]){_NUMBER}\.{_NUMBER}\.([a-z2-7]{{{_MAC}}})")
_LOCAL_PART: Final = 64


class Purpose(StrEnum):
    """What a signed address is for; a note's is never good for a public reply."""

    REPLY = "r"
    NOTE = "n"
    BOUNCE = "b"
    #: Its subject is a question of ours, which the address may answer.
    CONFIRM = "c"


@dataclass(frozen=True, slots=True)
class Token:
    """What a signature covers, all of it."""

    purpose: Purpose
    #: The ticket's number; for a bounce the outbox row's id.
    subject: int
    #: The person that the address was given to.
    person: int
    #: Raised to revoke the addresses given before.
    generation: int = 0


@lru_cache(maxsize=1024)  # one token is in three places of a mail
def sign(keys: Keys, token: Token) -> str:
    """The token as the extension of an address: ``48213.r32.0.<mac>``."""
    claim = f"{token.subject}.{token.purpose.value}{token.person}.{token.generation}"
    return f"{claim}.{_mac(keys[0], claim)}"


def verify(keys: Keys, text: str) -> Token | None:
    """The token whose signature this is, or None; takes the same time for every wrong one."""
    found = _TOKEN.fullmatch(text.lower()) if text.isascii() else None
    if not found:
        return None
    claim, _, mac = found[0].rpartition(".")
    if not any(hmac.compare_digest(_mac(key, claim), mac) for key in keys):
        return None
    return Token(Purpose(found[2]), int(found[1]), int(found[3]), int(found[4]))


def plus_address(desk_address: str, extension: str) -> str:
    """``help+extension@example.org``; the bare address where that would pass 64 octets.

    RFC 5321 §4.5.3.1.1 limits the local part; the thread then hangs on the Message-ID alone.
    """
    local, _, domain = desk_address.rpartition("@")
    extended = f"{local}+{extension}"
    return f"{extended}@{domain}" if len(extended.encode()) <= _LOCAL_PART else desk_address


def extension_of(desk_addresses: Sequence[str], address: str) -> str | None:
    """What stands after the plus in one of our addresses; empty for the bare one, None for others.

    The match is exact in local part and domain, but for case.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    for ours in desk_addresses:
        our_local, _, our_domain = ours.strip().lower().rpartition("@")
        if domain != our_domain or not local.startswith(our_local):
            continue
        rest = local[len(our_local) :]
        if not rest or rest[0] == "+":
            return rest[1:]
    return None


def message_id(keys: Keys, token: Token, unique: str, domain: str) -> str:
    """A Message-ID, without brackets, that says when quoted what it was sent about and to whom."""
    return f"{sign(keys, token)}.{unique}@{domain}"


def token_of_message_id(keys: Keys, message_id: str) -> Token | None:
    """The token in a Message-ID of ours, or None."""
    parts = message_id.strip("<> \t").partition("@")[0].split(".", 4)
    return verify(keys, ".".join(parts[:4])) if len(parts) == 5 else None


def _mac(key: bytes, claim: str) -> str:
    digest = hmac.digest(key, b"postdesk token 1\0" + claim.encode("ascii"), hashlib.sha256)
    return base64.b32encode(digest[:15]).decode("ascii").lower()[:_MAC]
