"""Who is who: several addresses, extensions by rule, organisations, lists and forms."""

from __future__ import annotations

import pytest

from daemon.desk.people import Agent, Contact, Directory, Organisation, fold

DIRECTORY = Directory(
    agents=(Agent(name="ann", full_name="Ann", addresses=("ann@desk.test", "ann@home.test")),),
    contacts=(
        Contact(
            name="carol",
            full_name="Carol",
            addresses=("carol@acme.test", "carol@home.test"),
            organisation="Acme",
        ),
    ),
    organisations=(Organisation(name="Acme", domains=("acme.test",)),),
    vips=frozenset({"carol@acme.test"}),
    forms=frozenset({"form@web.test", "@forms.test"}),
    lists=frozenset({"all@acme.test"}),
    plus_domains=frozenset({"acme.test", "desk.test"}),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Carol@ACME.test", "carol@acme.test"),
        ("사용자@한국.kr", "사용자@xn--3e0b707e.kr"),
        ("사용자@한국.kr", "\u1109\u1161\u110b\u116d\u11bc\u110c\u1161@한국.kr"),
        ("GRÜN@acme.test", "gr\u00fcn@acme.test"),
        ("jürgen@BÜRO.de", "jürgen@xn--bro-hoa.de"),
    ],
)
def test_spellings_of_one_address_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("address", ["", "@", "x@", "x@\u2026", "@..", "x@" + "ü" * 80])
def test_whatever_it_is_it_folds(address: str) -> None:
    assert fold(fold(address)) == fold(address)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Carol+vpn@Acme.test", "carol@acme.test"),
        ("carol+vpn@else.test", "carol+vpn@else.test"),
        ("+carol@acme.test", "+carol@acme.test"),
        ("carol@acme.test", "carol@acme.test"),
    ],
)
def test_extension_counts_unless_the_admin_says_otherwise(address: str, key: str) -> None:
    assert DIRECTORY.key(address) == key


def test_agent_is_known_by_every_address() -> None:
    addresses = ("ann@desk.test", "ANN@home.test", "ann+x@desk.test")

    assert {DIRECTORY.agent_at(address) for address in addresses} == {DIRECTORY.agents[0]}
    assert DIRECTORY.agent_at("ann+x@home.test") is None


def test_contacts_second_address_is_the_same_person() -> None:
    assert DIRECTORY.same_as("carol@home.test") == ("carol@acme.test", "carol@home.test")
    assert DIRECTORY.same_as("dan@home.test") == ("dan@home.test",)
    assert DIRECTORY.is_vip("carol@home.test")
    organisation = DIRECTORY.organisation_of("carol@home.test")
    assert organisation == DIRECTORY.organisations[0]


def test_forms_and_lists_are_named_by_address_or_by_domain() -> None:
    assert DIRECTORY.is_form("form@web.test")
    assert DIRECTORY.is_form("anything@forms.test")
    assert not DIRECTORY.is_form("carol@web.test")
    assert DIRECTORY.is_list("All@acme.test")
    assert not DIRECTORY.is_list("carol@acme.test")
