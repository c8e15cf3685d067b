"""Whom a Cc brings in: his own house at once, others only when an agent agrees."""

from __future__ import annotations

import pytest

from daemon.desk.people import Agent, Directory, Organisation
from daemon.desk.watching import invited
from daemon.mail.message import Address

DIRECTORY = Directory(
    agents=(Agent(name="ann", full_name="Ann", addresses=("ann@desk.test",)),),
    organisations=(Organisation(name="Acme", domains=("acme.test", "acme.example")),),
    lists=frozenset({"all@acme.test"}),
)


def _invited(by: str, *addresses: str, is_requester: bool = True) -> list[tuple[str, bool]]:
    found = invited(
        [Address(address) for address in addresses],
        by,
        DIRECTORY,
        lambda address: address.startswith("help"),
        is_requester=is_requester,
    )
    return [(one.address, one.is_at_once) for one in found]


@pytest.mark.parametrize(
    ("by", "other", "is_at_once"),
    [
        ("carol@acme.test", "dan@acme.test", True),
        ("carol@acme.test", "dan@acme.example", True),
        ("carol@acme.test", "dan@sub.acme.test", True),
        ("carol@acme.test", "mallory@evil.test", False),
        ("carol@else.test", "dan@else.test", True),
        ("carol@else.test", "dan@acme.test", False),
        ("carol@gmail.com", "mallory@gmail.com", False),
    ],
)
def test_house_decides(by: str, other: str, is_at_once: bool) -> None:
    assert _invited(by, other) == [(other, is_at_once)]


def test_nobody_else_than_people_watches() -> None:
    named = ("help@desk.test", "ann@desk.test", "all@acme.test", "noreply@acme.test", "x", "")

    assert _invited("carol@acme.test", "Carol@acme.test", *named) == []


def test_whoever_is_no_requester_only_proposes() -> None:
    assert _invited("dan@acme.test", "eve@acme.test", is_requester=False) == [
        ("eve@acme.test", False)
    ]


def test_a_crowd_is_cut() -> None:
    crowd = [f"c{number}@acme.test" for number in range(200)]

    assert len(_invited("carol@acme.test", *crowd)) == 50
