"""Hold and confirm: a mail in an agent's name that proves too little waits for his word.

The mail is held, neither done nor sent. The question goes to the address of people.yaml, never to
where the mail came from; one answer from there has the mail taken in as if it had come just now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from daemon.desk.events import EventKind
from daemon.desk.people import Agent, fold
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.errors import UnknownTicket
from daemon.mail.address import Purpose, Token, extension_of, token_of_message_id, verify
from daemon.mail.sender import Ground
from daemon.store import confirmations, inbox, tickets
from daemon.store.confirmations import About, Confirmation
from daemon.store.inbox import Settled
from workers.case import Case
from workers.notices.notice import Act, Kind

#: Questions that one agent leaves unanswered before no more are asked: a forger writes often.
_MOST: Final = 5
_CHOICES: Final = (Act(label="yes", body="/ok\n"),)
_YES: Final = frozenset({"/ok", "ok", "okay", "yes", "y", "ja", "네", "예", "확인", "맞습니다"})
_NO: Final = frozenset({"no", "n", "/no", "nein", "아니오", "아니요", "아닙니다"})


def known(case: Case, agent: Agent) -> Case:
    """The case, its sender checked if the agent answered for this mail or for its path."""
    if case.checked.is_checked or not case.message.from_is_strict:
        return case
    if confirmations.confirmed(case.tx, case.mail.id, agent.name):
        because = f"{agent.name} answered that it is his"
    elif confirmations.is_known(case.tx, agent.name, case.checked.path, _since(case)):
        because = f"{agent.name} answered for {case.checked.path} not long ago"
    else:
        return case
    checked = replace(case.checked, ground=Ground.REPLY, because=because)
    return replace(case, checked=checked)


def _since(case: Case) -> datetime:
    return case.now - timedelta(hours=case.desk.ctx.settings.authority.remember_hours)


def has_confirmed(case: Case, agent: Agent) -> bool:
    """True when the agent said of this very mail that he means it."""
    return About.ACT in confirmations.confirmed(case.tx, case.mail.id, agent.name)


def ask(
    case: Case, ticket: Ticket | None, agent: Agent, kind: About, acts: tuple[str, ...]
) -> Settled:
    """Hold the mail and ask the agent; ``acts`` say what it is about."""
    number = ticket.number if ticket else None
    case.writes.flush()
    recent = case.now - timedelta(days=1)
    is_many = confirmations.asked_since(case.tx, agent.name, recent) >= _MOST
    if is_many:
        case.teller.to_admins(
            f"names-{agent.name}-{case.now.date()}",
            title=f"Many mails in the name of {agent.full_name} are not proven to be his",
            details="They are held, and he is asked no more today: postdesk inbox list",
        )
    else:
        _question(case, ticket, agent, kind, acts)
    if ticket is not None:
        change = Change(ticket)
        change.record(case.now, "desk", EventKind.ASKED, agent=agent.name, acts=list(acts))
        tickets.save(case.tx, change, case.mail.id)
    return replace(
        case.settled("asked", number),
        held=f"waits for {agent.name} to confirm it" + ("; not asked" if is_many else ""),
    )


def _question(
    case: Case, ticket: Ticket | None, agent: Agent, kind: About, acts: tuple[str, ...]
) -> None:
    question = Confirmation(
        inbox_id=case.mail.id,
        ticket=ticket.number if ticket else None,
        agent=agent.name,
        path=case.checked.path,
        kind=kind,
        asked_at=case.now,
    )
    row_id = confirmations.ask(case.tx, question)
    case.teller.to_agent(
        agent,
        Kind.CONFIRM,
        ticket,
        unique=f"ask{row_id}",
        confirmation=row_id,
        author=case.sender_name or case.sender,
        author_address=case.sender,
        text=case.message.reply or case.message.text,
        details=acts,
        acts=_CHOICES,
    )


def answered(case: Case) -> Settled | None:
    """An answer to a question of ours; None for any other mail."""
    token = _token(case)
    if token is None:
        return None
    if case.message.automatic:
        return case.settled("automatic", None)
    question = confirmations.find(case.tx, token.subject)
    agent = case.directory.agent(question.agent) if question else None
    if question is None or agent is None or not _is_his(case, agent, token):
        return case.settled("unverified", question.ticket if question else None)
    return _obey(case, question, agent)


def _token(case: Case) -> Token | None:
    ctx, message = case.desk.ctx, case.message
    extensions = (
        extension_of(ctx.settings.addresses, address) for address in case.mail.envelope.recipients
    )
    found = [verify(ctx.keys, extension) for extension in extensions if extension]
    # The mail that it answers and no other of its thread: later notices refer to our question, too.
    nearest = message.in_reply_to or next(reversed(message.references), "")
    found.append(token_of_message_id(ctx.keys, nearest))
    return next((token for token in found if token and token.purpose is Purpose.CONFIRM), None)


def _is_his(case: Case, agent: Agent, token: Token) -> bool:
    """The token shows that he reads at his registered address; From, that it is no forward."""
    person = case.desk.staff.person(case.writes, agent.address, case.now)
    is_from_him = case.message.from_is_strict and fold(case.sender) in agent.addresses
    return is_from_him and token.person == person


def _obey(case: Case, question: Confirmation, agent: Agent) -> Settled:
    word = _word(case)
    if question.state != "waiting":
        return case.settled("confirmation", question.ticket, authority="agent")
    window = timedelta(minutes=case.desk.ctx.settings.authority.confirm_minutes)
    if word in _NO:
        _deny(case, question, agent)
    elif word not in _YES:
        _ask_again(case, question, agent, "That was neither yes nor no.")
    elif case.now - question.asked_at > window:
        _ask_again(case, question, agent, "The question had grown old; this is a new one.")
    else:
        confirmations.answer(case.tx, question.id, is_yes=True, now=case.now)
        inbox.release(case.tx, question.inbox_id, now=case.now)
    return case.settled("confirmation", question.ticket, authority="agent")


def _word(case: Case) -> str:
    """The first line of the answer: nothing else says that a person means it."""
    lines = (line.strip().rstrip(".!").lower() for line in case.message.reply.splitlines())
    return next((line for line in lines if line), "")


def _deny(case: Case, question: Confirmation, agent: Agent) -> None:
    confirmations.answer(case.tx, question.id, is_yes=False, now=case.now)
    inbox.drop(case.tx, question.inbox_id, reason=f"{agent.name} says that it is not his")
    case.teller.to_admins(
        f"forged-{question.inbox_id}",
        title=f"Somebody writes in the name of {agent.full_name}",
        details=f"He says that a mail is not his.\npostdesk inbox show {question.inbox_id}",
    )


def _ask_again(case: Case, question: Confirmation, agent: Agent, why: str) -> None:
    """A new question about the same mail, which the old one's answer no longer decides."""
    row_id = confirmations.ask(case.tx, replace(question, asked_at=case.now))
    confirmations.answer(case.tx, question.id, is_yes=False, now=case.now)
    case.teller.to_agent(
        agent,
        Kind.CONFIRM,
        _ticket(case, question),
        unique=f"ask{row_id}",
        confirmation=row_id,
        details=(why,),
        acts=_CHOICES,
    )


def _ticket(case: Case, question: Confirmation) -> Ticket | None:
    try:
        return tickets.get(case.tx, question.ticket) if question.ticket else None
    except UnknownTicket:
        return None
