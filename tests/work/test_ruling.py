"""What rules cause, in the transaction that decides it: on both stores, exactly once."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from daemon.desk.events import EventKind
from daemon.store import links, listing
from daemon.store import tasks as task_rows
from daemon.store import tickets as ticket_rows
from daemon.store.tables import calls, inbox, outbox, timers
from tests.servers.desk import mail
from tests.work.conftest import Work


def _write(work: Work, **files: str) -> None:
    for name, text in files.items():
        (work.folder / "rules" / f"{name}.yaml").write_text(text, encoding="utf-8")
    work.desk.rules.reload()


def _events(work: Work, number: int = 1) -> list[tuple[str, str, Any]]:
    with work.store.read() as tx:
        history = ticket_rows.history(tx, number)
    return [(event.kind.value, event.actor, dict(event.data)) for event in history]


def _ticket(work: Work, number: int = 1) -> Any:
    with work.store.read() as tx:
        return ticket_rows.get(tx, number)


def _arrive(work: Work, subject: str = "Chair", text: str = "Broken.") -> None:
    work.arrive(bytes(mail("carol@acme.test", subject, text)))
    work.take_in()


def test_rules_of_a_new_ticket_are_in_its_history_with_their_version(work: Work) -> None:
    _write(
        work,
        automation="rules: [{name: chairs, on: created, when: {subject: {contains: chair}}, "
        "set: {tags: [seat]}}]",
    )

    _arrive(work)

    created, *rest = _events(work)
    version = work.desk.rules.current().version
    assert created[2]["rules"] == version
    [by_rule] = [data for _, actor, data in rest if actor == "rule:automation.yaml:1"]
    assert by_rule["set"] == {"tags": ["seat"]}
    assert (by_rule["why"], by_rule["rules"]) == ("chairs", version)
    assert _ticket(work).tags == ("seat",)


_EFFECTS = """\
rules:
  - name: far and wide
    on: created
    do:
      - notice: {template: note, to: ['team:desk', admins], text: Look here}
      - notice: {template: public_reply, to: requester, text: Soon}
      - mail:
          {to: vendor@parts.test, subject: "Part for $number", text: "$subject costs $$5: $rule"}
      - webhook: {url: 'http://127.0.0.1:9/hook'}
"""


def test_notice_mail_and_call_are_rows_once(work: Work) -> None:
    _write(work, automation=_EFFECTS)

    _arrive(work)
    work.take_in()

    kinds = [row.kind for row in work.rows(outbox)]
    assert (kinds.count("note"), kinds.count("public_reply")) == (2, 1)
    assert kinds.count("alarm") == 1
    [written] = [row for row in work.rows(outbox) if row.kind == "rule"]
    message = message_from_bytes(written.raw, policy=policy.default)
    assert (message["To"], message["Subject"]) == ("vendor@parts.test", "[#1] Part for 1")
    assert message["Auto-Submitted"] == "auto-generated"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "Chair costs $5: far and wide (automation.yaml:2)"
    [call] = work.rows(calls)
    told = json.loads(call.body)
    assert (told["number"], told["subject"], told["requester"]) == (1, "Chair", "carol@acme.test")
    kept = [kind for kind, actor, _ in _events(work) if actor == "rule:automation.yaml:2"]
    assert kept == ["notice", "notice", "wrote", "called"]


def test_held_by_a_rule_is_no_ticket_before_a_person_looks(work: Work) -> None:
    _write(
        work,
        routing="rules: [{name: spam, when: {subject: {contains: casino}}, do: {hold: Spam}}]",
    )

    _arrive(work, "Casino!")
    _arrive(work)

    held, done = work.rows(inbox)
    assert (held.state, held.error, held.ticket) == ("held", "Spam", None)
    assert (done.state, done.ticket) == ("done", 1)


_LATER = """\
rules:
  - name: forgotten
    on: {after: 2d, since: updated}
    when: {state: {is: new}}
    set: {tags: [forgotten]}
"""


def test_time_that_passes_asks_the_rule_once(work: Work) -> None:
    _write(work, automation=_LATER)
    _arrive(work)

    work.clock.advance(timedelta(days=2, seconds=-1))
    work.ring()
    assert _ticket(work).tags == ()
    work.clock.advance(timedelta(seconds=1))
    work.ring()
    work.ring()

    assert _ticket(work).tags == ("forgotten",)
    [timer] = [row for row in work.rows(timers) if row.kind == "rule"]
    assert timer.state == "done"


def test_time_begins_anew_when_something_happens(work: Work) -> None:
    _write(work, automation=_LATER)
    _arrive(work)
    work.clock.advance(timedelta(days=1))
    first = next(row for row in work.rows(outbox) if row.kind == "acknowledgement")
    reply = mail("carol@acme.test", "Re: Chair", "And the table.")
    reply["In-Reply-To"] = message_from_bytes(first.raw)["Message-ID"]
    work.arrive(bytes(reply))
    work.take_in()

    work.clock.advance(timedelta(days=1, hours=1))
    work.ring()
    assert _ticket(work).tags == ()
    work.clock.advance(timedelta(days=1))
    work.ring()

    assert _ticket(work).tags == ("forgotten",)


def test_reply_sets_off_the_rules_that_wait_for_it(work: Work) -> None:
    _write(
        work,
        automation="rules: [{name: again, on: requester-replied, "
        "when: {body: {contains: table}}, set: {urgency: critical}}]",
    )
    _arrive(work)
    first = next(row for row in work.rows(outbox) if row.kind == "acknowledgement")
    reply = mail("carol@acme.test", "Re: Chair", "And the table.")
    reply["In-Reply-To"] = message_from_bytes(first.raw)["Message-ID"]
    work.arrive(bytes(reply))
    work.take_in()

    assert (_ticket(work).urgency, _ticket(work).priority) == ("critical", "P3")


_LOOP = """\
rules:
  - {name: a, on: {changed: category}, when: {category: {is: x}}, set: {category: y}}
  - {name: b, on: {changed: category}, when: {category: {is: y}}, set: {category: x}}
  - {name: c, on: created, set: {category: x}}
