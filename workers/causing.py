"""What a rule causes beside the fields that it sets: first as an event, then as rows.

Tasks, links and watchers are rows by the event alone; a notice, a mail and a call are written here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, assert_never

from daemon.desk.events import EventKind
from daemon.desk.links import Link, Relation
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.errors import TicketError
from daemon.store import calls, links, outbox, people, tickets, workload
from daemon.store.engine import Tx
from daemon.store.known import Known
from daemon.store.outbox import Decided
from daemon.store.people import Person, Stranger
from daemon.store.writes import Writes
from workers import tell
from workers.desk import Desk
from workers.notices.compose import Rendered, compose
from workers.notices.notice import Kind, Notice, Recipient
from workers.rules.effect import AddTask, Call, Effect, Hold, Relate, Tell, Watch, Write
from workers.rules.reference import RuleRef
from workers.rules.roles import stand_for
from workers.rules.ruleset import RuleSet
from workers.tell import Teller

#: What a mail of a rule is called in the outbox.
KIND = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A rule that held for a ticket, in the transaction that decides it."""

    writes: Writes
    desk: Desk
    rules: RuleSet
    now: datetime
    change: Change
    requester: Person
    rule: RuleRef
    #: What makes its notices its own.
    unique: str

    @property
    def tx(self) -> Tx:
        """The transaction."""
        return self.writes.tx

    @property
    def ticket(self) -> Ticket:
        """The ticket as it has become so far."""
        return self.change.ticket

    @property
    def actor(self) -> str:
        """Who does it, in an event."""
        return f"rule:{self.rule}"


def foretell(cause: Cause, effect: Effect) -> None:
    """Add the event that tells of the effect."""
    for kind, data in _events(cause, effect):
        cause.change.record(cause.now, cause.actor, kind, why=cause.rule.name, **data)


def _events(cause: Cause, effect: Effect) -> list[tuple[EventKind, dict[str, Any]]]:
    match effect:
        case Tell():
            return [(EventKind.NOTICE, {"notice": effect.notice, "to": list(effect.to)})]
        case Write():
            return [(EventKind.WROTE, {"to": effect.to})]
        case Call():
            return [(EventKind.CALLED, {"url": effect.url})]
        case AddTask():
            return [(EventKind.TASK, _task(cause, effect))]
        case Watch():
            return [(EventKind.WATCHED, _watcher(cause, each)) for each in effect.addresses]
        case Relate():
            return _related(cause, effect)
        case Hold():
            return []
        case _:
            assert_never(effect)


def _task(cause: Cause, effect: AddTask) -> dict[str, Any]:
    """Numbered after those that the ticket has, and those that it gets in this very change."""
    now_added = sum(
        event.kind is EventKind.TASK and event.data["what"] == "added"
        for event in cause.change.events
    )
    there = workload.tasks_of(cause.tx, cause.ticket.number)
    due_at = effect.due.after(cause.now, cause.rules.working_time) if effect.due else None
    return {
        "task": there + now_added + 1,
        "what": "added",
        "title": effect.title,
        "owner": effect.owner,
        "team": effect.team,
        **({"due_at": due_at.isoformat()} if due_at else {}),
    }


def _watcher(cause: Cause, address: str) -> dict[str, Any]:
    person = people.meet(Known(cause.writes), Stranger(address=address), now=cause.now)
    return {"what": "added", "person": person.id, "address": address}


def _related(cause: Cause, effect: Relate) -> list[tuple[EventKind, dict[str, Any]]]:
    """Nothing where there is no such ticket, or where it would close a circle."""
    own = cause.ticket.number
    if effect.ticket is None:
        other = workload.open_major(cause.tx, cause.ticket.service, own)
    else:
        other = effect.ticket if tickets.exists(cause.tx, effect.ticket) else None
    if other is None or other == own or not _may_relate(cause, effect.relation, other):
        return []
    if effect.relation == "parent":
        was = {"parent": cause.ticket.parent}
        return [(EventKind.CHANGED, {"set": {"parent": other}, "was": was})]
    return [(EventKind.LINKED, {"relation": effect.relation, "ticket": other})]


