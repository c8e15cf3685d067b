"""``/macro``: a canned answer, said by an agent with his own rights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.desk.macros import Macro
from daemon.desk.ticket import State
from daemon.desk.verbs import card
from daemon.desk.weight import weighty
from tests.unit.desk.house import AGENT, REQUESTER, House, read, say, ticket

RESET = Macro(
    name="reset",
    says="a new password",
    texts={"en": "Go to {url}, {agent} says.", "ko": "#{number}: {url}"},
    commands=("/wait customer until {until}", "/tag +password"),
    values={"url": "x.example", "until": "+2d"},
)
VISIT = Macro(name="visit", texts={"": "At {time}. {subject}"}, values={"time": None})
JOIN = Macro(name="join", commands=("/merge #8",))
ANN = replace(AGENT, macros={one.name: one for one in (RESET, VISIT, JOIN)})


def test_macro_says_its_text_and_does_its_commands() -> None:
    said = say("/macro reset\n/take\nCall me.", speaker=ANN)

    assert said.mistakes == ()
    assert said.deed.text == "Go to x.example, Ann Agent says.\n\nCall me."
    assert (said.ticket.state, said.ticket.wait_reason) == (State.WAITING, "customer")
    assert (said.ticket.tags, said.ticket.owner) == (("password",), "ann")


def test_text_is_in_the_tickets_language_and_takes_words() -> None:
    korean = say("/macro reset url=y.example", ticket(language="ko"), speaker=ANN)
    quoted = say('/vorlage visit time="ten {number}"', speaker=ANN)

    assert korean.deed.text == "#7: y.example"
    assert quoted.deed.text == "At ten {number}. Printer"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/macro rest", 'no macro "rest". Macros: reset, visit, join'),
        ("/macro", "/macro which? reset, visit, join"),
        ("/macro visit", "time? Write /macro visit time=…"),
        ("/macro visit tiem=now", '"tiem=now" is none of its words: /macro visit time=…'),
        ("/macro reset until=never", "never"),
    ],
)
def test_mistake_is_told(line: str, words: str) -> None:
    said = say(line, speaker=ANN)

    assert words in said.messages
    assert said.deed.change.events == []


def test_what_may_have_been_meant_is_offered() -> None:
    assert read("/macro rest", ANN).mistakes[0].instead == "/macro reset"


def test_macro_is_for_agents_and_for_tickets_that_are_there() -> None:
    assert read("/macro reset", REQUESTER).commands == ()
    assert "there are no macros here" in say("/macro reset").messages


def test_commands_of_a_macro_weigh_as_if_written() -> None:
    found = weighty(
        read("/macro join", ANN).commands,
        login="ann",
        tickets=1,
        is_foreign=lambda _: False,
        owner_of=lambda _: "bo",
    )

    assert found == ("/merge #8: that ticket is bo's",)
    assert say("/macro join", house=House({8: ticket(8)}), speaker=ANN).ticket.merged_into == 8


def test_help_lists_each() -> None:
    rows = card.explain("all", ANN, None).rows
    told = {usage: meaning for usage, meaning, _ in rows if usage.startswith("/macro")}

    assert told["/macro reset [url=x.example] [until=+2d]"] == "a new password"
    assert told["/macro visit time=…"] == "At {time}. {subject}"
    assert not [row for row in card.explain("all", AGENT, None).rows if "/macro" in row[0]]
