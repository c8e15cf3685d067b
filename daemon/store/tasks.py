"""Rows of tasks: the work within a ticket, numbered from 1 in each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select, update

from daemon.desk.tasks import Task, TaskState
from daemon.desk.ticket import TicketNumber
from daemon.store.dialect import clean
from daemon.store.engine import Tx
from daemon.store.tables import tasks

_FIELDS = tuple(Task.__dataclass_fields__)


def add(tx: Tx, task: Task) -> None:
    """Keep a new task."""
    values = {name: getattr(task, name) for name in _FIELDS}
    values |= {"state": task.state.value, "title": clean(task.title)}
    tx.execute(insert(tasks), [values])


def of(tx: Tx, ticket: int) -> tuple[Task, ...]:
    """Every task of a ticket, in order."""
    query = select(tasks).where(tasks.c.ticket == ticket).order_by(tasks.c.number)
    return tuple(_task(row) for row in tx.execute(query))


def end(tx: Tx, ticket: int, number: int, state: TaskState) -> None:
    """Set whether a task is still to be done."""
    this = (tasks.c.ticket == ticket) & (tasks.c.number == number)
    tx.execute(update(tasks).where(this).values(state=state.value))


def _task(row: Row[Any]) -> Task:
    values = dict(row._mapping)
    values |= {"ticket": TicketNumber(row.ticket), "state": TaskState(row.state)}
    return Task(**values)
