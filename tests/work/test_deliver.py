"""Delivery: one mail's trouble is its own, the smarthost's everybody's; neither loses any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from daemon.errors import (
    Lost,
    PermanentFailure,
    StoreBusy,
    StoreFull,
    TemplateError,
    TemporaryFailure,
    Unreachable,
)
from daemon.store import outbox as outbox_rows
from daemon.store import sending
from daemon.store.engine import Tx
from daemon.store.outbox import Leased
from daemon.store.tables import calendars, clocks, outbox
from daemon.store.writes import Writes
from scripts.desk import make_desk
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers import finishing
from workers.carriers import Carriers
from workers.deliver import deliver
from workers.desk import Desk
from workers.notices.identity import DeskIdentity
from workers.notices.packed import unpacked
from workers.steps import Step, recorder
from workers.tell import Teller


class Wire:
    """A carrier that says what the test wants."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.bytes: dict[str, list[bytes]] = {}
        self.troubles: dict[str, Exception] = {}
        self.is_there = True
        self.carriers: Carriers | None = None
        self.is_open = False
        #: What else happens while the first mail is on its way.
        self.meanwhile: list[Callable[[], None]] = []

    def open(self) -> None:
        self.is_open = self.is_there
        if not self.is_there:
            raise Unreachable("nobody there")

    def send(self, leased: Leased) -> str:
        self.bytes.setdefault(leased.recipient, []).append(leased.raw)
        if self.meanwhile:
            self.meanwhile.pop()()
        if trouble := self.troubles.get(leased.recipient):
            raise trouble
        self.sent.append(leased.id)
        if self.carriers is not None:
            self.carriers.stopping.set()
        return "250 ok"

    def close(self) -> None:
        self.is_open = False


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


@pytest.fixture
def two(work: Work) -> Iterator[tuple[Wire, Wire, Carriers]]:
    """A smarthost that takes one connection of the two that we may open."""
    first, second = Wire(), Wire()
    second.is_there = False
    wires = iter([first, second])
    carriers = Carriers(lambda: next(wires), 2, recorder(work.store, work.desk.ctx.log))
    yield first, second, carriers
    carriers.close()


def test_one_connection_too_many_keeps_no_mail_waiting(
    work: Work, two: tuple[Wire, Wire, Carriers]
) -> None:
    first, _, carriers = two

    def more() -> None:
        work.arrive(bytes(mail("dan@acme.test", "Desk", "Broken, too.")))
        work.take_in()
        deliver(work.desk, carriers, 0)

    _three(work)
    first.meanwhile.append(more)
    deliver(work.desk, carriers, 0)

    assert len(first.sent) == 6, "at once, by the one that is open"
    assert {row.state for row in work.rows(outbox)} == {"sent"}


def test_fewer_connections_are_opened_for_a_while_after_one_was_refused(
    work: Work, two: tuple[Wire, Wire, Carriers]
) -> None:
    first, second, carriers = two
    with carriers.borrow(0) as busy:
        assert busy is first
        first.open()
        with carriers.borrow(0) as further:
            assert further is second
            assert carriers.refused(0) == 1
        with carriers.borrow(59) as further:
            assert further is None
        with carriers.borrow(60) as further:
            assert further is second
    with carriers.borrow(60) as again:
        assert again is first, "the one that is connected"


def test_when_every_connection_is_refused_nobody_is_there(
    work: Work, two: tuple[Wire, Wire, Carriers]
) -> None:
    _, _, carriers = two
    with carriers.borrow(0):
        with carriers.borrow(0):
            assert carriers.refused(0) == 1
        assert carriers.refused(0) == 0
        with carriers.borrow(0) as further:
            assert further is not None, "that tells nothing of how many it takes"


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
        begun = sending.record(tx, [], second[:1], lease_until=until)
        late = sending.record(tx, [], first[:1], lease_until=until)

    assert begun == {second[0].id}
    assert late == set()


