"""A proven agent's answer: commands at its top, and his text to the requester as the desk's."""

from __future__ import annotations

from typing import Any

from daemon.desk.events import EventKind
from daemon.desk.people import Agent
from daemon.desk.ticket import State, Ticket
from daemon.desk.update import Assign, Change, Command, Take, obey
from daemon.desk.update import answered as answered_publicly
from daemon.desk.verbs.grammar import Orders, read
from daemon.desk.verbs.verb import Speaker
from daemon.errors import TicketError
from daemon.mail.address import Purpose, Token
from daemon.mail.proof import Proof
from daemon.store import messages, tickets
from daemon.store.inbox import Settled
from workers import clocks, tell
from workers.case import Case
from workers.notices.notice import Kind


def answered(case: Case, ticket: Ticket, agent: Agent, token: Token, proof: Proof) -> Settled:
    """Do what the answer says, all of it or nothing."""
    orders = read(case.message.reply, Speaker(agent=agent, directory=case.directory))
    change = Change(ticket)
    mistakes = orders.mistakes or _obey(case, change, agent, orders)
    if mistakes:
        return _refused(case, ticket, agent, mistakes)
    is_note = orders.is_note or token.purpose is Purpose.NOTE
    is_public = bool(orders.text) and not is_note
    actor = f"agent:{agent.name}"
    if is_public:
        answered_publicly(change, case.now, actor)
    if orders.text:
        visibility = "public" if is_public else "internal"
        case.record(change, actor, proof, direction="out", visibility=visibility)
    clocks.follow(case.writes, case.desk, case.rules, change, case.now)
    tickets.save(case.tx, change, case.mail.id)
    _keep(case, ticket, agent, orders, is_public=is_public)
    _tell(case, change, agent, orders, is_public=is_public)
    fate = "reply" if is_public else "note" if orders.text else "command"
    return case.settled(fate, ticket.number, authority="agent")


def _obey(case: Case, change: Change, agent: Agent, orders: Orders) -> tuple[str, ...]:
    """Carry the commands out on the change alone; what was refused comes back as lines."""
    mistakes: list[str] = []
    for command in orders.commands:
        try:
            obey(change, command, case.now, f"agent:{agent.name}")
        except TicketError as err:
            mistakes.append(f"/{type(command).__name__.lower()}: {err}")
    return tuple(mistakes)


def _refused(case: Case, ticket: Ticket, agent: Agent, mistakes: tuple[str, ...]) -> Settled:
    """Nothing is changed and nothing is sent; the agent is told line by line."""
    change = Change(ticket)
    actor = f"agent:{agent.name}"
    change.record(case.now, actor, EventKind.REFUSED, lines=list(mistakes))
    tickets.save(case.tx, change, case.mail.id)
    entry = case.entry(
        ticket.number, direction="out", visibility="internal", agent=agent.name, authority="agent"
    )
    messages.add(case.writes, entry)
    if not case.message.forbids_answer:
        case.teller.to_agents(
            (agent,),
            ticket,
            Kind.COMMAND_ERROR,
            unique=f"err{case.mail.id}",
            text=case.message.reply,
            details=mistakes,
        )
    return case.settled("command", ticket.number, authority="agent")


def _keep(case: Case, ticket: Ticket, agent: Agent, orders: Orders, *, is_public: bool) -> None:
    """The mail as a message; without its commands where the requester's side shows it."""
    entry = case.entry(
        ticket.number,
        direction="out",
        visibility="public" if is_public else "internal",
        agent=agent.name,
        authority="agent",
        **({"reply": orders.text} if orders.text else {}),
    )
    messages.add(case.writes, entry)


def _tell(case: Case, change: Change, agent: Agent, orders: Orders, *, is_public: bool) -> None:
    ticket = change.ticket
    words: dict[str, Any] = {
        "author": agent.full_name,
        "author_address": agent.address,
        "text": orders.text,
        "unique": f"out{case.mail.id}",
        "handler": tell.handler_name(case.directory, ticket),
    }
    is_resolved = ticket.state is State.RESOLVED and change.before.state is not State.RESOLVED
    if is_public or is_resolved:
        kind = Kind.RESOLUTION if is_resolved else Kind.PUBLIC_REPLY
        public = words if is_public else {**words, "text": ""}
        case.teller.to_requester(ticket, kind, **public)
    if orders.text and not is_public:
        colleagues = tell.handlers(case.directory, ticket, but=agent.name)
        case.teller.to_agents(colleagues, ticket, Kind.NOTE, **words)
    if any(_hands_over(command) for command in orders.commands):
        _tell_new_handlers(case, ticket, agent, words)


def _hands_over(command: Command) -> bool:
    return isinstance(command, Assign) and not isinstance(command, Take)


def _tell_new_handlers(case: Case, ticket: Ticket, agent: Agent, words: dict[str, Any]) -> None:
    case.writes.flush()
    thread = messages.of(case.tx, ticket.number)
    first = next((entry for entry in thread if entry.direction == "in"), None)
    case.teller.to_agents(
        tell.handlers(case.directory, ticket, but=agent.name),
        ticket,
        Kind.ASSIGNED,
        **{**words, "unique": f"own{case.mail.id}", "text": first.text if first else ""},
        due=tell.due_of(case.tx, ticket),
    )
