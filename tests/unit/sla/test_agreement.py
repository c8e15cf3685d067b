"""Which agreement holds for a ticket."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber, Type
from workers.sla.agreement import Agreement, Scope, Target, choose, promised

_AT = datetime(2026, 3, 6, 17, tzinfo=UTC)
_ON = _AT.date()


def _ticket(**fields: Any) -> Ticket:
    values = {"priority": "P1", "organisation": "Acme", "service": "vpn", "team": "network"}
    return Ticket(
        number=TicketNumber(1),
        requester=PersonId(1),
        created_at=_AT,
        updated_at=_AT,
        **(values | fields),
    )


def _agreement(name: str, hours: int = 4, priority: str = "P1", **fields: Any) -> Agreement:
    metric = fields.pop("metric", "resolve")
    target = Target(metric=metric, within=timedelta(hours=hours))
    return Agreement(name=name, targets={priority: (target,)}, **fields)


def _scope(**names: str) -> Scope:
    return Scope(**{name: frozenset({value}) for name, value in names.items()})


_GENERAL = _agreement("general")
_OF_TYPE = _agreement("incidents", scope=_scope(types="incident"))
_OF_SERVICE = _agreement("vpn", scope=_scope(services="vpn"))
_OF_ACME = _agreement("acme", scope=_scope(organisations="acme"))
_OF_BOTH = _agreement("acme vpn", scope=_scope(organisations="acme", services="vpn"))


@pytest.mark.parametrize(
    ("agreements", "fields", "chosen"),
    [
        ([_GENERAL, _OF_TYPE, _OF_SERVICE, _OF_ACME, _OF_BOTH], {}, "acme vpn"),
        ([_GENERAL, _OF_TYPE, _OF_SERVICE, _OF_ACME], {}, "acme"),
        ([_GENERAL, _OF_TYPE, _OF_SERVICE], {}, "vpn"),
        ([_GENERAL, _OF_TYPE], {}, "incidents"),
        ([_GENERAL, _OF_TYPE], {"type": Type.REQUEST}, "general"),
        ([_GENERAL, _OF_ACME], {"organisation": "Globex"}, "general"),
        ([_GENERAL, _agreement("second")], {}, "general"),
    ],
)
def test_the_most_specific_agreement_counts(
    agreements: list[Agreement], fields: dict[str, Any], chosen: str
) -> None:
    assert [each.name for each in choose(agreements, _ticket(**fields), _ON)] == [chosen]


def test_an_agreement_that_says_nothing_of_the_priority_leaves_it_to_the_next() -> None:
    special = _agreement("acme", priority="P2", scope=_scope(organisations="acme"))

    assert choose([special, _GENERAL], _ticket(), _ON) == (_GENERAL,)
    assert choose([special], _ticket(priority="P4"), _ON) == ()


def test_an_agreement_holds_on_its_days() -> None:
    old = _agreement("old", valid_to=date(2026, 3, 5))
    new = _agreement("new", valid_from=date(2026, 3, 6))

    assert choose([old, new], _ticket(), date(2026, 3, 5)) == (old,)
    assert choose([old, new], _ticket(), date(2026, 3, 6)) == (new,)


def test_a_team_and_a_supplier_have_promises_of_their_own() -> None:
    team = _agreement("network", metric="own", kind="ola", scope=_scope(teams="network"))
    supplier = _agreement("carrier", hours=40, metric="supply", kind="uc")

    terms = promised([_GENERAL, team, supplier], _ticket(), _ON)

    assert {metric: each.agreement for metric, each in terms.items()} == {
        "resolve": "general",
        "own": "network",
        "supply": "carrier",
    }
    assert "own" not in promised([_GENERAL, team], _ticket(team="support"), _ON)


def test_a_major_incident_has_targets_beside_those_of_its_priority() -> None:
    agreement = Agreement(
        name="standard",
        targets={
            "P1": (Target(metric="resolve", within=timedelta(hours=4)),),
            "major": (Target(metric="update", within=timedelta(minutes=30)),),
        },
    )

    assert set(promised([agreement], _ticket(), _ON)) == {"resolve"}
    assert set(promised([agreement], _ticket(major=True), _ON)) == {"resolve", "update"}
