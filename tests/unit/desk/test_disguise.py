"""Names that are not their sender's."""

from __future__ import annotations

import pytest

from daemon.desk.disguise import doubts, skeleton
from daemon.desk.people import Agent, Contact, Directory

HOUSE = Directory(
    agents=(
        Agent(name="ann", full_name="Ann Agent", addresses=("ann@desk.test",)),
        Agent(name="cho", full_name="조은", addresses=("cho@desk.test",)),
    ),
    contacts=(
        Contact(name="ceo", full_name="Paul Chief", addresses=("ceo@acme.test", "paul@home.test")),
        Contact(name="pat", full_name="Pat Plain", addresses=("pat@acme.test",)),
    ),
    vips=frozenset({"ceo@acme.test"}),
)


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("Ann Agent", "x@evil.test", ["Ann Agent's"]),
        ("ANN  agent (IT)", "x@evil.test", ["Ann Agent's"]),
        ("\u0410nn \u0410gent", "x@evil.test", ["Ann Agent's", "several alphabets"]),
        ("Αnn Agеnt", "x@evil.test", ["Ann Agent's", "several alphabets"]),
        ("Ánn Ågent", "x@evil.test", ["Ann Agent's"]),
        ("Ａnn Ａgent", "x@evil.test", ["Ann Agent's"]),
        ("조은", "x@evil.test", ["조은's"]),
        ("Paul Chief", "paul@evil.test", ["Paul Chief's"]),
        ("ann@desk.test", "x@evil.test", ["shows the address ann@desk.test"]),
        ("Ann Agent", "ann@desk.test", []),
        ("Paul Chief", "paul@home.test", []),
        ("Pat Plain", "x@evil.test", []),
        ("Anna Agentini", "x@evil.test", []),
        ("Анна Иванова", "anna@rus.test", []),
        ("X@Evil.test", "x@evil.test", []),
        ("", "", []),
    ],
)
def test_whom_a_name_imitates_is_told(name: str, address: str, words: list[str]) -> None:
    found = list(doubts(HOUSE, name, address))

    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True))


def test_letters_that_look_alike_are_one() -> None:
    assert skeleton("РАUL") == skeleton("paul")
