"""An agent forwards somebody's mail: it becomes that person's ticket, and the agent is noted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from daemon.desk.events import EventKind
from daemon.desk.people import Agent
from daemon.desk.update import Change
from daemon.desk.verbs.report import Report
from daemon.errors import Unparsable
from daemon.mail import forward
from daemon.mail.attachments import open_attachment
from daemon.mail.forward import Forwarded
from daemon.mail.message import Message
from daemon.mail.sender import Checked
from daemon.store import messages, tickets
from daemon.store.inbox import Settled
from workers import informing, opening, speaking
from workers.case import Case
from workers.place import Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """What an agent forwarded."""

    agent: Agent
    mail: Forwarded


def forwarded(case: Case, placement: Placement) -> Settled | None:
    """The ticket of the one who wrote it first; None for what is no forward of a proven agent."""
    parcel = _parcel(case)
    if parcel is None:
        return None
    settled = opening.opened(_as_first_written(case, parcel), placement)
    if settled.ticket is not None:
        _note(case, settled.ticket, parcel)
        _give_receipt(case, settled.ticket, parcel)
    return replace(settled, from_address=case.sender, authority="agent")


def _parcel(case: Case) -> _Parcel | None:
    agent = case.directory.agent_at(case.sender)
    if agent is None or not case.checked.is_checked or case.message.automatic:
        return None
    mail = _attached(case) or forward.written_in(case.message)
    if mail is None or case.is_ours(mail.author.address):
        return None
    # Commands say better what is to become of it; a colleague's words are no requester's.
    is_ordered = mail.comment.startswith("/")
    if is_ordered or case.directory.agent_at(mail.author.address):
        return None
    return _Parcel(agent=agent, mail=mail)


def _attached(case: Case) -> Forwarded | None:
    found = forward.attached(case.message)
    if found is None:
        return None
    try:
        inner = case.desk.parsers.parse(open_attachment(case.mail.raw, found.part))
    except Unparsable:
        return None
    return forward.of_attached(case.message, inner)


def _as_first_written(case: Case, parcel: _Parcel) -> Case:
    """The case as if its first author had written it; nothing proves that he did."""
    return replace(
        case,
        message=_message(case.message, parcel.mail),
        checked=Checked(because=f"forwarded by {parcel.agent.name}"),
        named_by=f"a mail that {parcel.agent.name} forwarded",
        forwarded_by=parcel.agent.name,
    )


def _message(outer: Message, inner: Forwarded) -> Message:
    return replace(
        outer,
        from_=inner.author,
        from_is_strict=False,
        subject=inner.subject or outer.subject,
        text=inner.text,
        reply=inner.text,
        # Holds the forwarder's own words, which are for agents.
        html=None,
    )


def _note(case: Case, number: int, parcel: _Parcel) -> None:
    """Who forwarded it, and what he wrote above: for agents only."""
    case.writes.flush()
    change = Change(tickets.get(case.tx, number, lock=True))
    actor, author = f"agent:{parcel.agent.name}", parcel.mail.author.address
    change.record(case.now, actor, EventKind.FORWARDED, author=author)
    tickets.save(case.tx, change, case.mail.id)
    if not parcel.mail.comment:
        return
    note = case.entry(
        number,
        direction="out",
        visibility="internal",
        agent=parcel.agent.name,
        authority="agent",
        content_key=None,
        text=parcel.mail.comment,
        reply=parcel.mail.comment,
        html=None,
        attachments=(),
    )
    messages.add(case.writes, note)


def _give_receipt(case: Case, number: int, parcel: _Parcel) -> None:
    """Its number to whoever forwarded it, as for every ticket that is opened on behalf."""
    speaker = speaking.as_agent(case, parcel.agent)
    case.writes.flush()
    ticket = tickets.get(case.tx, number)
    title = case.desk.renderer.say(speaker.language, "Done")
    lines = (f"{parcel.mail.author.address}: {ticket.subject}", informing.state_of(ticket))
    informing.answer(case, speaker, [Report(title=title, lines=lines)], ticket)
