"""The rules' word on a ticket, in the transaction that decides it.

Whoever changes a ticket asks here before he writes it: the rules add their events to his. After it
is written, ``Ruling.carry_out`` writes what they cause beside it: notices, mails, calls, timers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.store import people, timers
from daemon.store.engine import Tx
from daemon.store.people import Person
from daemon.store.writes import Writes
from workers import causing, clocks, ruletimers, staffing
from workers.case import Case
from workers.causing import Cause
from workers.desk import Desk
from workers.rules.effect import Effect
from workers.rules.facts import Facts, facts_of, with_requester
from workers.rules.judge import Judge, happenings_of
from workers.rules.owner import pick
from workers.rules.rule import Pick
from workers.rules.ruleset import RuleSet
from workers.rules.trigger import Happening, Trigger
from workers.sla.clock import ClockState
from workers.tell import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where and when the rules are asked."""

    writes: Writes
    desk: Desk
    rules: RuleSet
    now: datetime
    #: What makes the notices of this decision its own: ``in17``.
    unique: str

    @property
    def tx(self) -> Tx:
        """The transaction in which it is decided."""
        return self.writes.tx


def scene_of(case: Case) -> Scene:
    """A mail is being taken in."""
    return Scene(
        writes=case.writes,
        desk=case.desk,
        rules=case.rules,
        now=case.now,
        unique=f"rule{case.mail.id}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the rules decided, to be carried out when the ticket is written."""

    scene: Scene
    change: Change
    causes: Sequence[tuple[Cause, Effect]]
    #: Rules that set each other off without end; empty for sane ones.
    loop: tuple[str, ...] = ()

    def carry_out(self) -> None:
        """Write the rows that the rules cause beside the ticket."""
        scene = self.scene
        timers.add(scene.writes, ruletimers.timers_of(scene.rules, self.change))
        for cause, effect in self.causes:
            causing.carry_out(cause, effect)
        if self.loop:
            Teller(scene.writes, scene.desk, scene.now).to_admins(
                f"loop-{scene.rules.version}-{self.loop[0]}",
                title="Rules set each other off without end and were stopped",
                details="\n".join((*self.loop, f"postdesk rules explain {self._number}")),
            )

    @property
    def _number(self) -> TicketNumber:
        return self.change.ticket.number


def opened(case: Case, change: Change, requester: Person, facts: Facts | None = None) -> Ruling:
    """A new ticket: the rules say what it is about, how urgent, and what is done at once.

    ``facts`` are those of a matter that another mail than this one holds.
    """
    scene = scene_of(case)
    if facts:
        # One mail may open several of them.
        scene = replace(scene, unique=f"{scene.unique}-{change.ticket.number}")
    judge = _judge(scene, change, requester, facts or facts_in(case))
    judge.opened()
    return _ruling(scene, judge, requester)


def held(case: Case) -> str:
    """Why a mail is to become no ticket before a person has looked; empty for nearly all."""
    if not case.rules.routing.may_hold:
        return ""
    draft = Ticket(
        number=TicketNumber(0),
        requester=PersonId(0),
        created_at=case.mail.received_at,
        updated_at=case.now,
    )
    judge = Judge(case.rules, facts_in(case), Change(draft), case.now)
    judge.opened()
    return judge.hold


def happened(
    scene: Scene, change: Change, *triggers: Trigger, facts: Facts | None = None, rule: str = ""
) -> Ruling:
    """Something happened to a ticket that is there; what its events say is added to it."""
    scene.writes.flush()
    requester = people.get(scene.tx, change.ticket.requester)
    judge = _judge(scene, change, requester, facts or Facts())
    judge.happened(
        *(Happening(trigger=trigger, rule=rule) for trigger in triggers),
        *happenings_of(change.events),
    )
    return _ruling(scene, judge, requester)


def facts_in(case: Case) -> Facts:
    """The mail, as rules see it."""
    return facts_of(
        case.message,
        case.mail.envelope,
        case.directory,
        size=len(case.mail.raw),
        now=case.now,
        is_authenticated=case.checked.is_checked,
    )


def _judge(scene: Scene, change: Change, requester: Person, facts: Facts) -> Judge:
    facts = with_requester(
        facts,
        requester.address,
        scene.rules.directory,
        now=scene.now,
        calendar=scene.rules.working_time,
    )
    if change.ticket.last_event and scene.rules.automation.rules:
        facts = _with_clocks(scene, change.ticket, facts)

    def find(wanted: Pick, ticket: Ticket) -> str:
        there = staffing.of(scene.writes, scene.desk.staff, scene.rules, ticket, scene.now)
        return pick(wanted, ticket, scene.rules.directory, scene.rules.services, there)

    return Judge(scene.rules, facts, change, scene.now, find)


def _with_clocks(scene: Scene, ticket: Ticket, facts: Facts) -> Facts:
    """How far the clocks of a ticket are that is there."""
    running = [
        clock
        for clock in clocks.load(scene.writes, scene.desk.calendars, ticket.number)
        if clock.state is ClockState.RUNNING
    ]
    used = {clock.metric: 100 * (clock.used(scene.now) / clock.terms.within) for clock in running}
    due = [clock.due_at for clock in running if clock.due_at]
    return replace(facts, used=used, due_at=min(due, default=None))


def _ruling(scene: Scene, judge: Judge, requester: Person) -> Ruling:
    causes: list[tuple[Cause, Effect]] = []
    for number, (rule, effect) in enumerate(judge.effects):
        cause = Cause(
            writes=scene.writes,
            desk=scene.desk,
            rules=scene.rules,
            now=scene.now,
            change=judge.change,
            requester=requester,
            rule=rule.ref,
            unique=f"{scene.unique}-{number}",
        )
        causing.foretell(cause, effect)
        causes.append((cause, effect))
    return Ruling(scene=scene, change=judge.change, causes=causes, loop=judge.loop)
