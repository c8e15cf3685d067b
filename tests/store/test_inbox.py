"""The door: durable, shared commits, nothing twice, and a refusal when it cannot keep."""

from __future__ import annotations

from concurrent.futures import wait
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import event, select

from daemon.arrival import Arrival, Envelope, Source
from daemon.errors import StoreBusy
from daemon.inbox import Inbox
from daemon.store import inbox as rows
from daemon.store.engine import Store
from daemon.store.tables import inbox, inbox_raw

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _arrival(
    key: str, raw: bytes = b"From: a@b.test\r\nMessage-ID: <m@b.test>\r\n\r\nHi\r\n"
) -> Arrival:
    envelope = Envelope(sender="a@b.test", recipients=("help@desk.test",))
    return Arrival(source=Source.SMTP, source_key=key, received_at=NOW, envelope=envelope, raw=raw)


def _door(store: Store, rung: list[int] | None = None) -> Inbox:
    def ring(job: str, row_id: int) -> None:
        if rung is not None:
            rung.append(row_id)

    return Inbox(store, ring=ring, log=structlog.get_logger())


def test_accepted_mail_is_kept_byte_for_byte(store: Store) -> None:
    raw = bytes(range(256)) * 40
    door = _door(store)
    row_id = door.accept(_arrival("k", raw))
    door.close()

    with store.read() as tx:
        assert tx.execute(select(inbox_raw.c.raw)).scalar_one() == raw
        row = tx.execute(select(inbox)).one()
    assert (row.id, row.state, row.size) == (row_id, "received", len(raw))


def test_concurrent_arrivals_share_commits(store: Store) -> None:
    commits: list[int] = []
    event.listen(store._writer, "commit", lambda connection: commits.append(1))
    rung: list[int] = []
    door = _door(store, rung)
    futures = [door.offer(_arrival(f"k{number}")) for number in range(200)]
    wait(futures, timeout=30)
    door.close()

    assert len({future.result() for future in futures}) == 200
    assert len(commits) < 100
    assert len(rung) == len(commits)


def test_one_source_key_is_one_row_however_often_it_comes(store: Store) -> None:
    door = _door(store)
    futures = [door.offer(_arrival("same")) for _ in range(5)]
    assert len({future.result(30) for future in futures}) == 1
    assert door.accept(_arrival("same")) == futures[0].result()
    door.close()

    with store.read() as tx:
        assert len(tx.execute(select(inbox_raw)).all()) == 1


def test_a_closed_door_refuses(store: Store) -> None:
    door = _door(store)
    door.close()

    with pytest.raises(StoreBusy):
        door.accept(_arrival("k"))


def test_text_that_no_database_takes_is_kept_readable(store: Store) -> None:
    raw = b"Message-ID: <\xff\x00bad@b.test>\r\n\r\nHi"
    door = _door(store)
    arrival = _arrival("key\0\udcff", raw)
    door.accept(arrival)
    door.close()

    with store.read() as tx:
        assert tx.execute(select(inbox_raw.c.raw)).scalar_one() == raw


def test_a_lease_ends(store: Store) -> None:
    with store.begin() as tx:
        rows.insert(tx, [_arrival("a"), _arrival("b")])

    def claim(at: datetime) -> list[int]:
        with store.begin() as tx:
            lease = at + timedelta(minutes=1)
            return [each.attempts for each in rows.claim(tx, now=at, lease_until=lease, most=10)]

    assert claim(NOW) == [1, 1]
    assert claim(NOW) == []
    assert claim(NOW + timedelta(minutes=2)) == [2, 2]


def test_a_claim_that_outlived_its_lease_holds_no_longer(store: Store) -> None:
    lease = timedelta(minutes=1)
    with store.begin() as tx:
        rows.insert(tx, [_arrival("again"), _arrival("done")])
        slow = rows.claim(tx, now=NOW, lease_until=NOW + lease, most=10)
        assert rows.still_claimed(tx, slow) == {claim.id for claim in slow}
        later = NOW + 2 * lease
        [first, second] = rows.claim(tx, now=later, lease_until=later + lease, most=10)
        rows.settle(tx, [(second.id, rows.Settled(fate="automatic"))])

    with store.begin() as tx:
        assert rows.still_claimed(tx, slow) == set()
        assert rows.still_claimed(tx, [first, second]) == {first.id}


def test_released_mail_is_due_again_and_done_mail_is_not(store: Store) -> None:
    with store.begin() as tx:
        [first, second] = rows.insert(tx, [_arrival("a"), _arrival("b")])
        rows.hold(tx, first, error="why", head=rows.Head())
        rows.settle(tx, [(second, rows.Settled(fate="automatic"))])
        assert rows.release(tx, first, now=NOW)
        assert not rows.release(tx, second, now=NOW)
        assert not rows.drop(tx, second, reason="no")
        assert rows.drop(tx, first, reason="spam")

    with store.read() as tx:
        assert tx.execute(select(inbox.c.state).order_by(inbox.c.id)).scalars().all() == [
            "dropped",
            "done",
        ]
