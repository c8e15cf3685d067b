"""The 42 attacks of the threat model are one table."""

from __future__ import annotations

from tests.system.attacks import identity, machine


def test_table_is_whole() -> None:
    numbers = sorted(attack.number for attack in (*identity.ATTACKS, *machine.ATTACKS))

    assert numbers == list(range(1, 43))
