"""What the desk says to commands can be said in every language that it speaks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from daemon.desk.verbs import every
from workers.notices.messages import spoken

ROOT = Path(__file__).parents[3]
_SAID = {"TicketError", "UnknownTicket", "IllegalMove", "BadWords", "NotAllowed", "mistake", "say"}


def _calls() -> list[tuple[str, ast.Call]]:
    paths = [
        path for name in ("daemon/desk", "daemon/store", "workers")
        for path in (ROOT / name).rglob("*.py")
    ]  # fmt: skip
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in _SAID
    ]


def _name(function: ast.expr) -> str:
    return getattr(function, "id", "") or getattr(function, "attr", "")


def test_no_sentence_is_put_together_before_a_catalogue_can_find_it() -> None:
    calls = _calls()

    assert len(calls) > 60
    assert [
        place for place, call in calls for arg in call.args if isinstance(arg, ast.JoinedStr)
    ] == []


def test_every_verb_and_refusal_is_among_what_is_to_be_translated() -> None:
    found = {text for (text,) in spoken()}

    assert {verb.meaning for verb in every.VERBS} <= found
    assert {"no such command", "Done", "there is no ticket #%(number)s"} <= found


@pytest.mark.parametrize("text", sorted({text for (text,) in spoken()}))
def test_a_sentence_is_no_piece_of_one(text: str) -> None:
    assert len(text.split()) > 1 or text in {"Done", "Transcript"}
