"""The work within a ticket: ``/task``, ``/done``, ``/skip``. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from daemon.desk.events import EventKind
from daemon.desk.people import Team
from daemon.desk.tasks import TaskState
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import TicketError

_DUE: Final = re.compile(r"(?i)\s(?:due|fällig|기한)\s+(.+)$")
_WHO: Final = re.compile(r"(?:^|\s)@(\S+)")
_EVENING: Final = 17


class _NewTask(NamedTuple):
    title: str
    owner: str = ""
    team: str = ""
    due_at: datetime | None = None


def _read_task(words: Words) -> _NewTask:
    text = words.text
    due = _DUE.search(text)
    due_at = words.instant(due[1], hour=_EVENING) if due else None
    text = text[: due.start()] if due else text
    who = _WHO.search(text)
    holder = words.holder(who[1]) if who else None
    title = (text[: who.start()] + text[who.end() :] if who else text).strip('"“”„ ')
    if not title:
        raise TicketError('/task needs a title: /task "order a disk" @ann due fri')
    if isinstance(holder, Team):
        return _NewTask(title, team=holder.name, due_at=due_at)
    return _NewTask(title, owner=holder.name if holder else "", due_at=due_at)


def _task(task: _NewTask, deed: Deed) -> None:
    due_at = task.due_at.isoformat() if task.due_at else None
    number = 1 + max((one.number for one in deed.tasks()), default=0)
    deed.record(
        EventKind.TASK, task=number, what="added", title=task.title,
        owner=task.owner, team=task.team, due_at=due_at,
    )  # fmt: skip


class _End(NamedTuple):
    number: int
    why: str = ""


def _read_done(words: Words) -> _End:
    return _End(_task_number(words, words.text))


def _read_skip(words: Words) -> _End:
    number, _, why = words.text.partition(" ")
    if not why.strip():
        raise TicketError("/skip needs the task's number and why: /skip 2 not needed")
    return _End(_task_number(words, number), why.strip())


def _task_number(words: Words, said: str) -> int:
    folded = said.strip("# ")
    if not folded.isdecimal() or len(folded) > 4:
        raise TicketError(
            '/%(verb)s needs the number of a task, not "%(said)s"', verb=words.verb, said=said
        )
    return int(folded)


def _done(end: _End, deed: Deed) -> None:
    _end(deed, end, TaskState.DONE)


def _skip(end: _End, deed: Deed) -> None:
    _end(deed, end, TaskState.SKIPPED)


def _end(deed: Deed, end: _End, state: TaskState) -> None:
    known = deed.tasks()
    found = [task for task in known if task.number == end.number]
    if not found:
        listed = ", ".join(f"{one.number} {one.title}" for one in known) or "none"
        raise TicketError(
            "#%(number)s has no task %(number2)s; there are: %(listed)s",
            number=deed.ticket.number,
            number2=end.number,
            listed=listed,
        )
    [task] = found
    if task.state is not TaskState.OPEN:
        raise TicketError(
            "task %(number)s is %(state)s already", number=end.number, state=task.state
        )
    deed.record(
        EventKind.TASK, task=task.number, what=state.value, title=task.title,
        **({"why": end.why} if end.why else {}),
    )  # fmt: skip


VERBS: Final = (
    Verb(name="task", area=Area.STRUCTURE, usage='/task "TITLE" [@NAME] [due fri]',
         meaning="a piece of work within it, for an agent or a team",
         read=_read_task, effect=_task),
    Verb(name="done", area=Area.STRUCTURE, usage="/done 1", meaning="task 1 is done",
         read=_read_done, effect=_done),
    Verb(name="skip", area=Area.STRUCTURE, usage="/skip 2 WHY", meaning="task 2 is not needed",
         read=_read_skip, effect=_skip),
)  # fmt: skip
