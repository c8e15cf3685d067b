"""A display name that is not its sender's: whom it imitates, by whichever letters. Pure.

Anybody writes any name beside his address (security.md, attack 4). An agent always sees the
address; here he is told where the name is made to lead him astray.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from daemon.desk.people import Directory, fold

#: Letters of other alphabets that look like these Latin ones, both in lower case.
_LOOK: Final = str.maketrans(
    "аеорсухівјѕһԁԛԝьɡᴀαορνυικτηγϲϳ01|",
    "aeopcyxibjshdqwbgaaopvuikthycjoll",
)
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@<>\"(),;:]{1,253}")
_ALPHABETS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_WORD: Final = re.compile(r"[^\W\d_]+")


def doubts(directory: Directory, name: str, address: str) -> Iterator[str]:
    """What an agent should know before he believes the name beside an address."""
    if not name:
        return
    own = fold(address)
    known = imitated(directory, name, own)
    if known:
        yield f"The name is {known}'s, the address {address} is not."
    others = [found for found in _ADDRESS.findall(name) if fold(found) != own]
    if others and own:
        yield f"The name shows the address {others[0]}; the sender's is {address}."
    # All letters of ASCII are Latin ones.
    if not name.isascii() and any(len(_alphabets(word)) > 1 for word in _WORD.findall(name)):
        yield "The name mixes letters of several alphabets, as one that imitates another does."


def imitated(directory: Directory, name: str, address: str) -> str:
    """Whose full name it is or begins with, of those whom an impostor would be; else empty."""
    words = skeleton(name)
    for full, addresses in _worth_imitating(directory):
        if address not in addresses and f"{words} ".startswith(f"{skeleton(full)} "):
            return full
    return ""


@lru_cache(maxsize=4096)  # the same agents, for every mail
def skeleton(name: str) -> str:
    """The name as the eye takes it: one word for each that looks the same."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(one for one in plain.translate(_LOOK) if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", seen)))


def _worth_imitating(directory: Directory) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Agents, and those whose tickets rank higher."""
    for agent in directory.agents:
        yield agent.full_name, agent.addresses
    for one in directory.contacts:
        if one.full_name and not directory.vips.isdisjoint(one.addresses):
            yield one.full_name, one.addresses


def _alphabets(word: str) -> set[str]:
    return {
        alphabet
        for letter in word
        for alphabet in _ALPHABETS
        if unicodedata.name(letter, "").startswith(alphabet)
    }
