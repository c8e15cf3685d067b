"""macros.yaml: what is read, and every mistake with its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.rules.conftest import Write
from workers.rules.load import RuleSet, RulesInvalid, load

GOOD = """\
macros:
  VPN-reset:
    says: a new password
    text:
      en: "Go to {url}, #{number}."
      ko: "{url} 로 가십시오."
    commands: [/tag +vpn, "/wait customer until {until}", /assign support]
    values: {url: https://x.example, until: +2d, site: }
  spam: {commands: /cancel spam}
  hi: {text: Hello.}
"""


def test_macros_are_off_without_their_file(rules: Callable[..., RuleSet]) -> None:
    assert rules().macros == {}


def test_macro_has_texts_commands_and_words(rules: Callable[..., RuleSet]) -> None:
    macros = rules(macros=GOOD).macros

    reset = macros["vpn-reset"]
    assert list(macros) == ["vpn-reset", "spam", "hi"]
    assert reset.usage == "/macro vpn-reset [url=https://x.example] [until=+2d] site=…"
    assert (reset.text("ko"), reset.text("fr")) == ("{url} 로 가십시오.", "Go to {url}, #{number}.")
    assert reset.commands[0] == "/tag +vpn"
    assert macros["hi"].text("de") == "Hello."


@pytest.mark.parametrize(
    ("macro", "line", "column", "message", "hint"),
    [
        ("a: {txt: x, commands: /take}", 2, 7, "unknown key in macro 'a' 'txt'", "mean 'text'?"),
        ("a: {says: x}", 2, 3, "macro 'a' does nothing", "expected 'text: …'"),
        ("a b: {text: x}", 2, 3, "'a b' cannot be said", "expected one word"),
        ("A: {text: x}\n  a: {text: y}", 3, 3, "'a' stands here a second time", ""),
        ("a: {text: {english: x}}", 2, 14, "'english' is no code of a language", "such as en"),
        ("a: {text: 'go {urll}', values: {url: x}}", 2, 13, "'urll'", "did you mean 'url'?"),
        ("a: {text: x, values: {number: 1}}", 2, 25, "'number' cannot be filled in", "none of"),
        ("a: {commands: [/take, /resovle]}", 2, 25, "no such command", "mean '/resolve'?"),
        ("a: {commands: /assign suport}", 2, 17, 'no team or agent "suport"', "/assign support"),
        ("a: {commands: take}", 2, 17, "does not begin with /", ""),
        ("a: {commands: /macro b}\n  b: {text: x}", 2, 17, "there are no macros here", ""),
        ("a: {commands: '/frob {x}', values: {x: }}", 2, 17, "no such command", ""),
        ("a: {commands: '/tag +{number}'}", 2, 17, "unknown word to fill in 'number'", ""),
    ],
)
def test_mistake_is_told_with_its_place(
    write: Write, macro: str, line: int, column: int, message: str, hint: str
) -> None:
    with pytest.raises(RulesInvalid) as caught:
        load(write(macros=f"macros:\n  {macro}\n"))

    [error] = caught.value.errors
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert hint in error.hint
