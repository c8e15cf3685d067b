"""Tickets, their messages and their events as JSON: what ``--json`` prints and an export holds."""

from __future__ import annotations

from typing import Any

from daemon.desk.events import Event
from daemon.store.listing import Listed
from daemon.store.messages import Entry
from scripts import show


def fields(listed: Listed) -> dict[str, Any]:
    """A ticket as --json prints it."""
    ticket, due = listed.ticket, listed.due
    return {
        "number": ticket.number,
        "type": ticket.type.value,
        "state": ticket.state.value,
        "priority": ticket.priority,
        "impact": ticket.impact,
        "urgency": ticket.urgency,
        "team": ticket.team or None,
        "owner": ticket.owner or None,
        "requester": listed.requester,
        "watchers": list(listed.watchers),
        "proposed": list(listed.proposed),
        "subject": ticket.subject,
        "service": ticket.service or None,
        "category": ticket.category or None,
        "tags": list(ticket.tags),
        "via": ticket.via,
        "language": ticket.language,
        "created_at": show.iso(ticket.created_at),
        "updated_at": show.iso(ticket.updated_at),
        "due": {metric: show.iso(due.get(metric)) for metric in ("respond", "resolve")},
    }


def message(entry: Entry) -> dict[str, Any]:
    """A message as --json prints it."""
    return {
        "id": entry.id,
        "direction": entry.direction,
        "visibility": entry.visibility,
        "from": entry.from_address,
        "message_id": entry.message_id,
        "at": show.iso(entry.at),
        "text": text(entry),
        "unverified": entry.unverified,
        "authority": entry.authority,
        "proof": entry.proof or None,
        "automatic": entry.automatic,
        "agent": entry.agent or None,
        "attachments": [dict(attachment) for attachment in files(entry)],
    }


def text(entry: Entry) -> str:
    """What was newly written; all of it where nothing but a quotation was found."""
    return entry.reply or entry.text


def event(event: Event) -> dict[str, Any]:
    """An event as --json prints it."""
    return {
        "ticket": event.ticket,
        "seq": event.seq,
        "at": show.iso(event.at),
        "actor": event.actor,
        "kind": event.kind.value,
        "data": dict(event.data),
    }


def files(entry: Entry) -> list[dict[str, Any]]:
    """The files of a message; the pictures of a signature are none."""
    return [each for each in entry.attachments if not each.get("decoration")]
