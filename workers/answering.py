"""A proven agent's answer: his commands, and his text to the requester as the desk's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from daemon.desk.events import Event, EventKind
from daemon.desk.people import Agent
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.desk.update import answered as answered_publicly
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.grammar import Mistake, Orders
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import Speaker
from daemon.errors import TicketError
from daemon.mail.address import Purpose, Token
from daemon.mail.proof import Proof
from daemon.store import listing, messages, tickets
from daemon.store.inbox import Settled
from daemon.store.messages import Entry
from workers import gate, informing, refusing, speaking, splitting, telling
from workers.case import Case
from workers.enclosing import Held
from workers.rules.trigger import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What an agent wants done: what he wrote now, or what was held of him."""

    orders: Orders
    #: True when its text is for the requester unless a command says otherwise.
    is_public: bool
    #: The refusal that it puts right.
    refused: Event | None = None
    #: The files of the mail that was refused.
    held: tuple[Held, ...] = ()


def answered(case: Case, ticket: Ticket, agent: Agent, token: Token, proof: Proof) -> Settled:
    """Do what the answer says, all of it or nothing."""
    speaker = speaking.as_agent(case, agent)
    orders = speaking.read(case, speaker)
    if settled := gate.held(case, speaker, orders, proof, ticket=ticket):
        return settled
    answer = _Answer(orders=orders, is_public=token.purpose is not Purpose.NOTE)
    return _carried_out(case, ticket, speaker, proof, answer)


def _carried_out(
    case: Case, ticket: Ticket, speaker: Speaker, proof: Proof, answer: _Answer
) -> Settled:
    orders = answer.orders
    change = Change(ticket)
    spoken = speaking.obey(case, change, speaker, orders, is_public=answer.is_public)
    mistakes = (*orders.mistakes, *spoken.mistakes)
    if not mistakes and spoken.deed.wishes.release is not None:
        held = _held(case, ticket, speaker, spoken.deed.wishes.release, orders)
        if isinstance(held, _Answer):
            # What was put right is weighed as if he had written it so.
            settled = gate.held(case, speaker, held.orders, proof, ticket=ticket)
            return settled or _carried_out(case, ticket, speaker, proof, held)
        mistakes = (held,)
    if mistakes:
        return refusing.refused(case, ticket, speaker, orders, mistakes, is_public=answer.is_public)
    return _written(case, spoken.deed, proof, answer)


def _held(
    case: Case, ticket: Ticket, speaker: Speaker, refused: int, orders: Orders
) -> _Answer | Mistake:
    """The held mail with the lines put right: those below ``/ok``, else those that were offered."""
    history = tickets.history(case.tx, ticket.number)
    event = next(event for event in history if event.seq == refused)
    commands = tuple(command for command in orders.commands if command.verb.name != "ok")
    lines = event.data["corrected"]
    if not commands and not lines:
        error = TicketError("write the lines below it as they should be")
        return Mistake(line="/ok", error=error)
    try:
        reader = speaking.reader(case, speaker)
        commands = commands or tuple(reader.line(line) for line in lines)
    except TicketError as err:
        return Mistake(line="/ok", error=err)
    mails = messages.of(case.tx, ticket.number)
    kept = [entry for entry in mails if entry.inbox_id == event.mail_id]
    text = next((entry.reply for entry in kept), "")
    put_right = replace(
        orders,
        commands=commands,
        text=orders.text or text,
        lines=tuple(command.line for command in commands),
    )
    return _Answer(
        orders=put_right,
        is_public=event.data["is_public"],
        refused=event,
        held=tuple(_files(case, entry) for entry in kept),
    )


def _files(case: Case, entry: Entry) -> Held:
    raw = listing.arrival_raw(case.tx, entry.inbox_id) if entry.inbox_id else b""
    return Held(entry.attachments, raw)


def _written(case: Case, deed: Deed, proof: Proof, answer: _Answer) -> Settled:
    is_public, text = deed.tells_requester, deed.text
    if answer.refused:
        deed.record(EventKind.RELEASED, refused=answer.refused.seq)
    if is_public:
        answered_publicly(deed.change, case.now, deed.speaker.actor)
    visibility = "public" if is_public else "internal"
    if text:
        facts = {"direction": "out", "visibility": visibility}
        case.record(deed.change, deed.speaker.actor, proof, **facts)
    splitting.split(case, deed)
    speaking.keep(case, deed, *((Trigger.AGENT_REPLIED,) if is_public else ()))
    _keep(case, deed, visibility)
    telling.tell_all(case, deed, *answer.held)
    lines = answer.orders.lines if not answer.refused else ("/ok", *answer.orders.lines)
    if telling.keeps_text_back(case, deed):
        deed.tell(_kept_back(case, deed, lines))
    informing.inform(case, deed.speaker, deed.wishes, deed.ticket, lines)
    fate = "reply" if is_public else "note" if text else "command"
    return case.settled(fate, deed.ticket.number, authority="agent")


def _kept_back(case: Case, deed: Deed, lines: Sequence[str]) -> Report:
    """His receipt, whatever receipts he wants: what he wrote did not go where he may think."""
    say = partial(case.desk.renderer.say, deed.speaker.language)
    hint = say(
        "You answered an internal mail, so the requester was told without your text. "
        "To send it, answer with /public above it."
    )
    title = say("Done, but your text stayed internal")
    return Report(title=title, lines=(*lines, informing.state_of(deed.ticket), hint))


def _keep(case: Case, deed: Deed, visibility: str) -> None:
    """The mail as a message; without its commands where the requester's side shows it."""
    shown: dict[str, Any] = {"reply": deed.text} if deed.text else {}
    if not deed.text:
        visibility = "internal"
    entry = case.entry(
        deed.ticket.number,
        direction="out",
        visibility=visibility,
        agent=deed.speaker.login,
        authority="agent",
        **shown,
    )
    messages.add(case.writes, entry)
