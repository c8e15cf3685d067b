"""What one mail becomes: the order of questions, each answered by a module of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from daemon.desk.events import EventKind
from daemon.desk.people import Directory
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.mail import loop
from daemon.mail.address import Token, extension_of, token_of_message_id
from daemon.mail.author import Houses, written
from daemon.mail.message import Message
from daemon.mail.proof import Level, Proof, prove
from daemon.mail.sender import Checked
from daemon.store import people, revoked, tickets
from daemon.store.confirmations import About
from daemon.store.inbox import Claimed, Settled
from daemon.store.known import Known
from workers import (
    answering,
    brakes,
    confirming,
    control,
    enclosing,
    following,
    forwarding,
    newly,
    persons,
    returning,
    ruling,
)
from workers.case import Case
from workers.desk import Desk
from workers.place import Placement, place
from workers.scanner import Scan
from workers.tell import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not now: the mail that this one answers has not been taken in yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A person must look: kept, with its head readable."""

    error: str


def admit(
    known: Known,
    desk: Desk,
    mail: Claimed,
    message: Message,
    checked: Checked,
    scan: Scan,
    now: datetime,
) -> Settled | Wait | Hold:
    """Decide what a mail becomes, and write everything that it causes."""
    rules = desk.rules.current()
    author = written(message, mail.envelope.sender, _houses(desk, rules.directory))
    case = Case(
        desk=desk,
        known=known,
        mail=mail,
        message=author.message,
        # Whoever checked the sender has not checked the one whom a form or a list names.
        checked=Checked(because=f"named by {author.named_by}") if author.named_by else checked,
        named_by=author.named_by,
        rules=rules,
        scan=scan,
        attachments=enclosing.listed(
            known.writes, author.message, scan, desk.ctx.settings.attachments
        ),
        teller=Teller(known.writes, desk, now),
        now=now,
    )
    return _admit(case)


def _houses(desk: Desk, directory: Directory) -> Houses:
    ours = desk.ctx.settings.addresses
    return Houses(
        is_ours=lambda address: extension_of(ours, address) is not None,
        is_form=directory.is_form,
        is_list=directory.is_list,
    )


def _admit(case: Case) -> Settled | Wait | Hold:
    message = case.message
    if message.unreadable:
        return Hold(error=f"the mail's structure cannot be read: {message.unreadable}")
    if not case.sender and not message.bounce:
        return Hold(error="the mail names no sender: no From, no Sender, no return path")
    if brakes.goes_in_circles(message):
        return Hold(error="it was received more than 50 times: some forwarding goes in a circle")
    settled = _seen_before(case) or _our_own(case)
    if settled:
        return settled
    if message.bounce:
        return returning.bounced(case)
    if settled := confirming.answered(case) or control.commanded(case):
        return settled
    placement = place(case)
    if placement.must_wait:
        return Wait()
    return _placed(case, placement)


def _seen_before(case: Case) -> Settled | None:
    """The same mail by another road, or to another of our addresses: one ticket, both told."""
    copy = case.known.copy_of(case.message.content_key)
    if copy is None:
        return None
    number, first = copy
    case.writes.flush()
    change = Change(tickets.survivor(case.tx, number, lock=True))
    if bare := case.bare_recipients:
        change.record(case.now, "desk", EventKind.REFERRED, addresses=list(bare))
        tickets.save(case.tx, change, case.mail.id)
    return case.settled("duplicate", change.ticket.number, duplicate_of=first)


def _our_own(case: Case) -> Settled | None:
    """A mail of ours that came back: kept, never answered. What only claims so is read (attack 13).

    By its signed Message-ID; or by its mark, where a carrier gave it another Message-ID.
    """
    ctx = case.desk.ctx
    token = token_of_message_id(ctx.keys, case.message.message_id)
    if token is None and loop.is_ours(ctx.keys, case.message.every(loop.FIELD)):
        return case.settled("automatic", None)
    if token is None:
        return None
    is_known = token.subject and tickets.exists(case.tx, token.subject)
    return case.settled("automatic", token.subject if is_known else None)


def _placed(case: Case, placement: Placement) -> Settled | Hold:
    ticket = placement.ticket
    if ticket is None:
        if reason := ruling.held(case):
            return Hold(error=reason)
        return forwarding.forwarded(case, placement) or newly.written(case, placement)
    case = replace(case, conflicts=placement.conflicts)
    if agent := case.directory.agent_at(case.sender):
        case = confirming.known(case, agent)
    proof = _proof(case, placement)
    if case.message.automatic:
        return following.noted_automatic(case, ticket, proof)
    if placement.token is not None:
        return _by_token(case, ticket, placement.token, proof)
    if case.checked.is_checked:
        return following.wrote_again(case, ticket, proof)
    return following.kept_unverified(case, ticket, proof)


def _by_token(case: Case, ticket: Ticket, token: Token, proof: Proof) -> Settled:
    """At a signed address: its requester or a watcher, an agent who is one still, or nobody."""
    if proof.level is Level.NONE:
        return following.kept_unverified(case, ticket, proof)
    if persons.is_requester(case, token, ticket):
        return following.wrote_again(case, ticket, proof)
    agent = case.directory.agent_at(case.sender)
    if agent is None and persons.is_watcher(case, token, ticket):
        return following.wrote_again(case, ticket, proof)
    if agent is None:
        gone = Proof(Level.NONE, "the address was given to somebody who has no part in it any more")
        return following.kept_unverified(case, ticket, gone)
    if proof.level < Level.AGENT:
        return confirming.ask(case, ticket, agent, About.IDENTITY, (proof.because,))
    return answering.answered(case, ticket, agent, token, proof)


def _proof(case: Case, placement: Placement) -> Proof:
    token = placement.token
    owner = people.find(case.tx, token.person) if token else None
    addresses = persons.addresses_of(case, owner)
    generation = revoked.generation(case.tx, token.subject, owner.id) if token and owner else 0
    return prove(case.message, case.checked, token, addresses, generation=generation)
