"""Commands at the top of an agent's answer: what counts, what is text, what is a mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.desk.people import Agent, Directory, Team
from daemon.desk.update import Assign, Note, Resolve, Take
from daemon.desk.verbs.grammar import Orders, read
from daemon.desk.verbs.verb import Speaker

ANN = Agent(name="ann", full_name="Ann Agent", addresses=("ann@desk.test",))
BO = Agent(name="bo", full_name="Bo Agent", addresses=("bo@desk.test", "bo@home.test"))
SPEAKER = Speaker(
    agent=ANN,
    directory=Directory(agents=(ANN, BO), teams=(Team(name="network", members=("bo",)),)),
)


def _read(answer: str) -> Orders:
    return read(answer, SPEAKER)


@pytest.mark.parametrize(
    ("answer", "commands", "text"),
    [
        ("Hello", (), "Hello"),
        ("/take\nHello", (Take(agent="ann"),), "Hello"),
        ("/TAKE  \n\nHello", (Take(agent="ann"),), "Hello"),
        ("/assign bo", (Assign(agent="bo"),), ""),
        ("/assign bo@home.test", (Assign(agent="bo"),), ""),
        ("/assign Network\n/resolve\nDone", (Assign(team="network"), Resolve()), "Done"),
        ("/res\nDone", (Resolve(),), "Done"),
        ("/note\nFor us", (Note(),), "For us"),
        ("/note He is wrong\nagain", (Note(),), "He is wrong\nagain"),
        ("Hello\n/resolve", (), "Hello\n/resolve"),
        (" /resolve", (), " /resolve"),
        ("> /resolve", (), "> /resolve"),
        ("/etc/passwd is broken", (), "/etc/passwd is broken"),
        ("/home is full", (), "/home is full"),
    ],
)
def test_commands_are_the_first_block(answer: str, commands: tuple[object, ...], text: str) -> None:
    orders = _read(answer)

    assert (orders.commands, orders.text, orders.mistakes) == (commands, text, ())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("/resovle\nDone", "Did you mean /resolve?"),
        ("/assign netwrok", "Did you mean /assign network?"),
        ("/assign", "/assign whom?"),
        ("/assign zz", "Teams: network. Agents: ann, bo."),
        ("/take now", "/take has no words after it"),
        ("/resolve fixed", "write what was done below it"),
        ("/take\n/frobnicate\nText", "no such command"),
    ],
)
def test_a_mistake_is_named_and_hinted(answer: str, words: str) -> None:
    [mistake] = _read(answer).mistakes

    assert mistake.startswith("/")
    assert words in mistake


@given(st.text())
def test_any_answer_is_read(answer: str) -> None:
    orders = _read(answer)

    assert all(line in answer for line in orders.text.splitlines())


@given(st.text(alphabet="ab /\n>", max_size=60))
def test_a_line_that_is_not_in_the_first_block_never_commands(text: str) -> None:
    orders = _read(f"Dear Ana,\n{text}\n/resolve\n/take")

    assert orders.commands == ()
    assert orders.mistakes == ()
