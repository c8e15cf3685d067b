"""What a rule file must look like: typed readings of nodes, every mistake with its place. Pure.

A reading never raises: after a mistake it returns an empty value and goes on, so that one run
finds all mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from daemon.mail.mailbox import fold
from workers.rules.findings import Findings, nearest
from workers.rules.nodes import Entry, Mapping, Node, Scalar, Sequence, kind_of

#: A domain, and a part of an address: in a regular expression that editors understand, too.
WORD = r'[^\s@<>,;:"()\[\]]+'
_ADDRESS = re.compile(f"{WORD}@{WORD}")
_DOMAIN = re.compile(WORD)


def keys(
    node: Node, found: Findings, *, of: str, known: Collection[str], needed: Collection[str] = ()
) -> dict[str, Entry]:
    """A mapping with only these keys, and with all that are needed."""
    entries = {entry.key.text: entry for entry in items(node, found)}
    meant: set[str] = set()
    for name, entry in entries.items():
        if name not in known:
            found.unknown(entry.key.mark, f"key in {of}", name, known)
            meant.add(nearest(name, known) if needed and len(meant) < len(known) else "")
    if isinstance(node, Mapping):
        # A misspelt key is one mistake, not two.
        for name in (each for each in needed if each not in meant | set(entries)):
            found.add(node.mark, f"{of} has no {name!r}", f"expected '{name}: …'")
    return {name: entry for name, entry in entries.items() if name in known}


def items(node: Node, found: Findings) -> tuple[Entry, ...]:
    """A mapping with keys of the admin's choosing; nothing is an empty one."""
    if isinstance(node, Mapping):
        return node.entries
    if not _is_nothing(node):
        found.add(node.mark, "this is not a mapping", f"expected keys, found {kind_of(node)}")
    return ()


def elements(node: Node, found: Findings) -> tuple[Node, ...]:
    """A list; nothing is an empty one."""
    if isinstance(node, Sequence):
        return node.items
    if not _is_nothing(node):
        found.add(node.mark, "this is not a list", f"expected a list, found {kind_of(node)}")
    return ()


def text(node: Node, found: Findings) -> str:
    """One text that is not empty; a plain number or truth value counts as written."""
    if isinstance(node, Scalar) and node.text.strip() and not _is_nothing(node):
        return node.text.strip()
    what = "an empty text" if isinstance(node, Scalar) and not node.is_plain else kind_of(node)
    found.add(node.mark, "this is not a text", f"expected a text, found {what}")
    return ""


def texts(node: Node, found: Findings) -> tuple[tuple[str, Node], ...]:
    """One text, or a list of them, each with its place."""
    if isinstance(node, Scalar):
        return tuple(_each((node,), found))
    several = elements(node, found)
    if isinstance(node, Sequence) and not several:
        found.add(node.mark, "this list is empty", "expected at least one text")
    return tuple(_each(several, found))


def listed(node: Node, found: Findings) -> tuple[tuple[str, Node], ...]:
    """A list of texts, each with its place; it may be empty."""
    return tuple(_each(elements(node, found), found))


def _each(nodes: tuple[Node, ...], found: Findings) -> Iterator[tuple[str, Node]]:
    for node in nodes:
        if value := text(node, found):
            yield value, node


def choice(node: Node, found: Findings, *, what: str, known: Collection[str]) -> str:
    """One of the known words, as they are written here."""
    word = text(node, found)
    if not word or word in known:
        return word
    found.unknown(node.mark, what, word, known)
    return ""


def flag(node: Node, found: Findings) -> bool:
    """True or false, and no other word for them."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    found.add(node.mark, "this is not a truth value", "expected true or false")
    return False


def whole(node: Node, found: Findings, *, least: int, most: int) -> int:
    """A whole number in a range."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    hint = f"expected a whole number from {least} to {most}"
    found.add(node.mark, "this is not such a number", hint)
    return least


def address(node: Node, found: Findings) -> str:
    """A bare mail address, folded."""
    value = text(node, found)
    if not value or _ADDRESS.fullmatch(value):
        return fold(value)
    found.add(node.mark, f"{value!r} is not a mail address", "expected such as ann@example.com")
    return ""


def place(node: Node, found: Findings) -> str:
    """A bare mail address, or ``@domain`` for everybody there, folded."""
    value = text(node, found)
    if value.startswith("@") and _DOMAIN.fullmatch(value[1:]):
        return fold(value)
    return address(node, found) if value else ""


def domain(node: Node, found: Findings) -> str:
    """A mail domain, folded."""
    value = text(node, found)
    if not value or _DOMAIN.fullmatch(value):
        return fold(f"@{value}").removeprefix("@")
    found.add(node.mark, f"{value!r} is not a mail domain", "expected such as example.com")
    return ""


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_plain and node.value is None
