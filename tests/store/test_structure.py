"""How tickets hang together, and their tasks, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

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
    writes = Writes(tx)
    links.add(writes, Link(a=a, relation=relation, b=b))
    writes.flush()


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
        assert links.remove(Writes(tx), link)
        assert not links.remove(Writes(tx), link)
        assert links.of(tx, ONE) == ()


def test_a_ticket_cannot_be_above_itself(store: Store) -> None:
    with store.begin() as tx:
        _part_of(tx, ONE, TWO)
        _part_of(tx, TWO, THREE)
        assert links.children(tx, THREE) == (TWO,)
        for below in (ONE, TWO, THREE):
            with pytest.raises(TicketError, match="cannot be its parent"):
                links.check_parent(tx, THREE, below)


def test_tasks_are_numbered_in_each_ticket(store: Store) -> None:
    with store.begin() as tx:
        made = [
            tasks.add(tx, Task(ticket=ticket, number=0, title=title, owner="ann", due_at=AT))
            for ticket, title in ((ONE, "order"), (ONE, "install"), (TWO, "call"))
        ]
        tasks.end(tx, made[0], TaskState.DONE)

    with store.read() as tx:
        first, second = tasks.of(tx, ONE)
        assert tasks.get(tx, TWO, 1) == made[2]
        with pytest.raises(TicketError, match="no task 7; there are: 1, 2"):
            tasks.get(tx, ONE, 7)
    assert (first.number, first.state, first.due_at) == (1, TaskState.DONE, AT)
    assert second == made[1]
