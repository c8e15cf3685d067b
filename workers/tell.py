"""Telling people: from who must know to rows of the outbox, in the transaction that decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from daemon.desk.people import Agent, Directory, fold
from daemon.desk.ticket import Ticket
from daemon.store import clocks, messages, outbox, people, tickets, watchers
from daemon.store.engine import Tx
from daemon.store.outbox import Decided
from daemon.store.people import Person
from daemon.store.writes import Writes
from workers import absence, rating, together
from workers.desk import Desk
from workers.fresh import Generations
from workers.notices import wire
from workers.notices.compose import message_id_of
from workers.notices.notice import ANSWERS, Due, Kind, Notice, Recipient, Requester
from workers.notices.packed import packed
from workers.rules.notices import REQUESTER, WATCHERS, Notices

#: What agents who watch a ticket are told, and those who mute it are not.
_WATCHED = frozenset({Kind.NEW_TICKET, Kind.REQUESTER_REPLIED, Kind.NOTE, Kind.UNDELIVERABLE})


class Teller:
    """Writes the notices of one decision; decided twice, a notice is still one mail."""

    def __init__(self, writes: Writes, desk: Desk, at: datetime) -> None:
        self._writes, self._tx = writes, writes.tx
        self._desk, self._at = desk, at
        self._generations = Generations(writes)

    @property
    def day(self) -> str:
        """The day of the decision, for what is told once a day."""
        return self._at.date().isoformat()

    @property
    def _notices(self) -> Notices:
        return self._desk.rules.current().notices

    @property
    def _directory(self) -> Directory:
        return self._desk.rules.current().directory

    def to_requester(self, ticket: Ticket, kind: Kind, **fields: Any) -> None:
        """One notice to the requester and, where they get it, one to each watcher.

        Each in his language and in his thread; none to whoever wrote its words.
        """
        notices = self._notices
        if not notices.is_on(kind):
            return
        self._writes.flush()
        requester = people.get(self._tx, ticket.requester)
        if kind not in notices.to or notices.has(kind, REQUESTER):
            asks = rating.asks(self._tx, notices, kind, ticket, self._at)
            if kind is Kind.SURVEY and not asks:
                return
            known = (ticket.requester, requester.id)
            address = messages.wrote_from(self._tx, ticket.number, known) or requester.address
            told = {**fields, "asks_rating": asks}
            self._outward(requester, address, ticket.language, ticket, kind, told)
        if notices.has(kind, WATCHERS):
            for one in watchers.watching(self._tx, ticket.number):
                if one not in {ticket.requester, requester.id}:
                    person = people.get(self._tx, one)
                    language = person.language or ticket.language
                    told = {**fields, "why": "watcher"}
                    self._outward(person, person.address, language, ticket, kind, told)

    def _outward(
        self,
        person: Person,
        address: str,
        language: str,
        ticket: Ticket,
        kind: Kind,
        fields: dict[str, Any],
    ) -> None:
        wrote_it = fold(fields.get("author_address", "")) in person.addresses
        if wrote_it or not self._desk.identity.may_write_to(address):
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

    def to_handlers(self, ticket: Ticket, kind: Kind, *, but: str = "", **fields: Any) -> bool:
        """The notice to whom notices.yaml names, and to agents who watch the ticket.

        Never to ``but``, who did it himself, and not to who wants to hear no more of it; False
        when there is nobody to tell.
        """
        if not self._notices.is_on(kind):
            return True
        agents = {one.name: one for one in self._notices.agents(kind, self._directory, ticket)}
        if ticket.owner in agents:
            staff, directory = self._desk.staff, self._directory
            agents |= absence.stand_ins(self._writes, staff, directory, ticket, self._at)
        if kind in _WATCHED and agents:
            agents = self._as_they_wish(ticket, agents)
        agents.pop(but, None)
        self.to_agents(tuple(agents.values()), ticket, kind, **fields)
        return bool(agents)

    def _as_they_wish(self, ticket: Ticket, agents: dict[str, Agent]) -> dict[str, Agent]:
        """With those who watch the ticket, without those who mute it."""
        if self._writes.is_new(("ticket", ticket.number)):
            return agents
        watching = watchers.watching(self._tx, ticket.number)
        muted = watchers.muted(self._tx, ticket.number)
        if not watching and not muted:
            return agents
        known = {
            self._desk.staff.person(self._writes, agent.address, self._at): agent
            for agent in self._directory.agents
        }
        more = {known[one].name: known[one] for one in watching if one in known}
        deaf = {known[one].name for one in known if one in muted}
        return {name: agent for name, agent in (agents | more).items() if name not in deaf}

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
        if not agents or not self._notices.is_on(kind):
            return
        who = self._requester(ticket, requester)
        to = {agent: self._recipient(agent) for agent in agents}
        self._generations.ask(ticket.number, [one.person for one in to.values()])
        for agent in agents:
            # A first notice has nothing to be threaded below.
            sent = () if kind is Kind.NEW_TICKET else self._thread(ticket, agent)
            self.post(
                Notice(
                    kind=kind,
                    to=to[agent],
                    at=self._at,
                    ticket=ticket,
                    requester=who,
                    references=sent,
                    in_reply_to=sent[-1] if sent else "",
                    **fields,
                ),
                send_at,
            )

    def to_agent(
        self, agent: Agent, kind: Kind, ticket: Ticket | None = None, **fields: Any
    ) -> None:
        """A notice to one agent: about a ticket, about several, or about none."""
        if ticket is not None:
            self.to_agents((agent,), ticket, kind, **fields)
        else:
            self.post(Notice(kind=kind, to=self._recipient(agent), at=self._at, **fields))

    def _requester(self, ticket: Ticket, person: Person | None) -> Requester:
        if person is None:
            self._writes.flush()
            person = people.get(self._tx, ticket.requester)
        others = tickets.open_of(self._tx, ticket.requester, but=ticket.number)
        vips = self._directory.vips
        organisation = self._directory.organisation_of(person.address)
        return Requester(
            name=person.name,
            address=person.address,
            site=ticket.site or (organisation.name if organisation else ""),
            is_vip=any(address in vips for address in person.addresses),
            open_tickets=others + (not ticket.is_done),
        )

    def to_admins(self, key: str, *, title: str, details: str) -> None:
        """An alarm to each admin; the same key alarms once, and a flood of them is few mails."""
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
        """Decide to send a notice: at once, then, or with what follows soon.

        Whoever was given the desk's own address by mistake gets none, and stops nobody's mail.
        """
        if self._desk.identity.is_ours(notice.to.address):
            self._desk.ctx.log.warning("own_address_not_written_to", address=notice.to.address)
            return
        notice = self._generations.signed(notice)
        key = message_id_of(notice, self._desk.identity)
        recipient = notice.to.address
        until = together.wait_until(
            self._writes, notice, self._notices.together, recipient, self._at
        )
        if until:
            found = together.joined(self._writes, notice, recipient, key, self._at)
            if found is None:
                return
            notice, earlier = found
            until = earlier or until
        self._decide(notice, key, until, send_at)

    def _decide(
        self, notice: Notice, key: str, until: datetime | None, send_at: datetime | None
    ) -> None:
        identity = self._desk.identity
        # Told together with a note, it is of another kind, and so is its Message-ID.
        own_id = message_id_of(notice, identity) if notice.news else key
        decided = Decided(
            created_at=self._at,
            kind=notice.kind.value,
            unique_key=key,
            ticket=notice.ticket.number if notice.ticket else None,
            message_id=own_id,
            recipient=wire.mailbox(notice.to.address),
            sender=identity.return_path(notice),
            is_automatic=notice.kind in ANSWERS,
            send_at=send_at,
            notice=packed(replace(notice, message_id=own_id)),
            gathers_until=until,
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
