"""A mail that opens a ticket: who it is from, what the rules say, by when, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from daemon.arrival import Source
from daemon.desk.events import EventKind
from daemon.desk.links import Link, Relation
from daemon.desk.people import fold
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.store import clocks, links, messages, people, tickets, timers
from daemon.store.clocks import ClockRow
from daemon.store.inbox import Settled
from daemon.store.people import Person, Stranger
from daemon.store.timers import Timer
from workers import brakes, tell
from workers.case import Case
from workers.notices.notice import Due, Kind, Notice, Recipient
from workers.place import Placement
from workers.rules.facts import facts_of
from workers.rules.match import Decision, prioritise, route
from workers.sla import clock as sla
from workers.sla.agreement import choose
from workers.sla.clock import Clock


def opened(case: Case, placement: Placement, *, follow_up_of: int | None = None) -> Settled:
    """A new ticket, its first message, its clocks, its acknowledgement and its team's notice."""
    requester = _requester(case)
    change = _new_ticket(case, requester)
    _apply_rules(case, change)
    may_answer = brakes.may_answer(case, change, is_echo=placement.possibly is not None)
    related = follow_up_of or placement.possibly
    if related:
        _relate(case, change, related, is_follow_up=follow_up_of is not None)
    started = _start_clocks(case, change)
    if may_answer:
        change.record(case.now, "desk", EventKind.NOTICE, notice="acknowledgement")
    tickets.create(case.writes, change, case.mail.id)
    _keep(case, change.ticket, placement, started)
    if may_answer:
        _acknowledge(case, change.ticket, requester, started.due)
    _tell_team(case, change.ticket, requester, started.due)
    return case.settled("ticket", change.ticket.number, authority=_authority(case))


def _relate(case: Case, change: Change, other: int, *, is_follow_up: bool) -> None:
    relation = Relation.FOLLOW_UP_OF if is_follow_up else Relation.POSSIBLY_ABOUT
    change.record(case.now, "desk", EventKind.LINKED, relation=relation.value, ticket=other)
    link = Link(a=change.ticket.number, relation=relation, b=TicketNumber(other))
    links.add(case.writes, link)


def _requester(case: Case) -> Person:
    address = case.sender or case.mail.envelope.sender
    organisation = case.directory.organisation_of(address)
    language = case.message.language
    if not language and organisation:
        language = organisation.language
    agent = case.directory.agent_at(address)
    stranger = Stranger(
        address=agent.address if agent else address,
        name=case.sender_name,
        language=language,
        organisation=organisation.name if organisation else "",
    )
    return people.meet(case.known, stranger, now=case.now)


def _new_ticket(case: Case, requester: Person) -> Change:
    number = TicketNumber(case.writes.next_number())
    created = case.mail.received_at
    change = Change(
        Ticket(number=number, requester=requester.id, created_at=created, updated_at=created)
    )
    settings = case.desk.ctx.settings
    fields = {
        "subject": case.message.subject or _first_line(case.message.reply),
        "organisation": requester.organisation,
        "language": requester.language or settings.language,
        "via": _via(case),
    }
    change.record(case.now, f"person:{requester.id}", EventKind.CREATED, set=fields)
    return change


def _via(case: Case) -> str:
    via = case.message.header("x-postdesk-via") if case.mail.source is Source.INTAKE else ""
    return via[:16] or "mail"


def _first_line(text: str) -> str:
    return next((line.strip()[:80] for line in text.splitlines() if line.strip()), "")


def _apply_rules(case: Case, change: Change) -> None:
    facts = facts_of(case.message, case.mail.envelope, case.directory)
    _decide(case, change, route(case.rules, facts).decisions)
    ticket = change.ticket
    priority = prioritise(case.rules, facts, ticket.impact, ticket.urgency, ticket.service)
    _decide(case, change, priority.decisions)


