"""Commands with a mistake: nothing is done, the text is held, and the agent is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from daemon.desk.events import EventKind
from daemon.desk.people import Agent
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.desk.verbs.grammar import Mistake, Orders
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import Speaker
from daemon.store import messages, tickets, waiting
from daemon.store.inbox import Settled
from workers import informing
from workers.case import Case
from workers.notices.notice import Act, Kind
from workers.wording import told

#: At most one error mail per sender and ticket in so long; what comes within is told after it.
_QUIET: Final = timedelta(minutes=5)
#: More than this some mail program cuts off a ``mailto:`` link.
_LINK: Final = 1200


def refused(
    case: Case,
    ticket: Ticket,
    speaker: Speaker,
    orders: Orders,
    mistakes: Sequence[Mistake],
    *,
    is_public: bool,
) -> Settled:
    """Keep the mail as it is, so that ``/ok`` can do it put right, and say what was wrong."""
    change = Change(ticket)
    corrected = orders.corrected(mistakes)
    change.record(
        case.now,
        speaker.actor,
        EventKind.REFUSED,
        lines=[told(case.desk, speaker.language, mistake) for mistake in mistakes],
        corrected=list(corrected),
        is_public=is_public,
    )
    tickets.save(case.tx, change, case.mail.id)
    entry = case.entry(
        ticket.number,
        direction="out",
        visibility="internal",
        agent=speaker.login,
        authority="agent",
        reply=orders.text,
    )
    messages.add(case.writes, entry)
    if speaker.agent and not case.message.forbids_answer:
        _tell(case, change.ticket, speaker, speaker.agent, orders, corrected)
    return case.settled("command", ticket.number, authority="agent")


def _tell(
    case: Case,
    ticket: Ticket,
    speaker: Speaker,
    agent: Agent,
    orders: Orders,
    corrected: tuple[str, ...],
) -> None:
    """Now, or with what came before when the last telling was a moment ago."""
    case.writes.flush()
    of_kind = (Kind.COMMAND_ERROR.value, ticket.number, agent.address)
    last = waiting.last_of(case.tx, *of_kind, now=case.now)
    send_at, since = case.now, case.now
    if last and case.now < last + _QUIET:
        send_at, since = last + _QUIET, last
        waiting.drop(case.tx, *of_kind, now=case.now)
    acts: tuple[Act, ...] = ()
    if corrected:
        acts = (Act(label=_label(case, speaker, corrected), body=_body(corrected)),)
    case.teller.to_agents(
        (agent,),
        ticket,
        Kind.COMMAND_ERROR,
        unique=f"err{case.mail.id}",
        text=case.message.reply,
        details=_lines(case, ticket, speaker, since),
        acts=acts,
        send_at=send_at,
    )


def _lines(case: Case, ticket: Ticket, speaker: Speaker, since: datetime) -> tuple[str, ...]:
    """Every mistake that this agent was not told of yet."""
    return tuple(
        line
        for event in tickets.history(case.tx, ticket.number)
        if event.kind is EventKind.REFUSED
        and event.actor == speaker.actor
        and (event.mail_id == case.mail.id or event.at > since)
        for line in event.data["lines"]
    )


def _body(corrected: Sequence[str]) -> str:
    return "\n".join(("/ok", *corrected, ""))


def refused_without_ticket(
    case: Case, speaker: Speaker, orders: Orders, mistakes: Sequence[Mistake]
) -> Settled:
    """A new mail of an agent's that opens nothing: he has it back, with what was wrong.

    And to send again by one touch, where what may have been meant is known: nothing is held, for
    there is no ticket to hold it.
    """
    say, language = case.desk.renderer.say, speaker.language
    lines = tuple(told(case.desk, language, mistake) for mistake in mistakes)
    title = say(language, "Nothing was done and no ticket was opened")
    report = Report(title=title, lines=lines)
    yours = Report(title=say(language, "You wrote"), lines=tuple(case.message.reply.splitlines()))
    corrected = orders.corrected(mistakes)
    body = "\n".join((*corrected, "", orders.text))
    acts: tuple[Act, ...] = ()
    if corrected and len(body) <= _LINK and not case.attachments:
        acts = (
            Act(label=_label(case, speaker, corrected), body=body, subject=case.message.subject),
        )
    informing.answer(case, speaker, (report, yours), None, acts=acts)
    return case.settled("command", None, authority="agent")


def _label(case: Case, speaker: Speaker, corrected: Sequence[str]) -> str:
    say = case.desk.renderer.say
    return say(speaker.language, "Send with %(lines)s", lines=", ".join(corrected))
