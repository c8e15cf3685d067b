"""What a query finds, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon.desk.events import EventKind
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.desk.verbs.query import parse
from daemon.store import finding, people, tickets
from daemon.store.engine import Store
from daemon.store.known import Known
from daemon.store.people import Stranger
from daemon.store.writes import Writes

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
OLD = NOW - timedelta(days=5)
TICKETS = (
    {"subject": "Printer 100% dead", "state": "open", "priority": "P1", "owner": "ann"},
    {"subject": "프린터가 안 돼요", "state": "open", "priority": "P3", "team": "Network"},
    {"subject": "VPN", "state": "resolved", "priority": "P2", "type": "request"},
)


@pytest.fixture(autouse=True)
def three(store: Store) -> None:
    with store.begin() as tx:
        writes = Writes(tx)
        ana = people.meet(Known(writes), Stranger(address="ana@acme.test"), now=NOW)
        for age, fields in zip((OLD, NOW, NOW), TICKETS, strict=True):
            number = TicketNumber(writes.next_number())
            ticket = Ticket(number=number, requester=ana.id, created_at=age, updated_at=age)
            change = Change(ticket)
            change.record(age, "desk", EventKind.CREATED, set=fields)
            tickets.create(writes, change)
        writes.flush()


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("state:open", [2, 1]),
        ("pri<=P2", [3, 1]),
        ("pri:p3", [2]),
        ("owner:me", [1]),
        ("owner:none team:network", [2]),
        ("type:anfrage", [3]),
        ("age>2d", [1]),
        ("age<2d state:open", [2]),
        ("printer", [1]),
        ('"100% dead"', [1]),
        ("프린터가", [2]),
        ("nothing", []),
    ],
)
def test_a_query_finds_the_newest_first(store: Store, query: str, numbers: list[int]) -> None:
    with store.read() as tx:
        found = finding.find(tx, parse(query, NOW, "ann"))

    assert [ticket.number for ticket in found] == numbers
