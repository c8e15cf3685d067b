"""Whom a participant's mail brings in: his own house at once, others when an agent agrees."""

from __future__ import annotations

from daemon.desk.events import EventKind
from daemon.desk.people import PersonId
from daemon.desk.update import Change
from daemon.desk.watching import invited
from daemon.store import people, watchers
from workers import persons
from workers.case import Case
from workers.notices.notice import Act

#: More than these are agreed to one by one, by ``ticket show``.
_OFFERED = 5


def invite(case: Case, change: Change, by: PersonId, *, is_proven: bool) -> None:
    """Those in To and Cc of somebody's mail become watchers, or are proposed (attack 8).

    Only a proven author invites anybody: else a forger could read along.
    """
    message, ticket = case.message, change.ticket
    if not is_proven or message.automatic:
        return
    named = [one for one in (*message.to, *message.cc) if not case.is_ours(one.address)]
    if not named:
        return
    is_requester = people.are_same(case.tx, by, ticket.requester)
    known = watchers.known(case.tx, ticket.number) | {ticket.requester, by}
    for one in invited(named, case.sender, case.directory, case.is_ours, is_requester=is_requester):
        person = persons.meet(case, one.address, one.name)
        if person.id in known:
            continue
        change.record(
            case.now,
            f"person:{by}",
            EventKind.WATCHED,
            person=person.id,
            address=one.address,
            what="added" if one.is_at_once else "proposed",
            why="Cc",
        )


def offers(change: Change) -> tuple[Act, ...]:
    """What an agent touches to agree to those who were proposed."""
    proposed = (
        event.data["address"]
        for event in change.events
        if event.kind is EventKind.WATCHED and event.data["what"] == "proposed"
    )
    lines = [f"/cc +{address}" for address in proposed][:_OFFERED]
    return tuple(Act(label=line, body=f"{line}\n") for line in lines)
