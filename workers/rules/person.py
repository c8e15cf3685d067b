"""people.yaml: what agents and those who need help have in common. Pure."""

from __future__ import annotations

import re

from workers.rules import schema
from workers.rules.findings import Findings
from workers.rules.nodes import Entry, Node

LANGUAGE = re.compile(r"[a-z]{2,3}")


class Once:
    """Refuses what stands in the file a second time."""

    def __init__(self, what: str, found: Findings) -> None:
        self._what, self._found = what, found
        self._lines: dict[str, int] = {}

    def takes(self, value: str, node: Node) -> bool:
        first = self._lines.setdefault(value.lower(), node.mark.line)
        if first == node.mark.line:
            return True
        hint = f"first in line {first}"
        self._found.add(node.mark, f"the {self._what} {value!r} stands here a second time", hint)
        return False


def full_name(fields: dict[str, Entry], found: Findings) -> str:
    """As people see it."""
    return schema.text(fields["full_name"].value, found) if "full_name" in fields else ""


def addresses(fields: dict[str, Entry], once: Once, found: Findings) -> tuple[str, ...]:
    """Where mail comes from, in the order written; nobody else may have one of them."""
    nodes = schema.texts(fields["addresses"].value, found) if "addresses" in fields else ()
    read = ((schema.address(node, found), node) for _, node in nodes)
    return tuple(address for address, node in read if address and once.takes(address, node))


def language(fields: dict[str, Entry], found: Findings) -> str:
    """The code of a language, or empty."""
    if "language" not in fields:
        return ""
    node = fields["language"].value
    word = schema.text(node, found)
    if not word or LANGUAGE.fullmatch(word):
        return word
    found.add(node.mark, f"{word!r} is no code of a language", "expected such as en, ko or de")
    return ""
