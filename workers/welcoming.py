"""Who is told of a new ticket: its requester, and those who may take it."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.desk import disguise
from daemon.desk.ticket import Ticket
from daemon.store import tickets
from daemon.store.people import Person
from workers import tell
from workers.case import Case
from workers.notices.notice import Act, Due, Kind, Notice, Recipient

#: Of a mail's text is looked at for what is like it.
_ENOUGH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What people are told of a new ticket."""

    requester: Person
    #: Where its acknowledgement goes.
    address: str
    author: str
    author_address: str
    text: str
    #: The ended ticket that it goes on with, if any.
    follows: int = 0


def acknowledge(case: Case, ticket: Ticket, story: Story, due: tuple[Due, ...]) -> None:
    """Its number, how it was read, and by when: to whom it is for."""
    parent = case.message.message_id
    notice = Notice(
        kind=Kind.ACKNOWLEDGEMENT,
        to=Recipient(
            person=story.requester.id,
            address=story.address,
            name=story.requester.name,
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
        other=story.follows,
    )
    case.teller.post(notice)


def tell_team(
    case: Case, ticket: Ticket, story: Story, due: tuple[Due, ...], acts: tuple[Act, ...] = ()
) -> None:
    """Everybody who may take it, but not the agent who wrote or forwarded it himself."""
    author = case.directory.agent_at(case.sender)
    brought_by = case.forwarded_by or (author.name if author else "")
    case.teller.to_handlers(
        ticket,
        Kind.NEW_TICKET,
        but=brought_by,
        requester=story.requester,
        unique="new",
        author=story.author,
        author_address=story.author_address,
        text=story.text,
        details=tuple(disguise.doubts(case.directory, case.sender_name, case.sender)),
        similar=_similar(case, ticket, story),
        due=due,
        acts=acts,
        handler=tell.handler_name(case.directory, ticket),
    )


def _similar(case: Case, ticket: Ticket, story: Story) -> tuple[tuple[int, str], ...]:
    """Solved tickets with the same rare words: often the answer is there."""
    if not case.directory.agents:
        return ()  # nobody is told
    wanted = f"{ticket.subject}\n{story.text[:_ENOUGH]}"
    numbers = case.desk.similar.find(case.tx, wanted, but=ticket.number)
    return tuple((number, tickets.get(case.tx, number).subject) for number in numbers)
