"""What all connections together may take: places, and bytes of mail in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from daemon.settings import Limits


def patience(limits: Limits, elapsed: float, received: int) -> float:
    """How many seconds the sender of a mail may now be silent; not positive when time is up.

    After a grace the mail must have come at a minimum rate: a client that drips a byte a minute
    holds a place for no longer than one that is silent.
    """
    for_its_size = max(limits.data_grace_seconds, received / limits.data_bytes_per_second)
    left = min(limits.data_total_seconds, for_its_size) - elapsed
    return min(limits.data_idle_seconds, left)


class Peer:
    """Who is at the other end of a connection, as its socket tells."""

    __slots__ = ("_address", "name")

    def __init__(self, peername: object) -> None:
        self._address = _address(peername)
        #: The address, or ``unix`` for a socket of this machine.
        self.name = str(self._address) if self._address else "unix"

    @property
    def is_local(self) -> bool:
        """True for loopback and unix sockets."""
        return self._address is None or self._address.is_loopback

    @property
    def key(self) -> Hashable:
        """What is counted as one peer: an IPv4 address, or the /64 that one IPv6 site is given."""
        if isinstance(self._address, IPv6Address):
            return IPv6Network((int(self._address) >> 64 << 64, 64))
        return self._address


def _address(peername: object) -> IPv4Address | IPv6Address | None:
    if not isinstance(peername, tuple):
        return None
    address = ip_address(peername[0])
    # A socket that listens on both families names IPv4 peers ::ffff:192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address


class Places:
    """The places for connections: so many in all, so many for each peer that is not local."""

    def __init__(self, total: int, per_peer: int) -> None:
        self._total, self._per_peer = total, per_peer
        self._taken = 0
        self._by_peer: Counter[Hashable] = Counter()

    def enter(self, peer: Peer) -> bool:
        """Take a place; False when there is none."""
        if self._taken >= self._total:
            return False
        if not peer.is_local:
            if self._by_peer[peer.key] >= self._per_peer:
                return False
            self._by_peer[peer.key] += 1
        self._taken += 1
        return True

    def leave(self, peer: Peer) -> None:
        """Give a place back."""
        self._taken -= 1
        if not peer.is_local:
            self._by_peer[peer.key] -= 1
            self._by_peer += Counter()  # drops the peers that count nothing


class Pace:
    """How fast one sender may write, so that a bomb of mails becomes a trickle of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = datetime.min.replace(tzinfo=UTC)
        self._counts: Counter[Hashable] = Counter()

    def allows(self, sender: Hashable, now: datetime) -> bool:
        """Count a mail; False when the sender has had his share of this minute."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        self._counts[sender] += 1
        return self._counts[sender] <= self._most


class Budget:
    """The bytes of mail that all connections together may hold."""

    def __init__(self, total: int) -> None:
        self._free = total

    def has(self, size: int) -> bool:
        """True when a mail of ``size`` would fit now."""
        return size < self._free

    def share(self) -> Share:
        """Open an account for one mail."""
        return Share(self)

    def _move(self, size: int) -> bool:
        if size > self._free:
            return False
        self._free -= size
        return True


class Share:
    """One mail's part of the budget."""

    __slots__ = ("_budget", "_size")

    def __init__(self, budget: Budget) -> None:
        self._budget, self._size = budget, 0

    def take(self, size: int) -> bool:
        """Take so many bytes more; False when the budget is used up."""
        if not self._budget._move(size):
            return False
        self._size += size
        return True

    def close(self) -> None:
        """Give all of it back; harmless a second time."""
        self._budget._move(-self._size)
        self._size = 0
