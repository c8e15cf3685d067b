"""A ticket and its facts, as the tests of the rules have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from workers.rules.facts import Facts, with_requester
from workers.rules.judge import Judge
from workers.rules.load import RuleSet

#: A Monday.
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ticket(**fields: Any) -> Ticket:
    """A ticket that is two days old."""
    known: dict[str, Any] = {
        "number": TicketNumber(1),
        "requester": PersonId(1),
        "subject": "VPN is slow",
        "created_at": NOW - timedelta(days=2),
        "updated_at": NOW - timedelta(hours=5),
    }
    return Ticket(**{**known, **fields})


def judge(rules: RuleSet, facts: Facts | None = None, **fields: Any) -> Judge:
    """The rules before such a ticket, of somebody at Acme."""
    facts = with_requester(facts or Facts(now=NOW), "jane@acme.example", rules.directory)
    return Judge(rules, facts, Change(ticket(**fields)), NOW)
