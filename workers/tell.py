"""Telling people: from who must know to rows of the outbox, in the transaction that decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket
from daemon.store import clocks, messages, outbox, people
from daemon.store.engine import Tx
from daemon.store.outbox import Decided
from workers.desk import Desk
from workers.notices.notice import ANSWERS, Due, Kind, Notice, Recipient


def to_requester(
    tx: Tx, desk: Desk, ticket: Ticket, kind: Kind, at: datetime, **fields: Any
) -> None:
    """One notice to the requester, in his language, in his thread."""
    person = people.get(tx, ticket.requester)
    recipient = Recipient(
        person=person.id, address=person.address, name=person.name, language=ticket.language
    )
    heard = messages.written_ids(tx, ticket.number)
    sent = outbox.thread(tx, ticket.number, person.address)
    notice = Notice(kind=kind, to=recipient, at=at, ticket=ticket, **fields)
    references = (*heard[:1], *sent, *heard[1:])
    send(tx, desk, replace(notice, references=references, in_reply_to=heard[-1] if heard else ""))


def to_agents(
    tx: Tx,
    desk: Desk,
    agents: Sequence[Agent],
    ticket: Ticket,
    kind: Kind,
    at: datetime,
    **fields: Any,
) -> None:
    """The same notice to each of these agents, one mail each."""
    requester = people.get(tx, ticket.requester)
    for agent in agents:
        person = people.meet(tx, agent.address, now=at, name=agent.full_name)
        sent = outbox.thread(tx, ticket.number, agent.address)
        notice = Notice(
            kind=kind,
            to=Recipient(
                person=person.id,
                address=agent.address,
                name=agent.full_name,
                language=agent.language,
                is_agent=True,
            ),
            at=at,
            ticket=ticket,
            requester=requester.name or requester.address,
            requester_address=requester.address,
            references=sent,
            in_reply_to=sent[-1] if sent else "",
            **fields,
        )
        send(tx, desk, notice)


def to_admins(tx: Tx, desk: Desk, key: str, at: datetime, *, title: str, details: str) -> None:
    """An alarm to each admin; the same key alarms once."""
    for address in desk.ctx.settings.admins:
        person = people.meet(tx, address, now=at)
        notice = Notice(
            kind=Kind.ALARM,
            to=Recipient(
                person=person.id,
                address=address,
                language=desk.ctx.settings.language,
                is_agent=True,
            ),
            at=at,
            unique=f"alarm-{key}",
            text=title,
            details=(details,),
        )
        send(tx, desk, notice)


def send(tx: Tx, desk: Desk, notice: Notice) -> None:
    """Decide to send a notice; decided twice it is still one mail."""
    composed = desk.write(notice)
    outbox.add(
        tx,
        [
            Decided(
                created_at=notice.at,
                kind=notice.kind.value,
                unique_key=composed.message_id,
                ticket=notice.ticket.number if notice.ticket else None,
                message_id=composed.message_id,
                recipient=composed.recipient,
                sender=composed.sender,
                is_automatic=notice.kind in ANSWERS,
                raw=composed.raw,
            )
        ],
    )


def due_of(tx: Tx, ticket: Ticket) -> tuple[Due, ...]:
    """The targets of a ticket that still run, for a reader."""
    return tuple(
        Due(metric=clock.metric, at=clock.due_at, is_breached=clock.breached_at is not None)
        for clock in clocks.of(tx, ticket.number)
        if clock.state == "running"
    )


def handlers(directory: Directory, ticket: Ticket, *, but: str = "") -> tuple[Agent, ...]:
    """Who works on a ticket: its owner, else its team, else the default team; never its actor."""
    owner = directory.agent(ticket.owner)
    found = (owner,) if owner else directory.members(ticket.team or directory.default_team)
    return tuple(agent for agent in found if agent.name != but)


def handler_name(directory: Directory, ticket: Ticket) -> str:
    """The owner's or the team's name, for a reader."""
    owner = directory.agent(ticket.owner)
    return owner.full_name if owner else ticket.team
