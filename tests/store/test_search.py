"""Full-text search on both databases: in every language, and for what is like a new ticket."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Table, insert

from daemon.store import search
from daemon.store.engine import Store
from daemon.store.search import Similar
from daemon.store.tables import people, tickets
from daemon.store.writes import Writes

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXTS = {
    1: ("resolved", "VPN drops every hour", "The tunnel closes with error 0x80070005."),
    2: ("closed", "비밀번호를 잊었어요", "메일 비밀번호를 다시 받고 싶습니다."),
    3: ("open", "Printer prints half pages", "The drum of the printer on floor three."),
    4: ("resolved", "印刷できません", "プリンターが動きません。"),
    5: ("resolved", "Chair", "It broke."),
}


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with a few tickets and their words."""
    with store.begin() as tx:
        tx.execute(
            insert(people),
            _row(people) | {"id": 1, "created_at": NOW},
        )
        for number, (state, subject, body) in TEXTS.items():
            tx.execute(insert(tickets), _ticket(number, state, subject))
            writes = Writes(tx)
            search.index(writes, number, subject)
            search.index(writes, number, body)
            writes.flush()
    return store


def _row(table: Table) -> dict[str, object]:
    """As little as the table takes."""
    plain = {"VARCHAR": "", "TEXT": "", "JSON": []}
    return {
        column.name: plain.get(column.type.__visit_name__.upper(), 0)
        for column in table.columns
        if not column.nullable and column.default is None
    }


def _ticket(number: int, state: str, subject: str) -> dict[str, object]:
    times = {"created_at": NOW, "updated_at": NOW}
    fixed = {"number": number, "state": state, "subject": subject, "requester": 1}
    return _row(tickets) | times | fixed | {"type": "incident", "major": False}


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("vpn", [1]),
        ("VPN hour", [1]),
        ("vpn printer", []),
        ("0x80070005", [1]),
        ("비밀번호", [2]),
        ("비밀", [2]),
        ("메일 비밀번호", [2]),
        ("印刷", [4]),
        ("プリンター", [4]),
        ("printer", [3]),
        ("x'); DROP TABLE tickets; --", []),
        ('" OR 1 NEAR *', []),
        ("", []),
    ],
)
def test_ticket_is_found_by_its_words(filled: Store, wanted: str, numbers: list[int]) -> None:
    with filled.read() as tx:
        assert list(search.find(tx, wanted)) == numbers


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("Our VPN tunnel is down again", [1]),
        ("비밀번호 재설정", [2]),
        ("The printer is broken", []),
        ("Please do it for me", []),
        ("", []),
    ],
)
def test_solved_tickets_like_it(filled: Store, wanted: str, numbers: list[int]) -> None:
    with filled.read() as tx:
        assert list(Similar().find(tx, wanted, but=0)) == numbers
        assert list(Similar().find(tx, wanted, but=(numbers or [9])[0])) == []


def test_frequent_words_make_nothing_alike(filled: Store) -> None:
    with filled.begin() as tx:
        writes = Writes(tx)
        for _ in range(450):
            search.index(writes, 5, "vpn")
        writes.flush()
        similar = Similar()
        assert list(similar.find(tx, "vpn", but=0)) == []
        assert list(similar.find(tx, "vpn tunnel", but=0)) == [1]
        assert list(similar.find(tx, "vpn", but=0)) == []