def _decide(case: Case, change: Change, decisions: Sequence[Decision]) -> None:
    """Rules set fields: an event for each rule, which it names."""
    for rule, of_rule in groupby(decisions, key=lambda decision: decision.rule):
        fields: dict[str, Any] = {}
        for decision in of_rule:
            known = fields.get("tags", change.ticket.tags) if decision.field == "tags" else ()
            fields[decision.field] = _value(decision, known)
        change.set(case.now, f"rule:{rule.file}:{rule.line}", fields, why=rule.name)


def _value(decision: Decision, known: Sequence[str]) -> str | list[str]:
    """Tags add up; any other field takes the rule's word."""
    if isinstance(decision.value, str):
        return decision.value
    return list(dict.fromkeys((*known, *decision.value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Started:
    """The clocks of a new ticket, and when they ring."""

    clocks: tuple[ClockRow, ...] = ()
    timers: tuple[Timer, ...] = ()

    @property
    def due(self) -> tuple[Due, ...]:
        return tuple(Due(metric=clock.metric, at=clock.due_at) for clock in self.clocks)


def _start_clocks(case: Case, change: Change) -> _Started:
    """Targets count from the arrival, whenever the worker came to it."""
    ticket = change.ticket
    agreement = None if case.message.automatic else choose(case.rules.agreements, ticket.priority)
    if agreement is None:
        return _Started()
    started = sla.start(agreement, ticket.priority, ticket.created_at)
    for clock in started:
        change.record(
            case.now,
            f"clock:{clock.metric}",
            EventKind.CLOCK,
            metric=clock.metric,
            what="started",
            due_at=clock.due_at.isoformat(),
            agreement=agreement.name,
        )
    return _Started(
        clocks=tuple(_clock_row(clock, ticket) for clock in started),
        timers=tuple(timer for clock in started for timer in _timers(clock, ticket)),
    )


def _clock_row(clock: Clock, ticket: Ticket) -> ClockRow:
    return ClockRow(
        ticket=ticket.number,
        metric=clock.metric,
        target_seconds=int(clock.target.total_seconds()),
        started_at=clock.started_at,
        due_at=clock.due_at,
    )


def _timers(clock: Clock, ticket: Ticket) -> list[Timer]:
    return [
        Timer(
            key=timer.key,
            kind=timer.kind,
            at=timer.at,
            ticket=ticket.number,
            data={"metric": clock.metric, "percent": timer.percent},
        )
        for timer in sla.timers(clock, ticket.number)
    ]


def _keep(case: Case, ticket: Ticket, placement: Placement, started: _Started) -> None:
    entry = case.entry(ticket.number, person=ticket.requester, authority=_authority(case))
    messages.add(case.writes, entry)
    messages.await_parents(case.writes, ticket.number, placement.unknown_parents[:20])
    clocks.add(case.writes, started.clocks)
    timers.add(case.writes, started.timers)


def _authority(case: Case) -> str:
    return "sender-checked" if case.checked.is_checked else "none"


def _acknowledge(case: Case, ticket: Ticket, requester: Person, due: tuple[Due, ...]) -> None:
    parent = case.message.message_id
    notice = Notice(
        kind=Kind.ACKNOWLEDGEMENT,
        to=Recipient(
            person=requester.id,
            address=fold(case.sender),
            name=requester.name,
            language=ticket.language,
        ),
        at=case.now,
        unique="ack",
        ticket=ticket,
        due=due,
        handler=tell.handler_name(case.directory, ticket),
        references=(*case.message.references, parent) if parent else (),
        in_reply_to=parent,
        may_quote=case.checked.is_checked,
    )
    case.teller.post(notice)


def _tell_team(case: Case, ticket: Ticket, requester: Person, due: tuple[Due, ...]) -> None:
    """Everybody who may take it, but not the agent who wrote it himself."""
    author = case.directory.agent_at(case.sender)
    agents = tell.handlers(case.directory, ticket, but=author.name if author else "")
    case.teller.to_agents(
        agents,
        ticket,
        Kind.NEW_TICKET,
        requester,
        unique="new",
        author=case.sender_name or case.sender,
        author_address=case.sender,
        text=case.message.text,
        due=due,
        handler=tell.handler_name(case.directory, ticket),
    )
