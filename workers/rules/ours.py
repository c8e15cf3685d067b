"""Agents who were given one of the desk's own addresses: mail to them would come back to it. Pure.

A running desk goes on and leaves out such a mail; who looks at the rules is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon.mail.address import extension_of
from daemon.mail.mailbox import fold
from workers.rules import document, people
from workers.rules.findings import Findings
from workers.rules.nodes import Mapping, Node, Scalar
from workers.rules.nodes import Sequence as List
from workers.rules.ruleset import RuleSet


def own_addresses(rules: RuleSet, ours: Sequence[str]) -> Findings:
    """Each of the desk's addresses that stands among an agent's, with its place."""
    found = Findings()
    for path, text in rules.texts.items():
        root = document.read(path, text, Findings()) if Path(path).name == people.FILE else None
        for agent, node in _addresses(root):
            if extension_of(ours, fold(node.text)) is not None:
                what = f"{node.text!r} is the desk's own address"
                hint = f"mail to agent {agent!r} would come back to it and is not sent"
                found.add(node.mark, what, hint)
    return found


def _addresses(root: Node | None) -> Iterator[tuple[str, Scalar]]:
    for agents in _at(root, "agents"):
        for entry in agents.entries if isinstance(agents, Mapping) else ():
            for node in _at(entry.value, "addresses"):
                each = node.items if isinstance(node, List) else (node,)
                yield from ((entry.key.text, one) for one in each if isinstance(one, Scalar))


def _at(node: Node | None, key: str) -> Iterator[Node]:
    if isinstance(node, Mapping):
        yield from (entry.value for entry in node.entries if entry.key.text == key)
