"""A mail of ours that did not arrive: on the ticket's record, and its handlers are told."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.events import EventKind
from daemon.desk.people import Directory
from daemon.desk.ticket import Ticket
from daemon.desk.update import Change
from daemon.errors import UnknownTicket
from daemon.mail.address import Purpose, Token, extension_of, verify
from daemon.store import messages, tickets
from daemon.store.inbox import Settled
from daemon.store.writes import Writes
from workers import clocks, ruling
from workers.case import Case
from workers.desk import Desk
from workers.notices.notice import Kind
from workers.rules.trigger import Trigger
from workers.tell import Teller


def bounced(case: Case) -> Settled:
    """A delivery report: it acts only at our signed return path (attack 14)."""
    token = _return_path(case)
    bounce = case.message.bounce
    case.writes.flush()
    if token is None or bounce is None or not tickets.exists(case.tx, token.subject):
        return case.settled("bounce", None)
    number = tickets.survivor(case.tx, token.subject).number
    messages.add(case.writes, case.entry(number, visibility="internal"))
    # A mail of ours has one recipient: a report that names more tells of the same mail, or lies.
    for recipient in bounce.recipients[:1] if bounce.is_final else ():
        reply = " ".join(filter(None, (recipient.status, recipient.action))) or "returned"
        undelivered(
            case.writes,
            case.desk,
            ticket=number,
            recipient=recipient.address,
            reply=reply,
            now=case.now,
        )
    return case.settled("bounce", number, authority="return-path")


def _return_path(case: Case) -> Token | None:
    ctx = case.desk.ctx
    for address in case.mail.envelope.recipients:
        extension = extension_of(ctx.settings.addresses, address)
        token = verify(ctx.keys, extension) if extension else None
        if token and token.purpose is Purpose.BOUNCE:
            return token
    return None


def undelivered(
    writes: Writes, desk: Desk, *, ticket: int, recipient: str, reply: str, now: datetime
) -> None:
    """Record that somebody did not get a mail of a ticket, and tell its handlers."""
    try:
        change = Change(tickets.get(writes.tx, ticket, lock=True))
    except UnknownTicket:
        return
    change.record(now, "desk", EventKind.UNDELIVERED, recipient=recipient, reply=reply)
    rules = desk.rules.current()
    unique = f"returned-{change.ticket.last_event}"
    scene = ruling.Scene(writes=writes, desk=desk, rules=rules, now=now, unique=unique)
    ruled = ruling.happened(scene, change, Trigger.RETURNED)
    clocks.follow(writes, desk, rules, change, now)
    tickets.save(writes.tx, change)
    ruled.carry_out()
    _tell(Teller(writes, desk, now), rules.directory, change.ticket, recipient, reply)


def _tell(teller: Teller, directory: Directory, ticket: Ticket, recipient: str, reply: str) -> None:
    """Once a day for each recipient, and not to him; where there is nobody else, the admins."""
    lost = directory.agent_at(recipient)
    unique = f"lost-{recipient}-{teller.day}"
    told = teller.to_handlers(
        ticket,
        Kind.UNDELIVERABLE,
        but=lost.name if lost else "",
        unique=unique,
        details=(recipient, reply),
    )
    if not told:
        title = f"#{ticket.number}: {recipient} has not received a mail"
        teller.to_admins(f"{ticket.number}-{unique}", title=title, details=reply)
