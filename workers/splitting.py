"""A matter of its own within a ticket: what the requester wrote last becomes a new ticket."""

from __future__ import annotations

from daemon.arrival import Envelope
from daemon.desk.events import EventKind
from daemon.desk.links import Relation
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.desk.verbs.deed import Deed
from daemon.mail.message import Address, Message
from daemon.store import messages, people
from daemon.store.messages import Entry
from workers import opening, ruling
from workers.case import Case
from workers.rules.facts import Facts, facts_of
from workers.welcoming import Story

#: What the new ticket takes over from the old one.
_INHERITED = (
    "type", "organisation", "via", "team", "service", "category", "impact", "urgency", "priority",
    "language", "site",
)  # fmt: skip


def split(case: Case, deed: Deed) -> None:
    """Open a ticket for each title that was asked for, and relate it to the old one."""
    for title in deed.wishes.split:
        number = _open(case, deed, title)
        deed.record(EventKind.LINKED, relation=Relation.RELATES.value, ticket=number, why="/split")


def _open(case: Case, deed: Deed, title: str) -> TicketNumber:
    old = deed.ticket
    number = TicketNumber(case.writes.next_number())
    new = Ticket(number=number, requester=old.requester, created_at=case.now, updated_at=case.now)
    change = Change(new)
    fields = {name: getattr(old, name) for name in _INHERITED} | {"subject": title}
    fields["type"] = old.type.value
    why = f"/split of #{old.number}"
    change.record(case.now, deed.speaker.actor, EventKind.CREATED, set=fields, why=why)
    case.writes.flush()
    wrote = next((one for one in reversed(messages.of(case.tx, old.number)) if _is_his(one)), None)
    person = people.get(case.tx, old.requester)
    story = Story(
        requester=person,
        address=person.address,
        author=person.name or person.address,
        author_address=person.address,
        text=(wrote.reply or wrote.text) if wrote else "",
    )
    entry = _entry(case, change.ticket, wrote, story)
    ruled = ruling.opened(case, change, person, _facts(case, story, title))
    opening.begin(case, change, story, entry, may_answer=not case.message.forbids_answer)
    ruled.carry_out()
    case.writes.flush()
    return number


def _facts(case: Case, story: Story, title: str) -> Facts:
    """The requester's words under the new title, as rules would see a mail with them."""
    address = Address(story.address)
    message = Message(from_=address, from_is_strict=True, subject=title, text=story.text)
    envelope = Envelope(sender=story.address, recipients=())
    return facts_of(message, envelope, case.directory, now=case.now)


def _is_his(entry: Entry) -> bool:
    return entry.direction == "in" and entry.visibility == "public"


def _entry(case: Case, ticket: Ticket, wrote: Entry | None, story: Story) -> Entry:
    """The requester's words again; the mail itself stays where it came in."""
    return Entry(
        ticket=ticket.number,
        direction="in",
        visibility="public",
        from_address=story.address,
        from_name=story.author,
        person=ticket.requester,
        at=wrote.at if wrote else case.now,
        text=story.text,
        reply=story.text,
        authority=wrote.authority if wrote else "none",
    )
