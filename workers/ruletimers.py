"""Rules that wait for time to pass: a timer for each, set when what they count from happens."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.desk.events import Event, EventKind
from daemon.desk.update import Change
from daemon.store.timers import Timer
from workers.rules.rule import Rule
from workers.rules.ruleset import RuleSet
from workers.rules.trigger import On, Trigger

#: What such a timer is called.
KIND = "rule"

#: What somebody did; a clock's warning, or a rule's own word, is no news.
_NEWS = frozenset(
    {
        EventKind.CREATED,
        EventKind.CHANGED,
        EventKind.MESSAGE,
        EventKind.LINKED,
        EventKind.UNLINKED,
        EventKind.TASK,
        EventKind.WATCHED,
    }
)


def timers_of(rules: RuleSet, change: Change) -> list[Timer]:
    """The timers that this change of a ticket sets."""
    waiting = tuple(_waiting(rules))
    if not waiting or not change.events:
        return []
    since = {name: event for event in change.events for name in beginnings_of(event)}
    return [
        _timer(rules, change, rule, on, since[on.since])
        for rule, on in waiting
        if on.since in since
    ]


def _waiting(rules: RuleSet) -> Iterator[tuple[Rule, On]]:
    for rule in rules.automation.rules:
        for on in rule.ons:
            if on.trigger is Trigger.AFTER:
                yield rule, on


def _timer(rules: RuleSet, change: Change, rule: Rule, on: On, event: Event) -> Timer:
    ticket = change.ticket
    # The age of a ticket counts from its first mail, whenever the worker came to it.
    start = ticket.created_at if on.since == "created" else event.at
    return Timer(
        key=f"rule:{ticket.number}:{event.seq}:{on.since}:{rule.ref.name}"[:128],
        kind=KIND,
        at=on.span.after(start, rules.working_time),
        ticket=ticket.number,
        data={"rule": rule.ref.name, "since": on.since, "seq": event.seq},
    )


def beginnings_of(event: Event) -> Iterator[str]:
    """From which of its beginnings a rule's time counts anew with this event."""
    if event.kind in _NEWS and not event.actor.startswith("rule:"):
        yield "updated"
    if event.kind is EventKind.CREATED:
        yield "created"
        yield "state"
    if "state" in event.data.get("set", {}):
        yield "state"
    if event.kind is EventKind.MESSAGE and event.data.get("visibility") == "public":
        yield "agent-replied" if event.data.get("direction") == "out" else "requester-replied"
