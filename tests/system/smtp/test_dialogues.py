"""Conversations kept as files: what the client says, what it hears, what is stored.

``c:`` a line from the client (CRLF added), ``c>`` bytes as they are (CRLF only where written);
``s:`` the start of the next reply, of its last line if it has several; ``s~`` an expression found
in that reply; ``eof`` the server closes. At the top: ``protocol:``, and ``set:`` for a setting. At
the end: ``stored:`` sender, recipients and bytes of each mail, in order.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.system.smtp.house import House, ListDoor, Wire

_FOLDER = Path(__file__).parents[2] / "dialogues"
_FILES = sorted(_FOLDER.glob("*.smtp"))


def _raw(text: str) -> bytes:
    literal = ast.literal_eval('b"' + text.replace('"', '\\"') + '"')
    assert isinstance(literal, bytes)
    return literal


def _read(path: Path) -> list[tuple[str, str]]:
    steps = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([a-z]+[:>~]|eof) ?(.*)", line)
            assert match, f"{path.name}: {line}"
            steps.append((match[1], match[2]))
    return steps


class _Player:
    def __init__(self, wire: Wire) -> None:
        self.wire, self.said, self.heard = wire, b"", ""

    def play(self, word: str, text: str) -> None:
        if word == "c:":
            self.said += text.encode() + b"\r\n"
        elif word == "c>":
            self.said += _raw(text)
        elif word == "s:":
            self._hear()
            assert self.heard.splitlines()[-1:], f"closed instead of {text}"
            assert self.heard.splitlines()[-1].startswith(text), (text, self.heard)
        elif word == "s~":
            assert re.search(text, self.heard, re.MULTILINE), (text, self.heard)
        else:
            self._hear()
            assert self.heard == "", self.heard

    def _hear(self) -> None:
        self.wire.send(self.said)
        self.said = b""
        self.heard = self.wire.reply()


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
@pytest.mark.parametrize("path", _FILES, ids=[path.stem for path in _FILES])
def test_dialogue_runs_as_written(
    path: Path, loop: str, start: Callable[..., House], door: ListDoor
) -> None:
    steps = _read(path)
    settings: dict[str, Any] = {}
    for word, text in steps:
        if word == "set:":
            settings |= tomllib.loads(text)
    protocol = dict(steps).get("protocol:", "smtp")
    stored = [ast.literal_eval(text) for word, text in steps if word == "stored:"]

    with start(loop=loop, **settings).connect(protocol) as wire:
        player = _Player(wire)
        for word, text in steps:
            if word not in ("set:", "protocol:", "stored:"):
                player.play(word, text)

    taken = [(each.envelope.sender, each.envelope.recipients, each.raw) for each in door.taken]
    assert taken == stored
