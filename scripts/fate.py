"""What became of a mail, in words; each reads on from “it”."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.store.listing import Arrived, Sent
from scripts.show import when

#: By fate; ``{ticket}`` is the ticket's number with its sign.
_DONE: Final[Mapping[str, str]] = {
    "ticket": "became ticket {ticket}",
    "reply": "is a public message on ticket {ticket}",
    "note": "is a note on ticket {ticket}",
    "command": "held commands for ticket {ticket}",
    "unverified": "was kept on ticket {ticket} as unverified internal text",
    "asked": "waits on ticket {ticket} for its author's word",
    "confirmation": "answers a question about a held mail on ticket {ticket}",
    "automatic": "is automatic mail, kept with ticket {ticket} and not answered",
    "bounce": "is a delivery report, kept with ticket {ticket}",
    "duplicate": "is a copy of arrival {first} and belongs to ticket {ticket}",
}
_WITHOUT_TICKET: Final[Mapping[str, str]] = {
    "confirmation": "answers a question about a held mail",
    "automatic": "is automatic mail and opened no ticket",
    "bounce": "is a delivery report about no mail of ours",
}


def of_arrival(arrived: Arrived) -> str:
    """What became of an arrival."""
    match arrived.state:
        case "received":
            return _waiting(arrived)
        case "held":
            return (
                f"is held after {_times(arrived.attempts)}: {arrived.error}; "
                f"release it with: postdesk inbox release {arrived.id}"
            )
        case "dropped":
            return f"was dropped: {arrived.error or 'no reason was given'}"
        case _:
            return _done(arrived)


def _done(arrived: Arrived) -> str:
    fate = arrived.fate or ""
    if arrived.ticket is None:
        return _WITHOUT_TICKET.get(fate, f"was taken in as {fate}")
    words = _DONE.get(fate, "was taken in as " + fate + " on ticket {ticket}")
    return words.format(ticket=f"#{arrived.ticket}", first=arrived.duplicate_of or "an earlier one")


def _waiting(arrived: Arrived) -> str:
    if arrived.error:
        tried = f"failed {_times(arrived.attempts)}: {arrived.error}"
        return f"{tried}; it is tried again at {when(arrived.due_at)}"
    return "waits to be taken in"


def of_mail(mail: Sent) -> str:
    """What became of a mail of ours."""
    about = f" about ticket #{mail.ticket}" if mail.ticket else ""
    to = f"to {mail.recipient}{about}"
    reply = f": {mail.last_reply}" if mail.last_reply else ""
    match mail.state:
        case "sent":
            return f"was sent {to} at {when(mail.sent_at)}{reply}"
        case "failed":
            return f"could not be delivered {to}{reply}"
        case "dropped":
            return f"was dropped before it went {to}"
        case _:
            return f"waits to be sent {to}, next at {when(mail.due_at)}{reply}"


def _times(count: int) -> str:
    return "1 try" if count == 1 else f"{count} tries"