def _may_relate(cause: Cause, relation: str, other: int) -> bool:
    """False where it is so already, or would close a circle."""
    own = cause.ticket.number
    try:
        if relation == "parent":
            links.check_parent(cause.tx, own, other)
            return cause.ticket.parent != other
        link = Link(a=own, relation=Relation(relation), b=TicketNumber(other))
        links.check(cause.tx, link)
    except TicketError:
        return False
    return link not in links.of(cause.tx, own)


def carry_out(cause: Cause, effect: Effect) -> None:
    """Write the rows of the effect; the ticket's own are written."""
    match effect:
        case Tell():
            _tell(cause, effect)
        case Write():
            _write(cause, effect)
        case Call():
            _call(cause, effect)
        case AddTask() | Watch() | Relate() | Hold():
            pass
        case _:
            assert_never(effect)


def _tell(cause: Cause, effect: Tell) -> None:
    teller = Teller(cause.writes, cause.desk, cause.now)
    kind = Kind(effect.notice)
    ticket, directory = cause.ticket, cause.rules.directory
    words: dict[str, Any] = {
        "unique": cause.unique,
        "text": effect.text,
        "handler": tell.handler_name(directory, ticket),
    }
    if "requester" in effect.to:
        teller.to_requester(ticket, kind, **words)
    # ``agent:ann`` and ``team:net`` are told apart in the file only: no two share a name.
    others = [(name.rpartition(":")[2],) for name in effect.to if name != "requester"]
    agents = stand_for(others, directory, ticket)
    teller.to_agents(agents, ticket, kind, cause.requester, **words)
    if "admins" in effect.to:
        title = f"#{ticket.number}: {cause.rule.name}"
        teller.to_admins(cause.unique, title=title, details=effect.text or ticket.subject)


def _write(cause: Cause, effect: Write) -> None:
    """A mail to anybody outside; what comes back finds the ticket."""
    if not cause.desk.identity.may_write_to(effect.to):
        return
    person = people.meet(Known(cause.writes), Stranger(address=effect.to), now=cause.now)
    words = _words(cause)
    text = effect.text.safe_substitute(words)
    notice = Notice(
        kind=Kind.NEW_TICKET,
        to=Recipient(person=person.id, address=effect.to),
        at=cause.now,
        unique=cause.unique,
        ticket=cause.ticket,
    )
    rendered = Rendered(
        subject=effect.subject.safe_substitute(words),
        text=text,
        html=f"<pre>{escape(text)}</pre>",
    )
    composed = compose(notice, rendered, cause.desk.identity)
    decided = Decided(
        created_at=cause.now,
        kind=KIND,
        unique_key=composed.message_id,
        ticket=cause.ticket.number,
        message_id=composed.message_id,
        recipient=composed.recipient,
        sender=composed.sender,
        is_automatic=False,
        raw=composed.raw,
    )
    outbox.add(cause.writes, [decided])


def _call(cause: Cause, effect: Call) -> None:
    body = {
        **_words(cause),
        "number": cause.ticket.number,
        "tags": list(cause.ticket.tags),
        "impact": cause.ticket.impact,
        "urgency": cause.ticket.urgency,
        "at": cause.now.isoformat(),
        "rules": cause.rules.version,
    }
    call = calls.Call(
        created_at=cause.now,
        unique_key=f"{cause.ticket.number}:{cause.unique}",
        ticket=cause.ticket.number,
        url=effect.url,
        secret_file=effect.secret_file,
        body=json.dumps(body, ensure_ascii=False, sort_keys=True).encode(),
    )
    calls.add(cause.writes, [call])


def _words(cause: Cause) -> dict[str, str]:
    """The ticket for ``$placeholders``, and as a web server gets it."""
    ticket = cause.ticket
    return {
        "number": str(ticket.number),
        "subject": ticket.subject,
        "type": ticket.type.value,
        "state": ticket.state.value,
        "priority": ticket.priority,
        "service": ticket.service,
        "category": ticket.category,
        "team": ticket.team,
        "owner": ticket.owner,
        "requester": cause.requester.address,
        "organisation": ticket.organisation,
        "rule": f"{cause.rule.name} ({cause.rule})",
    }
