"""Rows of tasks: the work within a ticket, numbered from 1 in each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from daemon.desk.tasks import Task, TaskState
from daemon.desk.ticket import TicketNumber
from daemon.errors import TicketError
from daemon.store.dialect import clean
from daemon.store.engine import Tx
from daemon.store.tables import tasks

_FIELDS = tuple(Task.__dataclass_fields__)


def add(tx: Tx, task: Task) -> Task:
    """Keep a new task under the ticket's next number; its ticket's row is locked."""
    last = select(func.coalesce(func.max(tasks.c.number), 0)).where(tasks.c.ticket == task.ticket)
    numbered = replace(task, number=int(tx.execute(last).scalar_one()) + 1)
    values = {name: getattr(numbered, name) for name in _FIELDS}
    values |= {"state": numbered.state.value, "title": clean(numbered.title)}
    tx.execute(insert(tasks), [values])
    return numbered


def of(tx: Tx, ticket: int) -> tuple[Task, ...]:
    """Every task of a ticket, in order."""
    query = select(tasks).where(tasks.c.ticket == ticket).order_by(tasks.c.number)
    return tuple(_task(row) for row in tx.execute(query))


def get(tx: Tx, ticket: int, number: int) -> Task:
    """One task. Raises TicketError, naming those that there are."""
    found = of(tx, ticket)
    for task in found:
        if task.number == number:
            return task
    known = ", ".join(str(task.number) for task in found) or "none"
    raise TicketError(f"#{ticket} has no task {number}; there are: {known}")


def end(tx: Tx, task: Task, state: TaskState) -> None:
    """Set whether it is still to be done."""
    this = (tasks.c.ticket == task.ticket) & (tasks.c.number == task.number)
    tx.execute(update(tasks).where(this).values(state=state.value))


def _task(row: Row[Any]) -> Task:
    values = dict(row._mapping)
    values |= {"ticket": TicketNumber(row.ticket), "state": TaskState(row.state)}
    return Task(**values)
