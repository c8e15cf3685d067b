"""People whose rows wait until somebody may look for them, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from daemon.store import people
from daemon.store.engine import Store
from daemon.store.known import Known
from daemon.store.people import Stranger
from daemon.store.writes import Writes

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = ("ana", "ben", "carol", "dan")


def _address(name: str) -> str:
    return f"{name}@acme.test"


def test_more_strangers_than_were_expected_are_people_of_their_own(store: Store) -> None:
    with store.begin() as tx:
        known = Known(Writes(tx), addresses=[_address("ana"), _address("ben")])
        met = {
            name: people.meet(known, Stranger(address=_address(name)), now=AT, may_wait=True).id
            for name in NAMES
        }
        known.writes.flush()

    with store.begin() as tx:
        [eve] = [people.meet(Known(Writes(tx)), Stranger(address="eve@acme.test"), now=AT).id]
        assert {people.get(tx, person).address: person for person in met.values()} == {
            _address(name): person for name, person in met.items()
        }
        assert eve not in met.values()


def test_one_whose_row_waits_is_found_at_his_address(store: Store) -> None:
    with store.begin() as tx:
        known = Known(Writes(tx), addresses=[_address("ana")])
        stranger = Stranger(address=_address("ana"), name="Ana")
        first = people.meet(known, stranger, now=AT, may_wait=True)

        assert people.find(tx, first.id) is None
        assert people.meet(known, stranger, now=AT, may_wait=True) == first
        assert people.get(tx, first.id) == first


def test_those_whose_rows_wait_count_as_met(store: Store) -> None:
    with store.begin() as tx:
        writes = Writes(tx)
        for minute, name in enumerate(NAMES):
            met_at = AT + timedelta(minutes=minute)
            stranger = Stranger(address=_address(name))
            people.meet(Known(writes), stranger, now=met_at, may_wait=minute >= 2)

        found = [people.met_before(writes, newer) for newer in range(5)]

    assert found == [*(AT + timedelta(minutes=minute) for minute in (3, 2, 1, 0)), None]
