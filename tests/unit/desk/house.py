"""A small desk without a store: what verbs see in unit tests, and a way to say something there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from daemon.desk.events import Event, EventKind
from daemon.desk.links import Link
from daemon.desk.people import Agent, Directory, Organisation, PersonId, Team
from daemon.desk.tasks import Task
from daemon.desk.ticket import State, Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.desk.verbs.around import Letter
from daemon.desk.verbs.block import Writing
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.grammar import Mistake, Orders, Reader
from daemon.desk.verbs.speaker import Speaker
from daemon.errors import TicketError, UnknownTicket
from daemon.mail.reply import newly_written

#: A Monday.
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN = Agent(name="ann", full_name="Ann Agent", addresses=("ann@desk.test",))
BO = Agent(name="bo", full_name="Bo Berg", addresses=("bo@desk.test", "bo@home.test"))
CAROL = PersonId(3)
DIRECTORY = Directory(
    agents=(ANN, BO),
    teams=(Team(name="network", members=("bo",), lead="bo"), Team(name="desk", members=("ann",))),
    organisations=(Organisation(name="acme", domains=("acme.test",)),),
)
AGENT = Speaker(directory=DIRECTORY, person=PersonId(1), address="ann@desk.test", agent=ANN)
REQUESTER = Speaker(directory=DIRECTORY, person=CAROL, address="carol@acme.test", is_requester=True)
WATCHER = replace(REQUESTER, person=PersonId(4), address="dan@acme.test", is_requester=False)


@dataclass
class House:
    """The desk around one ticket."""

    tickets: dict[int, Ticket] = field(default_factory=dict)
    links_: list[Link] = field(default_factory=list)
    tasks_: list[Task] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    letters_: list[Letter] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=lambda: {"carol@acme.test": CAROL})
    matrix: str = "P3"
    #: Agents who are not there, and when they are back.
    away: dict[str, datetime] = field(default_factory=dict)
    reopen_window: timedelta = timedelta(days=14)
    watchers_: dict[int, tuple[PersonId, ...]] = field(default_factory=dict)
    #: Pairs that the store would refuse.
    circles: set[tuple[int, int]] = field(default_factory=set)

    def ticket(self, number: int) -> Ticket:
        if number not in self.tickets:
            raise UnknownTicket(f"there is no ticket #{number}")
        return self.tickets[number]

    def watchers(self, number: int) -> Sequence[PersonId]:
        return self.watchers_.get(number, ())

    def links(self, number: int) -> Sequence[Link]:
        return [link for link in self.links_ if number in (link.a, link.b)]

    def children(self, number: int) -> Sequence[TicketNumber]:
        return [one.number for one in self.tickets.values() if one.parent == number]

    def tasks(self, number: int) -> Sequence[Task]:
        return [task for task in self.tasks_ if task.ticket == number]

    def history(self, number: int) -> Sequence[Event]:
        return [event for event in self.events if event.ticket == number]

    def letters(self, number: int) -> Sequence[Letter]:
        return self.letters_

    def check_link(self, link: Link) -> None:
        self._check(link.a, link.b)

    def check_parent(self, child: int, parent: int) -> None:
        self._check(child, parent)

    def _check(self, a: int, b: int) -> None:
        if (a, b) in self.circles:
            raise TicketError("a circle")

    def priority(self, ticket: Ticket) -> str:
        return self.matrix

    def person(self, address: str) -> PersonId:
        return PersonId(self.people.setdefault(address, 100 + len(self.people)))

    def address_of(self, person: PersonId) -> str:
        return next(address for address, known in self.people.items() if known == person)

    def away_until(self, login: str) -> datetime | None:
        return self.away.get(login)

    def queue(self, team: str, owner: str = "") -> Sequence[Ticket]:
        return [
            one
            for one in self.tickets.values()
            if team in ("", one.team) and owner in ("", one.owner)
        ]

    def find(self, query: str, login: str) -> Sequence[Ticket]:
        if query == "wrong":
            raise TicketError("unknown field 'wrong'")
        return [one for one in self.tickets.values() if query in (one.subject, f"owner:{login}")]

    def of_requester(self, person: PersonId) -> Sequence[Ticket]:
        return [one for one in self.tickets.values() if one.requester == person]


def ticket(number: int = 7, **fields: object) -> Ticket:
    """A ticket of Carol's, in work."""
    values: dict[str, object] = {"state": State.OPEN, "subject": "Printer", "last_event": 1}
    values["requester"] = CAROL
    return Ticket(
        number=TicketNumber(number),
        created_at=NOW,
        updated_at=NOW,
        **(values | fields),  # type: ignore[arg-type]
    )


def read(answer: str, speaker: Speaker = AGENT, now: datetime = NOW) -> Orders:
    """The commands of a mail whose whole text this is."""
    writing = Writing(whole=answer, own=newly_written(answer))
    return Reader(speaker=speaker, now=now, zone=UTC).read(writing)


@dataclass
class Said:
    """A mail's commands, carried out."""

    deed: Deed
    orders: Orders
    mistakes: tuple[Mistake, ...]

    @property
    def ticket(self) -> Ticket:
        return self.deed.ticket

    @property
    def messages(self) -> str:
        return "\n".join(mistake.message for mistake in self.mistakes)


def say(
    answer: str,
    on: Ticket | None = None,
    house: House | None = None,
    speaker: Speaker = AGENT,
    *,
    at: datetime = NOW,
    is_public: bool = True,
) -> Said:
    """Write an answer to a ticket."""
    on = on or ticket()
    house = house or House()
    house.tickets.setdefault(on.number, on)
    orders = read(answer, speaker, at)
    texts = [command.says(on) for command in orders.commands]
    deed = Deed(
        change=Change(on), at=at, speaker=speaker, around=house,
        text="\n\n".join(filter(None, (*texts, orders.text))),
        is_public=is_public,
    )  # fmt: skip
    mistakes = list(orders.mistakes)
    for command in orders.commands:
        try:
            command.obey(deed)
        except TicketError as err:
            mistakes.append(Mistake(line=command.line, error=err))
    return Said(deed, orders, tuple(mistakes))


def kept(said: Said, house: House, mail_id: int = 1) -> Ticket:
    """Write what was said into the house, as the store does."""
    others = [change for change in said.deed.others.values() if change.events]
    if others:
        numbers = [change.ticket.number for change in others]
        said.deed.record(EventKind.SPREAD, tickets=numbers)
    for change in (said.deed.change, *others):
        house.events += [replace(event, mail_id=mail_id) for event in change.events]
        house.tickets[change.ticket.number] = change.ticket
    return said.ticket
