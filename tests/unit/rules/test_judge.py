"""What rules do to a ticket: order, groups, what sets off what, and where it ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.desk.events import EventKind
from daemon.desk.ticket import State
from tests.unit.rules.scenes import NOW, judge
from workers.rules.facts import Facts
from workers.rules.judge import MOST_ROUNDS
from workers.rules.load import RuleSet
from workers.rules.trigger import CREATED, Happening, Trigger

Rules = Callable[..., RuleSet]
_REPLIED = Happening(trigger=Trigger.REQUESTER_REPLIED)


def _automation(*rules: str) -> str:
    lines = (f"  - {{name: rule {number}, {rule}}}" for number, rule in enumerate(rules, 1))
    return "rules:\n" + "\n".join(lines)


def test_every_rule_that_holds_counts_and_sees_what_those_before_it_did(rules: Rules) -> None:
    loaded = rules(
        automation=_automation(
            "on: created, set: {team: network, tags: [a]}",
            "on: created, when: {team: {is: network}}, set: {tags: [b], untag: [a]}",
            "on: created, when: {team: {is: support}}, set: {tags: [wrong]}",
            "on: requester-replied, set: {tags: [wrong]}",
        )
    )

    judged = judge(loaded)
    judged.happened(CREATED)

    assert judged.change.ticket.tags == ("b",)
    assert [each.rule.ref.name for each in judged.fired] == ["rule 1", "rule 2"]
    [_, event] = judged.change.events
    assert event.actor == "rule:automation.yaml:3"
    assert event.data["why"] == "rule 2"
    assert event.data["rules"] == loaded.version


def test_stop_ends_and_first_of_a_group_is_the_only_one(rules: Rules) -> None:
    loaded = rules(
        automation=_automation(
            "on: created, when: {vip: {is: true}}, group: g, set: {tags: [vip]}",
            "on: created, group: g, set: {tags: [first]}",
            "on: created, group: g, set: {tags: [second]}",
            "on: created, set: {tags: [third]}, stop: true",
            "on: created, set: {tags: [fourth]}",
        )
    )

    judged = judge(loaded)
    judged.happened(CREATED)

    assert judged.change.ticket.tags == ("first", "third")


def test_match_first_makes_every_rule_the_last(rules: Rules) -> None:
    text = _automation("on: created, set: {tags: [a]}", "on: created, set: {tags: [b]}")

    judged = judge(rules(automation="match: first\n" + text))
    judged.happened(CREATED)

    assert judged.change.ticket.tags == ("a",)


def test_match_all_lets_routing_go_on(rules: Rules) -> None:
    text = "match: all\nrules:\n" + "".join(
        f"  - {{name: {name}, when: always, set: {{tags: [{name}]}}, stop: {stop}}}\n"
        for name, stop in (("a", "false"), ("b", "true"), ("c", "false"))
    )

    judged = judge(rules(routing=text))
    judged.opened()

    assert judged.change.ticket.tags == ("a", "b")


def test_change_sets_off_what_waits_for_it(rules: Rules) -> None:
    loaded = rules(
        automation=_automation(
            "on: requester-replied, set: {urgency: critical}",
            "on: {changed: [priority]}, set: {tags: [urgent]}",
            "on: {changed: [team]}, set: {tags: [wrong]}",
            "on: {changed: [tags]}, set: {state: open}",
            "on: {state: open}, set: {category: woken}",
            "on: {state: [waiting, resolved]}, set: {category: wrong}",
        )
    )

    judged = judge(loaded)
    judged.happened(_REPLIED)

    ticket = judged.change.ticket
    assert (ticket.priority, ticket.tags, ticket.state) == ("P3", ("urgent",), State.OPEN)
    assert ticket.category == "woken"
    assert not judged.loop


def test_rules_that_set_each_other_off_are_stopped_and_told(rules: Rules) -> None:
    loaded = rules(
        automation=_automation(
            "on: {changed: team}, when: {team: {is: network}}, set: {team: support}",
            "on: {changed: team}, when: {team: {is: support}}, set: {team: network}",
            "on: requester-replied, set: {team: network}",
        )
    )

    judged = judge(loaded)
    judged.happened(_REPLIED)

    assert judged.loop == ("automation.yaml:2", "automation.yaml:3")
    assert len(judged.fired) <= 1 + 2 * MOST_ROUNDS
    last = judged.change.events[-1]
    assert last.kind is EventKind.LOOP
    assert last.data["rules"] == list(judged.loop)


def test_change_to_what_is_already_there_is_none(rules: Rules) -> None:
    loaded = rules(automation=_automation("on: {changed: team}, set: {team: network}"))

    judged = judge(loaded, team="network")
    judged.happened(Happening(trigger=Trigger.CHANGED, names=frozenset({"team"})))

    assert judged.change.events == []
    assert not judged.loop


def test_priority_by_a_rule_stands_over_the_matrix(rules: Rules) -> None:
    loaded = rules(
        automation=_automation(
            "on: requester-replied, set: {priority: P1}",
            "on: {changed: priority}, set: {urgency: low}",
        )
    )

    judged = judge(loaded)
    judged.happened(_REPLIED)

    ticket = judged.change.ticket
    assert (ticket.priority, ticket.urgency) == ("P1", "low")
    assert ticket.priority_reason == "rule rule 1"


def test_move_that_the_type_does_not_know_is_not_made(rules: Rules) -> None:
    loaded = rules(automation=_automation("on: requester-replied, set: {state: approval}"))

    judged = judge(loaded)
    judged.happened(_REPLIED)

    assert judged.change.ticket.state is State.NEW


@pytest.mark.parametrize(
    ("state", "resolved", "closed"),
    [("resolved", True, False), ("cancelled", False, True), ("open", False, False)],
)
def test_state_brings_its_instants(rules: Rules, state: str, resolved: bool, closed: bool) -> None:
    loaded = rules(automation=_automation(f"on: requester-replied, set: {{state: {state}}}"))

    judged = judge(loaded)
    judged.happened(_REPLIED)

    ticket = judged.change.ticket
    assert ticket.state == state
    assert (ticket.resolved_at == NOW, ticket.closed_at == NOW) == (resolved, closed)


def test_time_that_has_come_is_one_rules_alone(rules: Rules) -> None:
    loaded = rules(
        automation=_automation(
            "on: {after: 2bd, since: updated}, set: {tags: [a]}",
            "on: {after: 2d}, set: {tags: [b]}",
        )
    )

    judged = judge(loaded)
    judged.happened(Happening(trigger=Trigger.AFTER, rule="rule 2"))

    assert judged.change.ticket.tags == ("b",)


def test_held_mail_is_asked_no_further(rules: Rules) -> None:
    loaded = rules(
        routing="rules: [{name: spam, when: {subject: {contains: casino}}, do: {hold: Spam}}]",
        automation=_automation("on: created, set: {tags: [wrong]}"),
    )

    judged = judge(loaded, Facts(subject="Casino!", now=NOW))
    judged.opened()

    assert judged.hold == "Spam"
    assert judged.change.ticket.tags == ()
