"""How tickets hang together, and their tasks, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from daemon.desk.events import EventKind
from daemon.desk.links import Link, Relation
from daemon.desk.tasks import Task, TaskState
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.errors import TicketError
from daemon.store import links, people, tasks, tickets
from daemon.store.engine import Store, Tx
from daemon.store.known import Known
from daemon.store.people import Stranger
from daemon.store.tables import watchers
from daemon.store.writes import Writes

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE, TWO, THREE = (TicketNumber(number) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def three_tickets(store: Store) -> None:
    with store.begin() as tx:
        writes = Writes(tx)
        ana = people.meet(Known(writes), Stranger(address="ana@acme.test"), now=AT)
        for _ in range(3):
            number = TicketNumber(writes.next_number())
            change = Change(Ticket(number=number, requester=ana.id, created_at=AT, updated_at=AT))
            change.record(AT, "desk", EventKind.CREATED, set={})
            tickets.create(writes, change)
        writes.flush()


def _link(tx: Tx, a: TicketNumber, relation: Relation, b: TicketNumber) -> None:
    link = Link(a=a, relation=relation, b=b)
    links.check(tx, link)
    links.add(tx, link)


def _part_of(tx: Tx, child: TicketNumber, parent: TicketNumber) -> None:
    links.check_parent(tx, child, parent)
    change = Change(tickets.get(tx, child))
    change.set(AT, "agent:ann", {"parent": parent})
    tickets.save(tx, change)


def test_a_link_is_seen_from_both_sides_once(store: Store) -> None:
    with store.begin() as tx:
        _link(tx, ONE, Relation.BLOCKS, TWO)
        _link(tx, ONE, Relation.BLOCKS, TWO)

    with store.read() as tx:
        [link] = links.of(tx, TWO)
        assert links.of(tx, ONE) == (link,)
    assert link.seen_from(ONE) == ("blocks", TWO)
    assert link.seen_from(TWO) == ("blocked-by", ONE)


@pytest.mark.parametrize("relation", [Relation.BLOCKS, Relation.DUPLICATE_OF])
def test_a_circle_of_links_is_refused(store: Store, relation: Relation) -> None:
    with store.begin() as tx:
        _link(tx, ONE, relation, TWO)
        _link(tx, TWO, relation, THREE)
        with pytest.raises(TicketError, match=r"#1 .* #3 already"):
            _link(tx, THREE, relation, ONE)


def test_what_only_relates_may_go_round(store: Store) -> None:
    with store.begin() as tx:
        _link(tx, ONE, Relation.RELATES, TWO)
        _link(tx, TWO, Relation.RELATES, ONE)
        assert len(links.of(tx, ONE)) == 2


def test_a_link_is_taken_back_once(store: Store) -> None:
    link = Link(a=ONE, relation=Relation.RELATES, b=TWO)
    with store.begin() as tx:
        _link(tx, ONE, Relation.RELATES, TWO)
        links.remove(tx, link)
        links.remove(tx, link)
        assert links.of(tx, ONE) == ()


def test_a_ticket_cannot_be_above_itself(store: Store) -> None:
    with store.begin() as tx:
        _part_of(tx, ONE, TWO)
        _part_of(tx, TWO, THREE)
        assert links.children(tx, THREE) == (TWO,)
        for below in (ONE, TWO, THREE):
            with pytest.raises(TicketError, match="cannot be its parent"):
                links.check_parent(tx, THREE, below)


def _said(store: Store, *happened: tuple[EventKind, dict[str, Any]]) -> None:
    """Events of ticket 1, kept as a mail's commands are."""
    with store.begin() as tx:
        change = Change(tickets.get(tx, ONE))
        for kind, data in happened:
            change.record(AT, "agent:ann", kind, **data)
        tickets.save(tx, change)


def test_events_of_tasks_become_rows(store: Store) -> None:
    due = {"owner": "ann", "team": "", "due_at": AT.isoformat()}
    added = {"what": "added", **due}
    _said(
        store,
        (EventKind.TASK, {"task": 1, "title": "order", **added}),
        (EventKind.TASK, {"task": 2, "title": "install", **added}),
        (EventKind.TASK, {"task": 1, "title": "order", "what": "done"}),
    )

    with store.read() as tx:
        first, second = tasks.of(tx, ONE)
    assert first == Task(
        ticket=ONE, number=1, title="order", owner="ann", due_at=AT, state=TaskState.DONE
    )
    assert (second.number, second.state) == (2, TaskState.OPEN)


def test_events_of_links_become_rows_whichever_side_tells_them(store: Store) -> None:
    blocked = {"relation": "blocked-by", "ticket": TWO}
    relates = {"relation": "relates", "ticket": THREE}
    _said(
        store,
        (EventKind.LINKED, blocked), (EventKind.LINKED, relates), (EventKind.UNLINKED, relates),
    )  # fmt: skip

    with store.read() as tx:
        assert links.of(tx, ONE) == (Link(a=TWO, relation=Relation.BLOCKS, b=ONE),)


def test_events_of_watchers_become_rows_that_come_and_go(store: Store) -> None:
    ana = {"person": 1, "address": "ana@acme.test"}
    _said(store, (EventKind.WATCHED, {**ana, "what": "added"}))
    _said(store, (EventKind.WATCHED, {**ana, "what": "removed"}))

    with store.read() as tx:
        [row] = tx.execute(select(watchers)).all()
    assert (row.ticket, row.person, row.state, row.since) == (ONE, 1, "removed", AT)
