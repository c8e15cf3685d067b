"""A mail that opens a ticket: who it is from, what the rules say, by when, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from daemon.arrival import Source
from daemon.desk.events import EventKind
from daemon.desk.links import Relation
from daemon.desk.people import fold
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.desk.verbs.grammar import Orders
from daemon.desk.verbs.speaker import Speaker
from daemon.mail.subject import bare
from daemon.mail.thread import subject_numbers
from daemon.store import messages, search, tickets
from daemon.store.inbox import Settled
from daemon.store.messages import Entry
from daemon.store.people import Person
from workers import (
    brakes,
    clocks,
    enclosing,
    informing,
    inviting,
    persons,
    ruling,
    speaking,
    telling,
    welcoming,
)
from workers.case import Case
from workers.notices.notice import Due
from workers.place import Placement
from workers.speaking import Spoken
from workers.welcoming import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A new mail that says by commands for whom it is, and what is to be done at once."""

    speaker: Speaker
    orders: Orders
    requester: Person


def opened(
    case: Case,
    placement: Placement,
    *,
    author: Person | None = None,
    follow_up_of: int | None = None,
    wish: Wish | None = None,
) -> Settled:
    """A new ticket, its first message, its clocks, its acknowledgement and its team's notice.

    ``author`` is who wrote the mail, where that was looked up before.
    """
    requester = wish.requester if wish else author or persons.author(case)
    change = _new_ticket(case, requester)
    ruled = ruling.opened(case, change, requester)
    if found := enclosing.tags(case.scan):
        tags = list(dict.fromkeys((*change.ticket.tags, *found)))
        change.set(case.now, "desk", {"tags": tags}, why=case.scan.virus or case.scan.skipped)
    answering = brakes.answering(case, change, is_echo=placement.possibly is not None)
    related = follow_up_of or placement.possibly
    if related:
        _relate(case, change, related, is_follow_up=follow_up_of is not None)
    addresses = case.bare_recipients
    if addresses and addresses != (fold(case.desk.ctx.settings.address),):
        change.record(case.now, "desk", EventKind.REFERRED, addresses=list(addresses))
    inviting.invite(case, change, requester.id, is_proven=case.checked.is_checked)
    spoken = _obeyed(case, change, wish) if wish else None
    others = speaking.spread(spoken.deed) if spoken else ()
    entry = replace(_entry(case, change, spoken), is_robotic=answering.is_robotic)
    story = _story(case, requester, spoken, follow_up_of or 0)
    begin(case, change, story, entry, may_answer=answering.may_answer)
    ruled.carry_out()
    messages.await_parents(case.writes, change.ticket.number, placement.unknown_parents[:20])
    if spoken:
        _finish(case, spoken, change.ticket, others)
    return case.settled("ticket", change.ticket.number, authority=_authority(case))


def _obeyed(case: Case, change: Change, wish: Wish) -> Spoken:
    """What its writer wants done with it at once; a requester's failed lines stay text."""
    spoken = speaking.obey(case, change, wish.speaker, wish.orders, is_public=False, is_new=True)
    failed = [mistake.line for mistake in spoken.mistakes]
    spoken.deed.text = "\n".join(filter(None, (*failed, wish.orders.text)))
    return spoken


def _entry(case: Case, change: Change, spoken: Spoken | None) -> Entry:
    """The mail as the ticket's first message."""
    text = spoken.deed.text if spoken else case.message.reply
    # Who wrote it: what is for the requester must not go to the address of his agent.
    writer = spoken.deed.speaker.person if spoken else change.ticket.requester
    number = change.ticket.number
    return case.entry(number, person=writer, authority=_authority(case), reply=text)


def _finish(case: Case, spoken: Spoken, ticket: Ticket, others: Sequence[Change]) -> None:
    """What his commands did and asked for beside the new ticket."""
    deed = spoken.deed
    speaking.keep_beside(case, deed, others)
    telling.tell_beside(case, deed)
    lines = tuple(command.line for command in spoken.commands)
    informing.inform(case, deed.speaker, deed.wishes, ticket, lines)


def _story(case: Case, requester: Person, spoken: Spoken | None, follows: int) -> Story:
    is_behalf = spoken is not None and requester.id != spoken.deed.speaker.person
    return Story(
        requester=requester,
        address=requester.address if is_behalf else case.sender_key,
        author=case.sender_name or case.sender,
        author_address=case.sender,
        text=spoken.deed.text if spoken else case.message.text,
        follows=follows,
    )


def begin(case: Case, change: Change, story: Story, entry: Entry, *, may_answer: bool) -> None:
    """Keep a new ticket and its first message, start its clocks, and tell those concerned."""
    if may_answer:
        change.record(case.now, "desk", EventKind.NOTICE, notice="acknowledgement")
    due = _start_clocks(case, change)
    tickets.create(case.writes, change, case.mail.id)
    messages.add(case.writes, entry)
    search.index(case.writes, entry.ticket, change.ticket.subject)
    if may_answer:
        welcoming.acknowledge(case, change.ticket, story, due)
    welcoming.tell_team(case, change.ticket, story, due, inviting.offers(change))


def _relate(case: Case, change: Change, other: int, *, is_follow_up: bool) -> None:
    relation = Relation.FOLLOW_UP_OF if is_follow_up else Relation.POSSIBLY_ABOUT
    change.record(case.now, "desk", EventKind.LINKED, relation=relation.value, ticket=other)


def _new_ticket(case: Case, requester: Person) -> Change:
    number = TicketNumber(case.writes.next_number())
    created = case.mail.received_at
    change = Change(
        Ticket(number=number, requester=requester.id, created_at=created, updated_at=created)
    )
    settings = case.desk.ctx.settings
    fields = {
        "subject": _title(case.message.subject) or _first_line(case.message.reply),
        "organisation": requester.organisation,
        "language": requester.language or settings.language,
        "via": _via(case),
    }
    named = {"named_by": case.named_by} if case.named_by else {}
    change.record(
        case.now,
        f"person:{requester.id}",
        EventKind.CREATED,
        set=fields,
        rules=case.rules.version,
        **named,
    )
    return change


def _title(subject: str) -> str:
    """The subject; without another ticket's number, which would lead nobody to this one."""
    return bare(subject) if subject_numbers(subject) else subject


def _via(case: Case) -> str:
    via = case.message.header("x-postdesk-via") if case.mail.source is Source.INTAKE else ""
    return via[:16] or "mail"


def _first_line(text: str) -> str:
    return next((line.strip()[:80] for line in text.splitlines() if line.strip()), "")


def _start_clocks(case: Case, change: Change) -> tuple[Due, ...]:
    """Targets count from the arrival, whenever the worker came to it; none for a machine."""
    is_person = case.message.automatic is None
    started = clocks.follow(
        case.writes, case.desk, case.rules, change, case.now, is_measured=is_person
    )
    return tuple(Due(metric=clock.metric, at=clock.due_at) for clock in started if clock.due_at)


def _authority(case: Case) -> str:
    return "sender-checked" if case.checked.is_checked else "none"
