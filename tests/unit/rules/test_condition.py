"""Conditions over a ticket, its clocks and the time; the mail's are in test_match.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from daemon.desk.ticket import State
from daemon.mail.message import Attachment
from tests.unit.rules.scenes import NOW, judge, ticket
from workers.rules.facts import Facts
from workers.rules.load import RuleSet
from workers.rules.trigger import Happening, Trigger

Rules = Callable[..., RuleSet]

_PDF = Attachment(filename="Offer.pdf", content_type="application/pdf", size=6 << 20)
_FACTS = Facts(
    now=NOW,
    attachments=(_PDF, Attachment(filename="a.txt", content_type="text/plain", size=3)),
    size=9 << 20,
    cc=("boss@other.example",),
    is_authenticated=True,
    used={"respond": 100.0, "resolve": 40.5},
    due_at=NOW + timedelta(hours=3),
    site="Seoul",
    sender="minjun@example.com",
)


def _holds(rules: Rules, when: str, facts: Facts = _FACTS, **fields: Any) -> bool:
    text = f"rules: [{{name: it, on: state, when: {when}, set: {{tags: yes}}}}]"
    known = {
        "tags": ("a b", "c"),
        "state": State.WAITING,
        "priority": "P2",
        "wait_reason": "vendor",
    }
    judged = judge(rules(automation=text), facts, **{**known, **fields})
    judged.happened(Happening(trigger=Trigger.STATE))
    return bool(judged.fired)


@pytest.mark.parametrize(
    "when",
    [
        "{attachment: {contains: .PDF}}",
        "{attachment: {matches: '[.]txt$'}}",
        "{attachment.type: {is: application/pdf}}",
        "{attachment.size: {'>': 5MB}}",
        "{attachment.size: {<: 4}}",
        "{size: {'>=': 9MB}}",
        "{cc: {is: '@other.example'}}",
        "{authenticated: {is: true}}",
        "{requester: {is: jane@acme.example}}",
        "{organisation: {is: Acme}}",
        "{site: {is: seoul}}",
        "{requester.team: {exists: false}}",
        "{subject: {contains: slow}}",
        "{type: {is: incident}}",
        "{state: {in: [waiting, open]}}",
        "{wait: {is: vendor}}",
        "{owner: {exists: false}}",
        "{tags: {is: A B}}",
        "{tags: {contains: c}}",
        "{priority: {<=: P2}}",
        "{priority: {'>': P1}}",
        "{impact: {<: team}}",
        "{urgency: {'>=': normal}}",
        "{major: {is: false}}",
        "{reopened: {is: 0}}",
        "{spent: {<: 10}}",
        "{csat: {exists: false}}",
        "{created: {<: 2026-03-01}}",
        "{created: {'>=': '2026-02-28 09:00'}}",
        "{resolved: {exists: false}}",
        "{age: {'>': 47h}}",
        "{age: {'>=': 2d, <: 3d}}",
        "{age: {'>': 4bh}}",
        "{idle: {'>': 299m}}",
        "{due: {<: 4h}}",
        "{due: {exists: true}}",
        "{used: {'>=': 100%}}",
        "{used.resolve: {'>': 40}}",
        "{used.next: {exists: false}}",
    ],
)
def test_condition_on_a_ticket_that_holds(rules: Rules, when: str) -> None:
    assert _holds(rules, when)


@pytest.mark.parametrize(
    "when",
    [
        "{attachment.size: {'>': 7MB}}",
        "{size: {<: 9MB}}",
        "{authenticated: {is: false}}",
        "{requester.team: {is: support}}",
        "{state: {is: open}}",
        "{priority: {<: P2}}",
        "{priority: {'>': P2}}",
        "{impact: {'>': person}}",
        "{csat: {<: 3}}",
        "{created: {'>': 2026-03-01}}",
        "{resolved: {<: 2026-03-01}}",
        "{age: {'>': 2d}}",
        "{idle: {'>': 300m}}",
        "{due: {<: 3h}}",
        "{used.resolve: {'>': 41%}}",
        "{used.next: {<: 100%}}",
        "{body: {contains: vpn}}",
    ],
)
def test_condition_on_a_ticket_that_does_not_hold(rules: Rules, when: str) -> None:
    assert not _holds(rules, when)


def test_requester_who_is_an_agent_is_known_by_his_team(rules: Rules) -> None:
    text = "rules: [{name: it, when: {requester.team: {is: network}}, set: {tags: staff}}]"
    loaded = rules(routing=text)
    judged = judge(loaded)
    judged._facts = replace(judged._facts, requester_teams=("network",))
    judged.opened()

    assert judged.change.ticket.tags == ("staff",)


class _Weekdays:
    """A calendar that only counts from Monday to Friday."""

    def add(self, start: datetime, length: timedelta) -> datetime:
        return start + length

    def days_after(self, start: datetime, days: int) -> datetime:
        while days:
            start += timedelta(days=1)
            days -= start.weekday() < 5
        return start


@pytest.mark.parametrize(("days", "is_over"), [(1, True), (2, False)])
def test_working_days_are_those_of_the_calendar(rules: Rules, days: int, is_over: bool) -> None:
    friday = NOW - timedelta(days=3)
    facts = replace(_FACTS, calendar=_Weekdays())

    assert _holds(rules, f"{{age: {{'>=': {days}bd}}}}", facts, created_at=friday) is is_over
    assert _holds(rules, f"{{age: {{'>=': {days}d}}}}", facts, created_at=friday)


def test_scene_is_what_the_tests_say() -> None:
    assert ticket().created_at == NOW - timedelta(days=2)
