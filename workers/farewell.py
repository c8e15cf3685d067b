"""A ticket is closed for good: told, and asked how it was, where notices.yaml says so."""

from __future__ import annotations

from typing import Any

from daemon.desk.ticket import Ticket
from workers.notices.notice import Kind
from workers.tell import Teller


def farewell(teller: Teller, ticket: Ticket, unique: str, **words: Any) -> None:
    """Each is a notice that notices.yaml may name; without it nobody gets one."""
    teller.to_requester(ticket, Kind.CLOSED, unique=unique, **words)
    teller.to_requester(ticket, Kind.SURVEY, unique=f"{unique}-how", **words)
