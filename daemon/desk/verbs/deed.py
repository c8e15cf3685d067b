"""One mail's commands being carried out on a ticket: what they see and what they cause. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from daemon.desk.events import Event, EventKind
from daemon.desk.states import check_move
from daemon.desk.tasks import Task, TaskState
from daemon.desk.ticket import State, Ticket
from daemon.desk.update import Change, moved
from daemon.desk.verbs.around import Around
from daemon.desk.verbs.report import Report
from daemon.desk.verbs.speaker import Speaker


@dataclass(slots=True, kw_only=True)
class Wishes:
    """What the commands of one mail ask for beside events: the worker sees to it."""

    #: Who may read the text: True for agents only; None as the answered mail was.
    is_internal: bool | None = None
    #: The new owner or team must be told the whole story.
    is_handed_over: bool = False
    #: The next one of the ladder is wanted now, and why.
    escalate: str | None = None
    #: Titles of new tickets, made of what the requester wrote last.
    split: list[str] = field(default_factory=list)
    #: Answers to the speaker.
    reports: list[Report] = field(default_factory=list)
    #: What ``/help`` was asked about; empty for the card.
    help: str | None = None
    #: The text is a verdict on what was done, no new question.
    is_rating: bool = False
    #: What the speaker wants for himself: ``language``, ``away_until``, ``digest``.
    own: dict[str, Any] = field(default_factory=dict)
    #: The held mail of this refusal is to be done now: the events' sequence number.
    release: int | None = None


@dataclass(slots=True, kw_only=True)
class Deed:
    """The ticket under one mail's commands; nothing counts until the worker writes it."""

    change: Change
    at: datetime
    speaker: Speaker
    around: Around
    wishes: Wishes = field(default_factory=Wishes)
    #: What was written beside the commands.
    text: str = ""
    #: True when the text goes to the requester, unless a command says otherwise.
    is_public: bool = True
    #: True in the mail that opens the ticket.
    is_new: bool = False
    #: The command that is being carried out, as a reason.
    verb: str = ""
    #: Changes of other tickets, by number.
    others: dict[int, Change] = field(default_factory=dict)
    #: Of every ticket that the mail changes so far: what one command did, another goes on from.
    known: dict[int, Change] = field(default_factory=dict)

    @property
    def ticket(self) -> Ticket:
        """As it is after the commands so far."""
        return self.change.ticket

    @property
    def tells_requester(self) -> bool:
        """True when the requester will read the text of this mail."""
        is_internal = self.wishes.is_internal
        return bool(self.text) and (self.is_public if is_internal is None else not is_internal)

    def history(self) -> Sequence[Event]:
        """Everything that happened to the ticket, by this mail too."""
        return (*self.around.history(self.ticket.number), *self.change.events)

    def tasks(self) -> Sequence[Task]:
        """The ticket's tasks, as this mail leaves them."""
        known = {task.number: task for task in self.around.tasks(self.ticket.number)}
        for event in self.change.events:
            if event.kind is EventKind.TASK:
                number, what = event.data["task"], event.data["what"]
                state = TaskState.OPEN if what == "added" else TaskState(what)
                title = event.data["title"]
                task = Task(ticket=self.ticket.number, number=number, title=title, state=state)
                known[number] = task
        return tuple(known.values())

    def set(self, **fields: Any) -> None:
        """Fields take new values; events' types, not the ticket's."""
        self.change.set(self.at, self.speaker.actor, fields, why=self.verb)

    def record(self, kind: EventKind, **data: Any) -> None:
        """Something happened to the ticket."""
        self.change.record(self.at, self.speaker.actor, kind, **data)

    def move(self, state: State, **fields: Any) -> None:
        """Go to a state, if the type's table has the move. Raises IllegalMove."""
        check_move(self.ticket.type, self.ticket.state, state)
        self.set(**moved(self.ticket, state, self.at), **fields)

    def other(self, number: int) -> Change:
        """Another ticket, to be changed by this mail too. Raises UnknownTicket."""
        if number not in self.others:
            if number not in self.known:
                self.known[number] = Change(self.around.ticket(number))
            self.others[number] = self.known[number]
        return self.others[number]

    def set_other(self, number: int, why: str, **fields: Any) -> None:
        """Fields of another ticket take new values."""
        self.other(number).set(self.at, self.speaker.actor, fields, why=why)

    def tell(self, report: Report) -> None:
        """Answer the speaker."""
        self.wishes.reports.append(report)
