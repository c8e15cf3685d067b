"""What is done to the tickets of the simulated month. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from daemon.desk.ticket import Ticket

#: What an act makes of which clock.
TURNS = {
    "answer": ("respond", "stopped"),
    "wait": ("resolve", "paused"),
    "open": ("resolve", "running"),
    "reopen": ("resolve", "running"),
}


def plan(chance: random.Random, count: int) -> Iterator[tuple[int, int, str, int]]:
    """What happens to which ticket in which minute."""
    names = (
        "answer", "take", "wait", "wait", "open", "open", "resolve", "resolve", "reopen",
        "P1", "P2", "P3", "P4", "team", "ack", "cancel",
    )  # fmt: skip
    for ticket in range(1, count + 1):
        minute = 60 + (ticket - 1) * 21 * 1440 // count
        yield minute, ticket, "create", ticket
        for _ in range(chance.randrange(8)):
            minute += chance.randrange(1, 3000)
            yield minute, ticket, chance.choice(names), ticket
        if chance.random() < 0.8:  # most are resolved for good some day
            yield minute + chance.randrange(1, 3000), ticket, "open", ticket
            yield minute + chance.randrange(3000, 6000), ticket, "resolve", ticket


def taker(ticket: int) -> str:
    """The agent who takes a ticket when somebody does."""
    return ("ann", "bo", "cho")[ticket % 3]


def fields(name: str, ticket: Ticket, at: datetime) -> dict[str, Any] | None:
    """What the act sets; None: it cannot be done."""
    state, now = ticket.state.value, at.isoformat()
    is_live = state in {"new", "open", "waiting"}
    can = {
        "answer": is_live and ticket.first_response_at is None,
        "wait": state in {"new", "open"},
        "open": state == "waiting",
        "reopen": state == "resolved",
        "cancel": is_live and ticket.number % 5 == 0,
    }
    set_by: dict[str, dict[str, Any]] = {
        "answer": {"first_response_at": now},
        "take": {"owner": taker(ticket.number)},
        "wait": {"state": "waiting", "wait_reason": "customer"},
        "open": {"state": "open", "wait_reason": ""},
        "resolve": {"state": "resolved", "wait_reason": "", "resolved_at": now},
        "reopen": {"state": "open", "resolved_at": None},
        "team": {"team": "net" if ticket.team == "desk" else "desk"},
        "ack": {},
        "cancel": {"state": "cancelled", "wait_reason": ""},
    }
    return set_by.get(name, {"priority": name}) if can.get(name, is_live) else None