def test_a_mail_dropped_while_it_was_leased_is_not_begun(work: Work) -> None:
    _three(work)
    leased = _lease(work)
    with work.store.begin() as tx:
        assert outbox_rows.drop(tx, leased[0].id)

    until = work.clock.now() + timedelta(minutes=2)
    with work.store.begin() as tx:
        begun = sending.record(tx, [], leased, lease_until=until)

    assert begun == {mail_.id for mail_ in leased[1:]}


CAROL = "carol@acme.test"


def _row(work: Work, recipient: str = CAROL) -> Any:
    """As it is kept, not as it would be sent."""
    with work.store.read() as tx:
        return tx.execute(select(outbox).where(outbox.c.recipient == recipient)).one()


def _renamed(work: Work, name: str) -> None:
    settings = work.desk.ctx.settings.model_copy(update={"name": name})
    work.desk = make_desk(replace(work.desk.ctx, settings=settings), work.desk.parsers)


def test_a_notice_is_worded_when_it_is_sent_and_then_never_again(work: Work) -> None:
    _three(work)
    assert _row(work).raw is None
    wire = Wire()
    wire.troubles[CAROL] = TemporaryFailure("451 later")
    _deliver(work, wire)
    kept = _row(work)
    assert (kept.state, kept.notice, [kept.raw]) == ("queued", None, wire.bytes[CAROL])

    _renamed(work, "Another Desk")
    del wire.troubles[CAROL]
    work.clock.advance(timedelta(hours=1))
    _deliver(work, wire)

    assert _row(work).state == "sent"
    assert wire.bytes[CAROL] == [kept.raw, kept.raw], "byte for byte the same"


def test_keys_that_change_before_it_is_sent_leave_its_message_id(work: Work) -> None:
    _three(work)
    decided = _row(work).message_id
    ctx = replace(work.desk.ctx, keys=(b"n" * 32, *work.desk.ctx.keys))
    work.desk = replace(work.desk, ctx=ctx, identity=DeskIdentity.of(ctx.settings, ctx.keys))
    wire = Wire()
    _deliver(work, wire)

    assert f"Message-ID: <{decided}>".encode() in wire.bytes[CAROL][0]


def test_a_notice_that_cannot_be_worded_fails_alone_and_its_agents_know(work: Work) -> None:
    _three(work)
    with work.store.begin() as tx:
        tx.execute(update(outbox).where(outbox.c.recipient == CAROL).values(notice="{}"))
    wire = Wire()
    _deliver(work, wire)

    lost = _row(work)
    assert (lost.state, lost.attempts, lost.notice) == ("failed", 0, "{}")
    assert lost.last_reply.startswith("it could not be written: ")
    assert CAROL not in wire.bytes
    told = {(row.recipient, row.kind, row.state) for row in work.rows(outbox, written=False)}
    assert {
        ("ann@desk.test", "undeliverable", "sent"),
        ("ann@desk.test", "new_ticket", "sent"),
    } <= told


def test_news_that_cannot_be_worded_are_not_told_of_by_more_of_them(work: Work) -> None:
    with work.store.begin() as tx:
        writes = Writes(tx)
        Teller(writes, work.desk, work.clock.now()).to_admins("x", title="Trouble", details="y")
        writes.flush()
        tx.execute(update(outbox).values(notice="{}"))
    wire = Wire()
    _deliver(work, wire)

    assert [row.state for row in work.rows(outbox, written=False)] == ["failed"]
    assert wire.sent == []


