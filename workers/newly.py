"""A mail that answers nothing of ours: a new ticket, for its writer or on behalf of another."""

from __future__ import annotations

from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.desk.verbs.grammar import Mistake, Orders
from daemon.desk.verbs.speaker import Speaker
from daemon.store import people
from daemon.store.inbox import Settled
from daemon.store.people import Person
from workers import control, gate, opening, refusing, speaking
from workers.around import StoreAround
from workers.case import Case
from workers.opening import Wish
from workers.place import Placement


def written(case: Case, placement: Placement) -> Settled:
    """Open a ticket; or only answer, where it only asks the desk something."""
    writer = gate.writer(case)
    if writer is None:
        return opening.opened(case, placement)
    speaker = writer.speaker
    orders = speaking.read(case, speaker)
    if not orders.lines:
        return opening.opened(case, placement, author=writer.person)
    case.writes.flush()
    if settled := gate.held(case, speaker, orders, writer.proof):
        return settled
    if orders.is_free and not orders.text and not orders.mistakes:
        return control.asked(case, speaker, orders)
    mistakes = (*orders.mistakes, *_tried(case, speaker, orders))
    if mistakes and speaker.agent:
        return refusing.refused_without_ticket(case, speaker, orders, mistakes)
    wish = Wish(speaker=speaker, orders=orders, requester=_whose(case, speaker, orders))
    return opening.opened(case, placement, wish=wish)


def _tried(case: Case, speaker: Speaker, orders: Orders) -> tuple[Mistake, ...]:
    """What a new ticket would refuse; tried before one is numbered, for numbers have no gaps."""
    blank = Ticket(
        number=TicketNumber(0), requester=speaker.person, created_at=case.now, updated_at=case.now
    )
    tried = speaking.obey(case, Change(blank), speaker, orders, is_public=False, is_new=True)
    return tried.mistakes


def _whose(case: Case, speaker: Speaker, orders: Orders) -> Person:
    """The one named by ``/for``, else the writer himself."""
    said = [part for command in orders.commands for part in command.parts]
    named = [command.argument for command in said if command.verb.name == "for"]
    person = StoreAround(case).person(named[-1]) if named else speaker.person
    case.writes.flush()
    return people.get(case.tx, person)
