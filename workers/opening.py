"""A mail that opens a ticket: who it is from, what the rules say, by when, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from daemon.arrival import Source
from daemon.desk.events import EventKind
from daemon.desk.links import Link, Relation
from daemon.desk.people import fold
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.store import links, messages, people, tickets
from daemon.store.inbox import Settled
from daemon.store.people import Person, Stranger
from workers import brakes, clocks, tell
from workers.case import Case
from workers.notices.notice import Due, Kind, Notice, Recipient
from workers.place import Placement
from workers.rules.facts import facts_of
from workers.rules.match import Decision, prioritise, route


def opened(case: Case, placement: Placement, *, follow_up_of: int | None = None) -> Settled:
    """A new ticket, its first message, its clocks, its acknowledgement and its team's notice."""
    requester = _requester(case)
    change = _new_ticket(case, requester)
    _apply_rules(case, change)
    may_answer = brakes.may_answer(case, change, is_echo=placement.possibly is not None)
    related = follow_up_of or placement.possibly
    if related:
        _relate(case, change, related, is_follow_up=follow_up_of is not None)
    if may_answer:
        change.record(case.now, "desk", EventKind.NOTICE, notice="acknowledgement")
    due = _start_clocks(case, change)
    tickets.create(case.writes, change, case.mail.id)
    _keep(case, change.ticket, placement)
    if may_answer:
        _acknowledge(case, change.ticket, requester, due)
    _tell_team(case, change.ticket, requester, due)
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


def _start_clocks(case: Case, change: Change) -> tuple[Due, ...]:
    """Targets count from the arrival, whenever the worker came to it; none for a machine."""
    is_person = case.message.automatic is None
    started = clocks.follow(
        case.writes, case.desk, case.rules, change, case.now, is_measured=is_person
    )
    return tuple(Due(metric=clock.metric, at=clock.due_at) for clock in started if clock.due_at)


def _keep(case: Case, ticket: Ticket, placement: Placement) -> None:
    entry = case.entry(ticket.number, person=ticket.requester, authority=_authority(case))
    messages.add(case.writes, entry)
    messages.await_parents(case.writes, ticket.number, placement.unknown_parents[:20])


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
