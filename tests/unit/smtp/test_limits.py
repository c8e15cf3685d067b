"""Places and bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon.settings import Limits
from daemon.smtp_limits import Budget, Pace, Peer, Places, patience


@pytest.mark.parametrize(
    ("elapsed", "received", "seconds"),
    [
        (0, 1, 30),  # the grace, which is less than it may be silent
        (29, 1, 1),
        (30, 1, 0),
        (30, 30 * 1024, 0),  # as slow as may be: the next kilobyte buys the next second
        (30, 31 * 1024, 1),
        (30, 40 * 1024, 10),
        (30, 1024 * 1024, 60),
        (595, 10 * 1024 * 1024, 5),
        (601, 25 * 1024 * 1024, -1),
    ],
)
def test_patience_with_a_sender_that_is_slow(elapsed: float, received: int, seconds: float) -> None:
    assert patience(Limits(), elapsed, received) == seconds


@pytest.mark.parametrize(
    ("peername", "name", "is_local"),
    [
        (("127.0.0.1", 5), "127.0.0.1", True),
        (("127.9.9.9", 5), "127.9.9.9", True),
        (("::1", 5, 0, 0), "::1", True),
        (("::ffff:127.0.0.1", 5, 0, 0), "127.0.0.1", True),
        (("::ffff:192.0.2.1", 5, 0, 0), "192.0.2.1", False),
        (("192.0.2.1", 5), "192.0.2.1", False),
        (("fe80::1%eth0", 5, 0, 2), "fe80::1%eth0", False),
        (("2001:db8::1", 5, 0, 0), "2001:db8::1", False),
        ("", "unix", True),
        (b"", "unix", True),
        (None, "unix", True),
    ],
)
def test_peer_is_who_the_socket_says(peername: object, name: str, is_local: bool) -> None:
    peer = Peer(peername)

    assert (peer.name, peer.is_local) == (name, is_local)


def test_peers_are_counted_apart() -> None:
    places = Places(total=10, per_peer=2)
    one, other = Peer(("192.0.2.1", 1)), Peer(("192.0.2.2", 1))

    assert [places.enter(one) for _ in range(3)] == [True, True, False]
    assert places.enter(other)
    places.leave(one)
    assert places.enter(one)


def test_one_site_of_ipv6_is_one_peer() -> None:
    places = Places(total=10, per_peer=1)

    assert places.enter(Peer(("2001:db8:0:1::1", 1, 0, 0)))
    assert not places.enter(Peer(("2001:db8:0:1:ffff::2", 1, 0, 0)))
    assert places.enter(Peer(("2001:db8:0:2::1", 1, 0, 0)))


def test_local_peers_are_counted_in_the_total_only() -> None:
    places = Places(total=3, per_peer=1)
    local = Peer(("127.0.0.1", 1))

    assert [places.enter(local) for _ in range(4)] == [True, True, True, False]
    assert not places.enter(Peer(("192.0.2.1", 1)))


def test_peers_that_left_are_not_remembered() -> None:
    places = Places(total=10, per_peer=2)
    for number in range(100):
        peer = Peer((f"192.0.2.{number}", 1))
        assert places.enter(peer)
        places.leave(peer)

    assert not places._by_peer


def test_budget_gives_what_there_is_and_takes_it_back() -> None:
    budget = Budget(100)
    one, other = budget.share(), budget.share()

    assert one.take(60)
    assert not other.take(50)
    assert other.take(40)
    assert not budget.has(0)
    one.close()
    one.close()
    assert budget.has(59)
    assert not budget.has(60)


def test_pace_is_each_senders_and_each_minutes() -> None:
    pace = Pace(2)
    minute = datetime(2026, 3, 2, 9, tzinfo=UTC)

    assert [pace.allows("a", minute + timedelta(seconds=each)) for each in (0, 1, 2)] == [
        True,
        True,
        False,
    ]
    assert pace.allows("b", minute + timedelta(seconds=3))
    assert pace.allows("a", minute + timedelta(seconds=60))
