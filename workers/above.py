"""Who is next on a ticket's ladder, whom ``/escalate`` tells now; the clocks go on as they were."""

from __future__ import annotations

from daemon.desk.events import EventKind
from daemon.desk.people import Agent
from daemon.desk.ticket import Ticket
from daemon.store import tickets
from workers import clocks
from workers.case import Case
from workers.rules.roles import ADMINS, stand_for
from workers.sla.clock import ClockState
from workers.sla.ladder import BREACH, Ladder, Rung


def above(case: Case, ticket: Ticket, but: str) -> tuple[Agent, ...]:
    """Who stands on the next rung, without the one who asks; else the team's lead.

    Asked again, one rung higher. Nobody: the admins are to be told.
    """
    ladder, rung = _ladder(case, ticket)
    while rung is not None:
        agents = [one for one in stand_for(rung.to, case.directory, ticket) if one.name != but]
        if agents or any(ADMINS in names for names in rung.to):
            return tuple(agents)
        rung = ladder.above(rung.rank)
    lead = stand_for((("lead",),), case.directory, ticket)
    return tuple(one for one in lead if one.name != but)


def _ladder(case: Case, ticket: Ticket) -> tuple[Ladder, Rung | None]:
    """The ladder of the clock that is due first, and where help from above begins on it."""
    known = clocks.load(case.writes, case.desk.calendars, ticket.number)
    running = [clock for clock in known if clock.state is ClockState.RUNNING and clock.due_at]
    if not running:
        return Ladder(), None
    clock = min(running, key=lambda one: (one.due_at, one.key))
    ladder = clocks.ladder_of(case.rules, clock)
    # What comes before the breach only reminds the owner.
    rung = ladder.above(max(clock.told, BREACH - 1))
    for _ in range(_asked_before(case, ticket)):
        rung = (ladder.above(rung.rank) or rung) if rung else None
    return ladder, rung


def _asked_before(case: Case, ticket: Ticket) -> int:
    case.writes.flush()
    kinds = [event.kind for event in tickets.history(case.tx, ticket.number)]
    return max(0, kinds.count(EventKind.ESCALATED) - 1)
