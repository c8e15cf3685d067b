"""The desk as a verb sees it: read from the store, in the transaction of the mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from daemon.desk.events import Event
from daemon.desk.links import Link
from daemon.desk.people import PersonId
from daemon.desk.tasks import Task
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.verbs.around import Letter
from daemon.errors import TicketError
from daemon.store import links, messages, people, search, tasks, tickets, watchers
from workers import absence, finding, persons
from workers.case import Case
from workers.rules.prioritise import prioritise
from workers.rules.ruleset import RulesInvalid


@dataclass(frozen=True, slots=True)
class StoreAround:
    """Everything that is asked is looked up at once; what waits to be written is written first."""

    case: Case

    @property
    def reopen_window(self) -> timedelta:
        return timedelta(days=self.case.desk.ctx.settings.reopen_days)

    def ticket(self, number: int) -> Ticket:
        self.case.writes.before([("ticket", number)])
        return tickets.get(self.case.tx, number, lock=True)

    def links(self, number: int) -> Sequence[Link]:
        return links.of(self.case.tx, number)

    def watchers(self, number: int) -> Sequence[PersonId]:
        self.case.writes.flush()
        return watchers.watching(self.case.tx, number)

    def children(self, number: int) -> Sequence[TicketNumber]:
        return links.children(self.case.tx, number)

    def tasks(self, number: int) -> Sequence[Task]:
        return tasks.of(self.case.tx, number)

    def history(self, number: int) -> Sequence[Event]:
        self.case.writes.flush()
        return tickets.history(self.case.tx, number)

    def letters(self, number: int) -> Sequence[Letter]:
        self.case.writes.flush()
        return [
            Letter(
                at=entry.at,
                author=entry.agent or entry.from_name or entry.from_address,
                is_ours=entry.direction == "out",
                is_internal=entry.visibility != "public",
                text=entry.reply or entry.text,
            )
            for entry in messages.of(self.case.tx, number)
        ]

    def check_link(self, link: Link) -> None:
        links.check(self.case.tx, link)

    def check_parent(self, child: int, parent: int) -> None:
        links.check_parent(self.case.tx, child, parent)

    def priority(self, ticket: Ticket) -> str:
        is_vip = self.case.directory.is_vip(self.address_of(ticket.requester))
        choices = prioritise(
            self.case.rules, ticket.impact, ticket.urgency, ticket.service, is_vip=is_vip
        )
        return choices[-1].value

    def person(self, address: str) -> PersonId:
        if self.case.is_ours(address):
            raise TicketError("%(address)s is the desk itself", address=address)
        person = persons.meet(self.case, address)
        self.case.writes.flush()
        return person.id

    def address_of(self, person: PersonId) -> str:
        self.case.writes.flush()
        return people.get(self.case.tx, person).address

    def away_until(self, login: str) -> datetime | None:
        agent = self.case.directory.agent(login)
        if agent is None:
            return None
        return absence.away_until(self.case.writes, self.case.desk.staff, agent, self.case.now)

    def queue(self, team: str, owner: str = "") -> Sequence[Ticket]:
        self.case.writes.flush()
        return tickets.to_do(self.case.tx, team=team, owner=owner)

    def find(self, query: str, login: str) -> Sequence[Ticket]:
        case = self.case
        case.writes.flush()
        try:
            condition = finding.condition_of(
                query, case.rules, partial(search.every, case.tx), login
            )
        except RulesInvalid as err:
            first = err.errors[0]
            raise TicketError(
                "this query is not understood: %(mistake)s (%(hint)s)",
                mistake=first.message,
                hint=first.hint,
            ) from err
        return finding.newest(case.tx, case.rules, condition, case.now)

    def of_requester(self, person: PersonId) -> Sequence[Ticket]:
        self.case.writes.flush()
        return tickets.of_requester(self.case.tx, person)
