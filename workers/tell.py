"""Telling people: from who must know to rows of the outbox, in the transaction that decides it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from daemon.desk.people import Agent, Directory
from daemon.desk.ticket import Ticket
from daemon.store import clocks, messages, outbox, people, watchers
from daemon.store.engine import Tx
from daemon.store.outbox import Decided
from daemon.store.people import Person
from daemon.store.writes import Writes
from workers.desk import Desk
from workers.notices.notice import ANSWERS, Due, Kind, Notice, Recipient, Requester

#: What everybody who watches a ticket is told.
_PUBLIC = frozenset({Kind.PUBLIC_REPLY, Kind.RESOLUTION})


class Teller:
    """Writes the notices of one decision; decided twice, a notice is still one mail."""

    def __init__(self, writes: Writes, desk: Desk, at: datetime) -> None:
        self._writes, self._tx = writes, writes.tx
        self._desk, self._at = desk, at

    def to_requester(self, ticket: Ticket, kind: Kind, **fields: Any) -> None:
        """One notice to the requester, in his language, in his thread.

        What is public goes to each watcher, too: a mail of his own, to answer by himself.
        """
        self._writes.flush()
        person = people.get(self._tx, ticket.requester)
        known = (ticket.requester, person.id)
        address = messages.wrote_from(self._tx, ticket.number, known) or person.address
        self._to(person, address, ticket.language, ticket, kind, **fields)
        if kind in _PUBLIC:
            self._to_watchers(ticket, kind, **fields)

    def _to_watchers(self, ticket: Ticket, kind: Kind, **fields: Any) -> None:
        for one in watchers.watching(self._tx, ticket.number):
            person = people.get(self._tx, one)
            if person.address != fields.get("author_address"):
                language = person.language or ticket.language
                # Whether it was well done is for the requester to say.
                told = {**fields, "asks_rating": False, "why": "watcher"}
                self._to(person, person.address, language, ticket, kind, **told)

    def _to(
        self, person: Person, address: str, language: str, ticket: Ticket, kind: Kind, **fields: Any
    ) -> None:
        if not self._desk.identity.may_write_to(address):
            return
        wrote = messages.written_ids(self._tx, ticket.number)
        sent = outbox.thread(self._tx, ticket.number, address)
        self.post(
            Notice(
                kind=kind,
                to=Recipient(
                    person=person.id, address=address, name=person.name, language=language
                ),
                at=self._at,
                ticket=ticket,
                references=(*wrote[:1], *sent, *wrote[1:]),
                in_reply_to=wrote[-1] if wrote else "",
                **fields,
            )
        )

    def to_agents(
        self,
        agents: Sequence[Agent],
        ticket: Ticket,
        kind: Kind,
        requester: Person | None = None,
        send_at: datetime | None = None,
        **fields: Any,
    ) -> None:
        """The same notice to each of these agents, one mail each."""
        if not agents:
            return
        if requester is None:
            self._writes.flush()
            requester = people.get(self._tx, ticket.requester)
        for agent in agents:
            # A first notice has nothing to be threaded below.
            sent = () if kind is Kind.NEW_TICKET else self._thread(ticket, agent)
            self.post(
                Notice(
                    kind=kind,
                    to=self._recipient(agent),
                    at=self._at,
                    ticket=ticket,
                    requester=Requester(name=requester.name, address=requester.address),
                    references=sent,
                    in_reply_to=sent[-1] if sent else "",
                    **fields,
                ),
                send_at,
            )

    def to_agent(self, agent: Agent, kind: Kind, **fields: Any) -> None:
        """A notice about several tickets, or about none."""
        self.post(Notice(kind=kind, to=self._recipient(agent), at=self._at, **fields))

    def to_admins(self, key: str, *, title: str, details: str) -> None:
        """An alarm to each admin; the same key alarms once."""
        settings = self._desk.ctx.settings
        for address in settings.admins:
            recipient = Recipient(
                person=self._desk.staff.person(self._writes, address, self._at),
                address=address,
                language=settings.language,
                is_agent=True,
            )
            self.post(
                Notice(
                    kind=Kind.ALARM,
                    to=recipient,
                    at=self._at,
                    unique=f"alarm-{key}",
                    title=title,
                    details=(details,),
                )
            )

    def post(self, notice: Notice, send_at: datetime | None = None) -> None:
        """Write a notice and decide to send it, at once or then."""
        composed = self._desk.write(notice)
        decided = Decided(
            created_at=self._at,
            kind=notice.kind.value,
            unique_key=composed.message_id,
            ticket=notice.ticket.number if notice.ticket else None,
            message_id=composed.message_id,
            recipient=composed.recipient,
            sender=composed.sender,
            is_automatic=notice.kind in ANSWERS,
            send_at=send_at,
            raw=composed.raw,
        )
        outbox.add(self._writes, [decided])

    def _recipient(self, agent: Agent) -> Recipient:
        return Recipient(
            person=self._desk.staff.person(self._writes, agent.address, self._at),
            address=agent.address,
            name=agent.full_name,
            language=agent.language,
            is_agent=True,
        )

    def _thread(self, ticket: Ticket, agent: Agent) -> tuple[str, ...]:
        return outbox.thread(self._tx, ticket.number, agent.address)


def due_of(tx: Tx, ticket: Ticket) -> tuple[Due, ...]:
    """The targets of a ticket that still run, for a reader."""
    return tuple(
        Due(metric=clock.metric, at=clock.due_at, is_breached=clock.breached_at is not None)
        for clock in clocks.of(tx, ticket.number)
        if clock.state == "running" and clock.due_at
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