def test_who_only_sends_keeps_the_calendars_of_clocks_that_his_report_begins(work: Work) -> None:
    _three(work)
    rules = work.folder / "rules"
    (rules / "calendars.yaml").write_text(
        "calendars: {office: {time_zone: UTC, hours: {mon-fri: 8-18}}}"
    )
    (rules / "escalation.yaml").write_text(
        "agreements: [{name: late, calendar: office, targets: {P1: {resolve: 4}}}]"
    )
    (rules / "automation.yaml").write_text(
        "rules: [{name: hurry, on: returned, set: {priority: P1}}]"
    )
    wire = Wire()
    wire.troubles["carol@acme.test"] = PermanentFailure("550 no")
    sender = replace(work, desk=make_desk(work.desk.ctx, work.desk.parsers))

    _deliver(sender, wire)

    [clock] = [row for row in work.rows(clocks) if row.terms["agreement"] == "late"]
    assert [row.version for row in work.rows(calendars)] == [clock.terms["calendar"]]


def test_what_was_sent_is_known_where_there_is_no_room_for_the_next(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three(work)
    record = sending.record
    large = [row.id for row in work.rows(outbox, written=False)][1]

    def full(tx: Tx, outcomes: Any, starting: Sequence[Leased], **rest: Any) -> Any:
        if any(mail.id == large for mail in starting):
            raise StoreFull("database or disk is full")
        return record(tx, outcomes, starting, **rest)

    monkeypatch.setattr(sending, "record", full)
    wire = Wire()
    with pytest.raises(StoreFull):
        _deliver(work, wire)
    work.clock.advance(timedelta(hours=1))
    with pytest.raises(StoreFull):
        _deliver(work, wire)

    assert Counter(wire.sent).most_common(1)[0][1] == 1, "nothing is sent twice"
    assert "sent" in _states(work).values()


def test_two_connections_that_hold_one_mail_send_it_once(work: Work) -> None:
    _three(work)
    [mail_, *_] = _lease(work)
    until = work.clock.now() + timedelta(minutes=2)
    steps = recorder(work.store, work.desk.ctx.log)
    with work.store.begin() if work.store.is_sqlite else nullcontext():
        offered = [
            steps.offer(Step(outcome=None, starting=mail_, lease_until=until)) for _ in range(2)
        ]
    assert sorted(each.result(10) for each in offered) == [False, True]
    steps.close()


def test_a_notice_that_kills_whoever_words_it_fails_in_the_end_and_stops_no_other(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three(work)
    poison = _row(work).id
    word = finishing.worded

    class Death(BaseException):
        """The process is gone."""

    def die(desk: Desk, notice: str) -> bytes:
        if unpacked(notice).to.address == CAROL:
            raise Death
        return word(desk, notice)

    monkeypatch.setattr(finishing, "worded", die)
    wire = Wire()
    for _ in range(13):
        try:
            _deliver(work, wire)
        except Death:
            work.clock.advance(timedelta(hours=1))

    states = {row.id: row.state for row in work.rows(outbox, written=False)}
    assert states.pop(poison) == "failed"
    assert set(states.values()) == {"sent"}
    assert "died 12 times" in _row(work).last_reply


def test_a_large_mail_is_read_when_its_turn_has_come(work: Work) -> None:
    with work.store.begin() as tx:
        writes = Writes(tx)
        teller = Teller(writes, work.desk, work.clock.now())
        teller.to_admins("x", title="Trouble", details="line\n" * 20_000)
        writes.flush()
    [leased] = _lease(work)
    assert (leased.raw, leased.notice) == (b"", "")

    work.clock.advance(timedelta(hours=1))
    wire = Wire()
    _deliver(work, wire)
    assert [row.state for row in work.rows(outbox)] == ["sent"]
    assert wire.bytes["root@desk.test"][0].count(b"line") > 1_000


def test_an_alarm_that_cannot_be_raised_now_stops_no_mail(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three(work)
    work.desk.faults.add(TemplateError("wrong", path="note.txt.j2"))
    monkeypatch.setattr(Teller, "to_admins", _away)
    wire = Wire()
    _deliver(work, wire)
    assert set(_states(work).values()) == {"sent"}
    assert work.desk.faults.take()


def _away(*_: object, **__: object) -> None:
    raise StoreBusy("database is locked")
