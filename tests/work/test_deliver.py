"""Delivery: one mail's trouble is its own, the smarthost's everybody's; neither loses any."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.errors import Lost, PermanentFailure, TemporaryFailure, Unreachable
from daemon.store import outbox as outbox_rows
from daemon.store.outbox import Leased
from daemon.store.tables import outbox
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers.deliver import Carriers, deliver, recorder


class Wire:
    """A carrier that says what the test wants."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.troubles: dict[str, Exception] = {}
        self.is_there = True
        self.carriers: Carriers | None = None

    def open(self) -> None:
        if not self.is_there:
            raise Unreachable("nobody there")

    def send(self, leased: Leased) -> str:
        if trouble := self.troubles.get(leased.recipient):
            raise trouble
        self.sent.append(leased.id)
        if self.carriers is not None:
            self.carriers.stopping.set()
        return "250 ok"

    def close(self) -> None:
        """Nothing is open."""


def _deliver(work: Work, wire: Wire, *, stops: bool = False) -> None:
    carriers = Carriers(lambda: wire, 1, recorder(work.store, work.desk.ctx.log))
    wire.carriers = carriers if stops else None
    deliver(work.desk, carriers, 0)
    carriers.close()


def _states(work: Work) -> dict[str, str]:
    return {row.recipient: row.state for row in work.rows(outbox)}


def _three(work: Work) -> None:
    """An acknowledgement and two notices."""
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()


def test_a_smarthost_that_is_away_postpones_all_and_comes_back(work: Work) -> None:
    _three(work)
    wire = Wire()
    wire.is_there = False
    _deliver(work, wire)
    assert set(_states(work).values()) == {"queued"}
    assert {row.last_reply for row in work.rows(outbox)} == {"nobody there"}

    wire.is_there = True
    work.clock.advance(timedelta(seconds=2))
    _deliver(work, wire)

    assert set(_states(work).values()) == {"sent"}
    assert len(wire.sent) == 3


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (PermanentFailure("550 no"), "failed"),
        (TemporaryFailure("451 later"), "queued"),
        (Lost("connection reset"), "queued"),
    ],
)
def test_one_mails_trouble_stops_no_other(work: Work, trouble: Exception, state: str) -> None:
    _three(work)
    wire = Wire()
    wire.troubles["carol@acme.test"] = trouble
    _deliver(work, wire)

    states = _states(work)
    assert states["carol@acme.test"] == state
    assert states["ann@desk.test"] == states["bo@desk.test"] == "sent"


def test_stopping_finishes_the_mail_in_hand_and_gives_the_rest_back(work: Work) -> None:
    _three(work)
    wire = Wire()
    _deliver(work, wire, stops=True)

    assert sorted(_states(work).values()) == ["queued", "queued", "sent"]
    assert all(row.due_at <= work.clock.now() for row in work.rows(outbox) if row.due_at)


def _lease(work: Work) -> list[Leased]:
    now = work.clock.now()
    with work.store.begin() as tx:
        return outbox_rows.lease(tx, now=now, lease_until=now + timedelta(minutes=2), most=9)


def test_a_mail_that_two_hold_after_a_jump_of_the_clock_is_begun_by_one(work: Work) -> None:
    _three(work)
    first = _lease(work)
    work.clock.advance(timedelta(hours=2))
    second = _lease(work)
    until = work.clock.now() + timedelta(minutes=2)

    with work.store.begin() as tx:
        begun = outbox_rows.record(tx, [], second[:1], lease_until=until)
        late = outbox_rows.record(tx, [], first[:1], lease_until=until)

    assert begun == {second[0].id}
    assert late == set()


def test_a_mail_dropped_while_it_was_leased_is_not_begun(work: Work) -> None:
    _three(work)
    leased = _lease(work)
    with work.store.begin() as tx:
        assert outbox_rows.drop(tx, leased[0].id)

    until = work.clock.now() + timedelta(minutes=2)
    with work.store.begin() as tx:
        begun = outbox_rows.record(tx, [], leased, lease_until=until)

    assert begun == {mail_.id for mail_ in leased[1:]}