"""


def test_loop_of_rules_is_an_event_and_the_admins_are_told_once(work: Work) -> None:
    _write(work, automation=_LOOP)

    _arrive(work)
    _arrive(work, "Table")

    for number in (1, 2):
        assert EventKind.LOOP.value in [kind for kind, _, _ in _events(work, number)]
    alarms = [row for row in work.rows(outbox) if row.kind == "alarm"]
    assert [row.recipient for row in alarms] == ["root@desk.test"]


@pytest.mark.parametrize(
    ("strategy", "owners"),
    [
        ("least-open", ["ann", "bob", "ann"]),
        ("round-robin", ["ann", "bob", "ann"]),
        ("last-agent", ["", "", ""]),
        ("{pick: least-open, skill: seats}", ["bob", "bob", "bob"]),
        ("owner-of-service", ["bob", "bob", "bob"]),
    ],
)
def test_owner_is_picked_among_those_who_are_there(
    work: Work, strategy: str, owners: list[str]
) -> None:
    _write(
        work,
        people="""\
agents:
  ann: {full_name: Ann, addresses: [ann@desk.test]}
  bob: {full_name: Bob, addresses: [bob@desk.test], skills: [Seats]}
teams: {desk: {members: [ann, bob]}}
default_team: desk
""",
        services="services: {chairs: {owner: bob}}",
        routing="rules: [{name: all, when: always, set: {service: chairs}}]",
        automation=f"rules: [{{name: own, on: created, set: {{owner: {strategy}}}}}]",
    )

    for number in range(len(owners)):
        _arrive(work, f"Chair {number}", f"Broken {number}")

    assert [_ticket(work, number + 1).owner for number in range(len(owners))] == owners


def test_nobody_who_is_away_or_off_his_shift_is_picked(work: Work) -> None:
    _write(
        work,
        people="""\
agents:
  ann: {full_name: Ann, addresses: [ann@desk.test]}
  bob: {full_name: Bob, addresses: [bob@desk.test]}
  eve: {full_name: Eve, addresses: [eve@desk.test], shift: night}
teams: {desk: {members: [ann, bob, eve]}}
default_team: desk
""",
        calendars="calendars: {night: {time_zone: UTC, hours: {daily: 22-6}}}",
        routing="rules: []",
        automation="rules: [{name: own, on: created, set: {owner: least-open}}]",
    )
    work.arrive(bytes(mail("ann@desk.test", "Me", "/away until +3d\n")), sender="ann@desk.test")
    work.take_in()

    _arrive(work, "Chair", "Broken")
    _arrive(work, "Table", "Broken, too")
    work.clock.advance(timedelta(days=4))
    _arrive(work, "Lamp", "Dark")

    assert [_ticket(work, number).owner for number in (1, 2, 3)] == ["bob", "bob", "ann"]


def test_split_matter_is_routed_like_a_new_ticket(work: Work) -> None:
    _arrive(work, "Chair", "Broken. And the VPN is down, too.")
    [told] = work.notices("ann@desk.test")
    answer = told.answer('/split "VPN for Carol"\n/split "Her other chair"', From="ann@desk.test")

    work.arrive(bytes(answer), sender="ann@desk.test", recipients=(told.reply_to,))
    work.take_in()

    chair, vpn, other = (_ticket(work, number) for number in (1, 2, 3))
    assert (chair.team, vpn.team, vpn.service) == ("desk", "network", "network")
    assert (other.subject, other.team, other.service) == ("Her other chair", "desk", "")
    assert ("changed", "rule:routing.yaml:2") in [each[:2] for each in _events(work, 2)]


def test_last_agent_gets_his_requester_again(work: Work) -> None:
    _write(work, automation="rules: [{name: own, on: created, set: {owner: bo}}]")
    _arrive(work)
    _write(work, automation="rules: [{name: own, on: created, set: {owner: last-agent}}]")
    _arrive(work, "Table")

    assert _ticket(work, 2).owner == "bo"


def test_tasks_links_and_watchers_are_rows_too(work: Work) -> None:
    _arrive(work, "The great one")
    _write(
        work,
        automation="""\
rules:
  - name: a part
    on: created
    do:
      - task: {title: Call the shop, team: desk, due: 2d}
      - task: Order wood
      - watch: [eve@acme.test]
      - link: {relation: relates, to: '#1'}
      - link: {relation: parent, to: '#1'}
      - link: {relation: relates, to: '#99'}
""",
    )

    _arrive(work, "A part")

    with work.store.read() as tx:
        listed = listing.ticket(tx, 2)
        assert [(task.number, task.title, task.team) for task in task_rows.of(tx, 2)] == [
            (1, "Call the shop", "desk"),
            (2, "Order wood", ""),
        ]
        assert [link.seen_from(2) for link in links.of(tx, 2)] == [("relates", 1)]
    assert listed is not None
    assert listed.ticket.parent == 1
    assert listed.watchers == ("eve@acme.test",)
