"""A mail of ours that did not arrive: on the ticket's record, and its handlers are told."""

from __future__ import annotations

from datetime import datetime

from daemon.desk.events import EventKind
from daemon.desk.update import Change
from daemon.errors import UnknownTicket
from daemon.mail.address import Purpose, Token, extension_of, verify
from daemon.store import messages, tickets
from daemon.store.inbox import Settled
from daemon.store.writes import Writes
from workers import tell
from workers.case import Case
from workers.desk import Desk
from workers.notices.notice import Kind
from workers.rules.load import RuleSet
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
    for recipient in bounce.recipients if bounce.is_final else ():
        reply = " ".join(filter(None, (recipient.status, recipient.action))) or "returned"
        undelivered(
            case.writes,
            case.desk,
            case.rules,
            ticket=number,
            recipient=recipient.address,
            reply=reply,
            unique=f"ndr{case.mail.id}",
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


def undelivered(  # noqa: PLR0913  a fact with seven sides
    writes: Writes,
    desk: Desk,
    rules: RuleSet,
    *,
    ticket: int,
    recipient: str,
    reply: str,
    unique: str,
    now: datetime,
) -> None:
    """Record that somebody did not get a mail of a ticket, and tell its handlers."""
    try:
        change = Change(tickets.get(writes.tx, ticket, lock=True))
    except UnknownTicket:
        return
    change.record(now, "desk", EventKind.UNDELIVERED, recipient=recipient, reply=reply)
    tickets.save(writes.tx, change)
    Teller(writes, desk, now).to_agents(
        tell.handlers(rules.directory, change.ticket),
        change.ticket,
        Kind.UNDELIVERABLE,
        unique=unique,
        details=(recipient, reply),
    )
