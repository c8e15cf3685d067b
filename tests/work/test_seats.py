"""What a dead worker had leased is due again: at the next start, and for its own queue only."""

from __future__ import annotations

from datetime import datetime, timedelta

from daemon.store import inbox, outbox, tables, timers
from daemon.store.writes import Writes
from scripts.seats import take_seats
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers.jobs import table
from workers.relay import NEXT_DUE


def _lease_everything(work: Work) -> set[str]:
    """A mail, a timer and a mail to send, each with a worker that dies; the jobs that are due."""
    work.arrive(bytes(mail("carol@acme.test", "Printer", "On fire.")))
    work.take_in()
    work.arrive(bytes(mail("dan@acme.test", "Scanner", "Under water.")))
    work.clock.advance(timedelta(days=30))
    now = work.clock.now()
    later = now + timedelta(minutes=1)
    with work.store.begin() as tx:
        assert inbox.claim(tx, now=now, lease_until=later, most=50)
        assert timers.claim(tx, now=now, lease_until=later, most=50)
        assert outbox.lease(tx, now=now, lease_until=later, most=50)
    return _due(work)


def _due(work: Work) -> set[str]:
    with work.store.read() as tx:
        found = {job: next_due(tx) for job, next_due in NEXT_DUE.items()}
    return {job for job, at in found.items() if at and at <= work.clock.now()}


def test_each_takes_back_what_is_leased_for_its_own_queues(work: Work) -> None:
    assert _lease_everything(work) == set()

    sending = take_seats(work.desk.ctx, {"out"})
    assert _due(work) == {"deliver"}
    working = take_seats(work.desk.ctx, {"in", "call"})
    assert _due(work) == {"deliver", "take_in", "ring"}

    for seat in (*sending, *working):
        seat.leave()


def test_nothing_is_taken_back_while_another_has_the_seat(work: Work) -> None:
    everything = take_seats(work.desk.ctx, {"in", "out", "call"})
    assert len(everything) == 3
    assert _lease_everything(work) == set()

    assert take_seats(work.desk.ctx, {"out"}) == []
    assert take_seats(work.desk.ctx, {"in", "out", "call"}) == []
    assert _due(work) == set()

    for seat in everything:
        seat.leave()


def test_what_waits_for_its_own_time_is_nobodys_and_goes_on_waiting(work: Work) -> None:
    now = work.clock.now()
    minute, evening = now + timedelta(minutes=1), now + timedelta(hours=8)
    _decide(work, "plain@desk.test")
    _decide(work, "gathers@desk.test", gathers_until=minute)
    _decide(work, "later@desk.test", send_at=evening)
    _decide(work, "ripe@desk.test", send_at=now)
    with work.store.begin() as tx:
        assert len(outbox.lease(tx, now=now, lease_until=evening, most=9)) == 2

    [seat] = take_seats(work.desk.ctx, {"out"})

    assert {row.recipient: row.due_at for row in work.rows(tables.outbox)} == {
        "plain@desk.test": now,
        "gathers@desk.test": minute,
        "later@desk.test": evening,
        "ripe@desk.test": now,
    }
    seat.leave()


def test_what_an_admin_sends_now_has_no_other_time_any_more(work: Work) -> None:
    now = work.clock.now()
    _decide(work, "later@desk.test", send_at=now + timedelta(hours=8))
    with work.store.begin() as tx:
        assert outbox.retry(tx, 1, now=now)
        assert outbox.lease(tx, now=now, lease_until=now + timedelta(minutes=1), most=9)

    [seat] = take_seats(work.desk.ctx, {"out"})

    assert _due(work) == {"deliver"}
    seat.leave()


def _decide(work: Work, recipient: str, **times: datetime) -> None:
    with work.store.begin() as tx:
        writes = Writes(tx)
        decided = outbox.Decided(
            created_at=work.clock.now(),
            kind="alarm",
            message_id=f"1.{recipient}",
            recipient=recipient,
            sender="",
            is_automatic=False,
            raw=b"Subject: x\r\n\r\ny\r\n",
            **times,
        )
        outbox.add(writes, [decided])
        writes.flush()


def test_process_has_the_jobs_of_its_queues_only(work: Work) -> None:
    assert set(table(work.desk, None, {"in", "call"})) == {"take_in", "ring", "call"}
    assert set(table(work.desk, None)) == set(NEXT_DUE) - {"deliver"}
