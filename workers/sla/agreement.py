"""Agreements: how soon a ticket is answered and resolved, and who is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from daemon.desk.ticket import Ticket
from workers.sla.calendar import ALWAYS, Calendar
from workers.sla.ladder import PLAIN, Ladder

#: What is measured, and what it means to a reader.
METRICS: Mapping[str, str] = {
    "respond": "the first answer of a person",
    "next": "the answer to a later message",
    "update": "news to the requester, again and again",
    "resolve": "the end",
    "own": "a team's part",
    "supply": "a supplier's part",
    "approve": "a decision",
    "task": "a piece of work within a ticket",
}

#: With whom it is agreed: the customer, a team of ours, a supplier; and what each may promise.
KINDS: Mapping[str, tuple[str, ...]] = {
    "sla": tuple(METRICS),
    "ola": ("own", "task"),
    "uc": ("supply",),
}

#: Waits that may stop the clock of the resolution, if the agreement says so.
WAITS = ("customer", "until", "vendor", "change", "approval")

#: The targets of a major incident stand beside those of the priorities.
MAJOR = "major"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A metric and how long it may take."""

    metric: str
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which tickets an agreement is for; an empty set is all of them. Names are folded."""

    organisations: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()

    @property
    def weight(self) -> tuple[bool, ...]:
        """The more specific scope has the greater weight: whose, for what, which kind of ticket."""
        return (
            bool(self.organisations),
            bool(self.services),
            bool(self.teams),
            bool(self.types),
        )

    def covers(self, ticket: Ticket) -> bool:
        """True when the ticket is one of them."""
        return (
            _has(self.organisations, ticket.organisation)
            and _has(self.services, ticket.service)
            and _has(self.teams, ticket.team)
            and _has(self.types, ticket.type.value)
        )


def _has(names: frozenset[str], name: str) -> bool:
    return not names or name.casefold() in names


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Targets by priority, and all that was agreed about how they are measured."""

    name: str
    kind: str = "sla"
    #: ``escalation.yaml``'s line, for whoever asks why.
    line: int = 0
    scope: Scope = field(default_factory=Scope)
    calendar: Calendar = ALWAYS
    #: By priority, and those of ``major``.
    targets: Mapping[str, tuple[Target, ...]]
    #: Waits that stop the clock of the resolution.
    pauses: frozenset[str] = frozenset({"customer", "until"})
    #: After a reopening the resolution starts afresh rather than going on.
    restarts: bool = False
    #: Where a target changes, the time used up so far counts.
    carries: bool = True
    #: An owner is response enough.
    responds_on_assign: bool = False
    ladder: Ladder = PLAIN
    #: Percent of the clocks that are to be met.
    objective: int | None = None
    valid_from: date | None = None
    #: The last day.
    valid_to: date | None = None
    #: For a reader: who answers for it, with whom it is made, what is left out.
    owner: str = ""
    parties: str = ""
    exclusions: str = ""
    review_every: str = ""

    def is_valid(self, on: date) -> bool:
        """True on the days of its validity."""
        return (self.valid_from or on) <= on <= (self.valid_to or on)

    def targets_of(self, ticket: Ticket) -> dict[str, timedelta]:
        """The targets of the ticket's priority; of a major incident those of ``major`` first."""
        found = self.targets.get(ticket.priority, ())
        if ticket.major:
            found = (*found, *self.targets.get(MAJOR, ()))
        return {target.metric: target.within for target in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed about one clock, frozen into it: editing a file changes no promise."""

    agreement: str
    calendar: Calendar
    within: timedelta
    pauses: frozenset[str] = field(default_factory=frozenset)
    restarts: bool = False
    carries: bool = True
    responds_on_assign: bool = False

    @property
    def promise(self) -> tuple[str, str, timedelta, frozenset[str]]:
        """What makes two terms different promises."""
        return self.agreement, self.calendar.version, self.within, self.pauses


def choose(agreements: Iterable[Agreement], ticket: Ticket, on: date) -> tuple[Agreement, ...]:
    """The agreement of each kind that is in force for the ticket: the most specific one.

    Of two that are as specific the first in the file. One without targets for the ticket's
    priority says nothing about it, and leaves it to the next.
    """
    best: dict[str, Agreement] = {}
    for agreement in agreements:
        if not (agreement.is_valid(on) and agreement.scope.covers(ticket)):
            continue
        known = best.get(agreement.kind)
        is_better = known is None or agreement.scope.weight > known.scope.weight
        if is_better and agreement.targets_of(ticket):
            best[agreement.kind] = agreement
    return tuple(best[kind] for kind in KINDS if kind in best)


def promised(agreements: Iterable[Agreement], ticket: Ticket, on: date) -> dict[str, Terms]:
    """The terms of every clock that the ticket may have; a team's own agreement comes first."""
    return {
        metric: Terms(
            agreement=agreement.name,
            calendar=agreement.calendar,
            within=within,
            pauses=agreement.pauses,
            restarts=agreement.restarts,
            carries=agreement.carries,
            responds_on_assign=agreement.responds_on_assign,
        )
        for agreement in choose(agreements, ticket, on)
        for metric, within in agreement.targets_of(ticket).items()
    }
