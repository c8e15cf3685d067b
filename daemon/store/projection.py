"""Events as rows of their own: links, tasks, watchers, and addresses that were taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, update

from daemon.desk.events import Event, EventKind
from daemon.desk.links import Link
from daemon.desk.tasks import Task, TaskState
from daemon.desk.ticket import State, TicketNumber
from daemon.store import links, revoked, tasks
from daemon.store.dialect import insert_new
from daemon.store.engine import Tx
from daemon.store.tables import watchers

#: What an event's word makes of a task, where it is not the state itself.
_STATES: Final = {"added": TaskState.OPEN}
_WATCHING: Final = {"added": "watching", "proposed": "proposed", "removed": "removed"}
_WATCHES = (
    update(watchers)
    .where(watchers.c.ticket == bindparam("here"), watchers.c.person == bindparam("who"))
    .values(state=bindparam("now_state"), since=bindparam("from_now"))
)


def is_projected(event: Event) -> bool:
    """True when rows beside the ticket's must follow the event."""
    return event.kind in _FOLLOW or _begins_anew(event)


def follow(tx: Tx, event: Event) -> None:
    """Make the rows say what the event says."""
    if _begins_anew(event):
        # Between two closings lives one set of addresses (attack 6).
        revoked.revoke_of_all(tx, event.ticket)
    else:
        _FOLLOW[event.kind](tx, event)


def _begins_anew(event: Event) -> bool:
    """True when a ticket was closed and is not any more."""
    return event.kind is EventKind.CHANGED and event.data["was"].get("state") == State.CLOSED.value


def _linked(tx: Tx, event: Event) -> None:
    links.add(tx, _link(event))


def _unlinked(tx: Tx, event: Event) -> None:
    links.remove(tx, _link(event))


def _link(event: Event) -> Link:
    return Link.told(event.ticket, event.data["relation"], TicketNumber(event.data["ticket"]))


def _task(tx: Tx, event: Event) -> None:
    data = event.data
    what = data["what"]
    state = _STATES.get(what) or TaskState(what)
    if what != "added":
        tasks.end(tx, event.ticket, data["task"], state)
        return
    due_at = data.get("due_at")
    tasks.add(
        tx,
        Task(
            ticket=event.ticket,
            number=data["task"],
            title=data["title"],
            owner=data.get("owner", ""),
            team=data.get("team", ""),
            due_at=datetime.fromisoformat(due_at) if due_at else None,
        ),
    )


def _watched(tx: Tx, event: Event) -> None:
    """Whoever comes new sees what becomes public from now on."""
    state, person = _WATCHING[event.data["what"]], event.data["person"]
    row = {"ticket": event.ticket, "person": person, "state": state, "since": event.at}
    tx.execute(insert_new(tx, watchers), [row])
    now = {"now_state": state, "from_now": event.at}
    tx.execute(_WATCHES, {"here": event.ticket, "who": person, **now})
    if state == "removed":
        revoked.revoke(tx, event.ticket, person)


_FOLLOW: Final = {
    EventKind.LINKED: _linked,
    EventKind.UNLINKED: _unlinked,
    EventKind.TASK: _task,
    EventKind.WATCHED: _watched,
}
