"""One verb: a name, who may, what its words mean, what it does, and its line of help. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from daemon.desk.states import legal_moves
from daemon.desk.ticket import State, Ticket
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.speaker import AGENTS, Role
from daemon.desk.verbs.words import Words

A = TypeVar("A")


class Area(StrEnum):
    """Where a verb stands on the card."""

    FLOW = "Flow"
    FIELDS = "Fields"
    TALK = "Talk"
    BEHALF = "On behalf"
    STRUCTURE = "Structure"
    SELF = "Self-service"
    LOOK = "Look"
    META = "Meta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb(Generic[A]):
    """``/name words``."""

    name: str
    area: Area
    #: As it stands in the reference and in ``/help``.
    usage: str
    meaning: str
    #: From the words after the name to what they mean; raises TicketError with what was expected.
    read: Callable[[Words], A]
    #: Carry it out; raises TicketError when the ticket does not allow it.
    effect: Callable[[A, Deed], None]
    who: frozenset[Role] = AGENTS
    #: The states in which it can be said; empty for every one.
    states: frozenset[State] = frozenset()
    #: The state that it leads to, where it leads to one.
    to: State | None = None
    #: True when it asks something of the desk and not of a ticket.
    is_free: bool = False
    #: True when its words are the first line of the text: ``/note printer is on order``.
    keeps_words: bool = False
    #: What it adds to the text of the mail, for a ticket's people.
    says: Callable[[A, Ticket], str] = lambda _, __: ""
    #: The commands that it stands for, where it stands for others.
    parts: Callable[[A], tuple[Command, ...]] = lambda _: ()
    #: Why ``/undo`` cannot take it back; empty where it can.
    stays: str = ""

    def is_legal(self, ticket: Ticket) -> bool:
        """Whether the ticket's state allows it now."""
        if self.states and ticket.state not in self.states:
            return False
        return self.to is None or self.to in legal_moves(ticket.type, ticket.state)


@dataclass(frozen=True, slots=True)
class Command:
    """A verb with its words read, ready to be carried out."""

    verb: Verb[Any]
    argument: Any
    #: As it was written.
    line: str

    @property
    def parts(self) -> tuple[Command, ...]:
        """Itself, and what it stands for."""
        return (self, *self.verb.parts(self.argument))

    def says(self, ticket: Ticket) -> str:
        """What it adds to the text of the mail."""
        return self.verb.says(self.argument, ticket)

    def obey(self, deed: Deed) -> None:
        """Carry it out. Raises TicketError."""
        deed.verb = f"/{self.verb.name}"
        self.verb.effect(self.argument, deed)
