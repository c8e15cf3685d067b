"""How tickets hang together: ``/merge``, ``/dup``, ``/split``, ``/link``, ``/parent``. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from daemon.desk.events import EventKind
from daemon.desk.links import Link, Relation, check_parent
from daemon.desk.states import legal_moves
from daemon.desk.ticket import State, Ticket, TicketNumber
from daemon.desk.update import moved
from daemon.desk.verbs.deed import Deed
from daemon.desk.verbs.verb import Area, Verb
from daemon.desk.verbs.words import Words
from daemon.errors import TicketError

#: A relation by name, and whether it is said from its other end.
_KINDS: Final = {
    "relates": (Relation.RELATES, False),
    "blocks": (Relation.BLOCKS, False),
    "blocked-by": (Relation.BLOCKS, True),
    "duplicate-of": (Relation.DUPLICATE_OF, False),
    "follow-up-of": (Relation.FOLLOW_UP_OF, False),
}


def _number(words: Words) -> TicketNumber:
    return words.number()


def _merge(into: TicketNumber, deed: Deed) -> None:
    """This ticket's mails land in the other from now on; its people are kept informed there."""
    ticket = deed.ticket
    target = deed.other(into).ticket
    _check_target(deed, into)
    if target.merged_into is not None:
        raise TicketError(
            "#%(into)s itself goes on in #%(merged_into)s; merge into that",
            into=into,
            merged_into=target.merged_into,
        )
    state = State.CANCELLED
    if state not in legal_moves(ticket.type, ticket.state):
        state = State.CLOSED
    fields = moved(ticket, state, deed.at)
    deed.set(merged_into=into, **fields, resolution_code="merged", owner="")
    change = deed.other(into)
    change.record(deed.at, deed.speaker.actor, EventKind.MERGED, ticket=ticket.number)
    known = {target.requester, *deed.around.watchers(into)}
    for person in dict.fromkeys((ticket.requester, *deed.around.watchers(ticket.number))):
        if person not in known:
            change.record(
                deed.at, deed.speaker.actor, EventKind.WATCHED, person=person,
                address=deed.around.address_of(person), what="added", why=f"/merge #{into}",
            )  # fmt: skip


def _check_target(deed: Deed, number: int) -> None:
    if number == deed.ticket.number:
        raise TicketError("#%(number)s is this ticket", number=number)


def _duplicate(of: TicketNumber, deed: Deed) -> None:
    """It waits for the other and ends with it; its requester is told then."""
    _relate(deed, Link(a=deed.ticket.number, relation=Relation.DUPLICATE_OF, b=of))
    if State.WAITING in legal_moves(deed.ticket.type, deed.ticket.state):
        deed.set(state=State.WAITING.value, wait_reason="duplicate", wait_until=None)


def _relate(deed: Deed, link: Link) -> None:
    other = link.b if link.a == deed.ticket.number else link.a
    _check_target(deed, other)
    deed.around.ticket(other)
    if link in deed.around.links(deed.ticket.number):
        raise TicketError(
            "#%(a)s %(relation)s #%(b)s already", a=link.a, relation=link.relation, b=link.b
        )
    deed.around.check_link(link)
    deed.change.record(deed.at, deed.speaker.actor, EventKind.LINKED, **_of_link(deed, link))


def _of_link(deed: Deed, link: Link) -> dict[str, object]:
    relation, other = link.seen_from(deed.ticket.number)
    return {"relation": relation, "ticket": other, "why": deed.verb}


class _Kind(NamedTuple):
    kind: str
    number: TicketNumber


def _read_link(words: Words) -> _Kind:
    *kind, number = words.tokens or ("",)
    names = (*_KINDS, "parent", "child")
    return _Kind(words.choice(names, kind[0]) if kind else "relates", words.number(number))


def _link(said: _Kind, deed: Deed) -> None:
    here = deed.ticket.number
    if said.kind == "parent":
        _parent(said.number, deed)
    elif said.kind == "child":
        _check_target(deed, said.number)
        _check_parent(deed, said.number, here)
        deed.set_other(said.number, f"/link child of #{here}", parent=here)
    else:
        relation, is_reversed = _KINDS[said.kind]
        a, b = (said.number, here) if is_reversed else (here, said.number)
        _relate(deed, Link(a=a, relation=relation, b=b))


def _check_parent(deed: Deed, child: TicketNumber, parent: TicketNumber) -> None:
    """No circle, neither with what is stored nor with what this mail has said so far."""
    deed.around.check_parent(child, parent)
    check_parent(lambda number: _as_said(deed, number).parent, child, parent)


def _as_said(deed: Deed, number: int) -> Ticket:
    """A ticket as the mail leaves it so far."""
    if number == deed.ticket.number:
        return deed.ticket
    change = deed.known.get(number)
    return change.ticket if change else deed.around.ticket(number)


def _unlink(number: TicketNumber, deed: Deed) -> None:
    """Whatever there is between the two."""
    here = deed.ticket.number
    found = [link for link in deed.around.links(here) if number in (link.a, link.b)]
    for link in found:
        deed.change.record(deed.at, deed.speaker.actor, EventKind.UNLINKED, **_of_link(deed, link))
    if deed.ticket.parent == number:
        deed.set(parent=None)
    elif deed.around.ticket(number).parent == here:
        deed.set_other(number, f"/unlink of #{here}", parent=None)
    elif not found:
        raise TicketError("#%(here)s and #%(number)s are not linked", here=here, number=number)


def _read_parent(words: Words) -> TicketNumber | None:
    return None if words.text.strip().casefold() == "none" else words.number()


def _parent(number: TicketNumber | None, deed: Deed) -> None:
    if number is not None:
        _check_target(deed, number)
        deed.around.ticket(number)
        _check_parent(deed, deed.ticket.number, number)
    deed.set(parent=number)


def _read_split(words: Words) -> str:
    return words.line("into what: its title")


def _split(title: str, deed: Deed) -> None:
    if deed.is_new:
        raise TicketError("a mail that opens a ticket is one matter; send the other by itself")
    deed.wishes.split.append(title)


VERBS: Final = (
    Verb(name="merge", area=Area.STRUCTURE, usage="/merge #12",
         meaning="this ticket goes on in #12: all mails land there", read=_number, effect=_merge),
    Verb(name="dup", area=Area.STRUCTURE, usage="/dup #12",
         meaning="a duplicate of #12: waits for it and is resolved with it",
         read=_number, effect=_duplicate),
    Verb(name="split", area=Area.STRUCTURE, usage='/split "TITLE"',
         meaning="the requester's last mail is a matter of its own: a new ticket",
         read=_read_split, effect=_split, stays="a ticket that was opened stays; /cancel it there"),
    Verb(name="link", area=Area.STRUCTURE,
         usage="/link [relates|blocks|blocked-by|follow-up-of|parent|child] #12",
         meaning="how it hangs together with #12", read=_read_link, effect=_link),
    Verb(name="unlink", area=Area.STRUCTURE, usage="/unlink #12",
         meaning="it does not hang together with #12", read=_number, effect=_unlink),
    Verb(name="parent", area=Area.STRUCTURE, usage="/parent #12|none",
         meaning="a part of #12: is resolved with it", read=_read_parent, effect=_parent),
)  # fmt: skip
