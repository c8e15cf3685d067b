"""A task: a piece of work within a ticket, with an owner and an end of its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from daemon.desk.ticket import TicketNumber


class TaskState(StrEnum):
    """Whether it is still to be done."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One line of a ticket's list of work."""

    ticket: TicketNumber
    #: From 1 in each ticket.
    number: int
    title: str
    #: An agent's login, or empty.
    owner: str = ""
    team: str = ""
    due_at: datetime | None = None
    state: TaskState = TaskState.OPEN
    spent_minutes: int = 0
    #: The number of the task that must end before.
    depends_on: int | None = None
