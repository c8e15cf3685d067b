"""Whom a role stands for, on a rung, too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from daemon.desk.people import Agent, Directory, PersonId, Team
from daemon.desk.ticket import Ticket, TicketNumber
from workers.alert import audience
from workers.rules.roles import stand_for
from workers.sla.ladder import Ladder, Rung

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_AGENTS = tuple(
    Agent(name=name, full_name=name, addresses=(f"{name}@desk.test",))
    for name in ("ann", "bo", "cho", "mina")
)
_DIRECTORY = Directory(
    agents=_AGENTS,
    teams=(
        Team(name="net", members=("ann", "bo"), lead="cho", manager="mina"),
        Team(name="desk", members=("ann",)),
    ),
    default_team="desk",
)


@pytest.mark.parametrize(
    ("team", "to", "names"),
    [
        ("net", (("owner", "team"),), ("ann", "bo")),
        ("net", (("lead",), ("manager",)), ("cho", "mina")),
        ("net", (("manager",), ("mina",)), ("mina",)),
        ("desk", (("manager", "lead", "team"),), ("ann",)),
        ("", (("manager",),), ()),
    ],
)
def test_of_alternatives_the_first_who_is_there(
    team: str, to: tuple[tuple[str, ...], ...], names: tuple[str, ...]
) -> None:
    assert tuple(agent.name for agent in stand_for(to, _DIRECTORY, _ticket(team))) == names


@pytest.mark.parametrize(
    ("team", "names", "to_admins"),
    [("net", ("mina",), False), ("desk", (), True)],
)
def test_admins_are_told_where_nobody_before_them_is_there(
    team: str, names: tuple[str, ...], *, to_admins: bool
) -> None:
    ladder = Ladder(rungs=(Rung(rank=100, to=(("manager", "admins"),)),))

    agents, are_told = audience(_DIRECTORY, _ticket(team), ladder, 100)

    assert (tuple(agent.name for agent in agents), are_told) == (names, to_admins)


def _ticket(team: str) -> Ticket:
    return Ticket(
        number=TicketNumber(1), requester=PersonId(1), created_at=_NOW, updated_at=_NOW, team=team
    )
