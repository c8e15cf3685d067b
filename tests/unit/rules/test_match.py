"""Every predicate on every field of a mail, groups, order, and what a rule decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from daemon.arrival import Envelope
from daemon.desk.people import PersonId
from daemon.desk.ticket import Ticket, TicketNumber
from daemon.desk.update import Change
from daemon.mail.message import Address, Automatic, Message
from workers.rules.facts import Facts, facts_of
from workers.rules.judge import Judge
from workers.rules.load import RuleSet

Rules = Callable[..., RuleSet]


def _mail(**fields: object) -> Message:
    known: dict[str, object] = {
        "from_": Address("Jane@Acme.example", "Jane Doe"),
        "to": (Address("help@desk.example"),),
        "cc": (Address("Boss@other.example"),),
        "subject": "Re: VPN does  not\n work",
        "text": "Straße gesperrt. 한글VPN문제. Error 404.",
        "headers": (("x-spam-flag", "YES"), ("received", "a"), ("received", "b"), ("x-empty", "")),
        "language": "en",
    }
    return Message(**{**known, **fields})  # type: ignore[arg-type]


_ENVELOPE = Envelope(sender="bounce@acme.example", recipients=("help+x@desk.example",))


def _facts(rules: RuleSet, **fields: object) -> Facts:
    return facts_of(_mail(**fields), _ENVELOPE, rules.directory)


_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _judged(rules: RuleSet, facts: Facts) -> Judge:
    ticket = Ticket(number=TicketNumber(1), requester=PersonId(1), created_at=_NOW, updated_at=_NOW)
    judge = Judge(rules, facts, Change(ticket), _NOW)
    judge.opened()
    return judge


def _routed(rules: RuleSet, facts: Facts) -> Ticket:
    return _judged(rules, facts).change.ticket


def _holds(rules: Rules, when: str, **fields: object) -> bool:
    text = f"rules: [{{name: it, when: {when}, set: {{service: yes}}}}]"
    loaded = rules(routing=text)
    return _routed(loaded, _facts(loaded, **fields)).service == "yes"


@pytest.mark.parametrize(
    "when",
    [
        "always",
        "{from: {is: jane@acme.example}}",
        "{from: {is: JANE@ACME.EXAMPLE}}",
        "{from: {is: '@acme.example'}}",
        "{from: {in: [a@b.c, '@Acme.example']}}",
        "{from: {contains: acme}}",
        "{from: {matches: '^jane@'}}",
        "{from: {exists: true}}",
        "{to: {is: help@desk.example}}",
        "{to: {is: boss@other.example}}",
        "{to: {is: help+x@desk.example}}",
        "{to: {in: [a@b.c, '@other.example']}}",
        "{to: {contains: other}}",
        "{to: {matches: '[+]x@'}}",
        "{subject: {is: 're: vpn does not work'}}",
        "{subject: {in: [a, 'Re: VPN does not work']}}",
        "{subject: {contains: vpn}}",
        "{subject: {contains: NOT WORK}}",
        "{subject: {contains: [printer, vpn]}}",
        r"{subject: {matches: '\bvpn\b'}}",
        "{subject: {matches: [zzz, '(?-i)VPN']}}",
        "{subject: {contains: vpn, matches: work}}",
        "{subject: {exists: true}}",
        "{body: {contains: STRASSE}}",
        "{body: {contains: 404}}",
        "{body: {contains: 한글}}",
        r"{body: {matches: '\bVPN\b'}}",
        r"{body: {matches: '\p{Hangul}+VPN'}}",
        "{header.X-Spam-Flag: {is: yes}}",
        "{HEADER.x-spam-flag: {is: yes}}",
        "{header.received: {is: b}}",
        "{header.X-Empty: {exists: true}}",
        "{header.List-Id: {exists: false}}",
        "{organisation: {is: acme}}",
        "{organisation: {in: [Acme]}}",
        "{organisation: {exists: true}}",
        "{vip: {is: false}}",
        "{automatic: {exists: false}}",
        "{language: {is: EN}}",
        "{language: {in: [ko, en]}}",
        "{any: [{subject: {is: x}}, {body: {contains: error}}]}",
        "{all: [{subject: {contains: vpn}}, {body: {contains: error}}]}",
        "{not: {subject: {is: x}}}",
        "{not: {any: [{vip: {is: true}}, {automatic: {exists: true}}]}}",
        "{subject: {contains: vpn}, body: {contains: error}}",
        "{all: [{not: {vip: {is: true}}}, {any: [{to: {contains: desk}}]}]}",
    ],
)
def test_condition_that_holds(rules: Rules, when: str) -> None:
    assert _holds(rules, when)


@pytest.mark.parametrize(
    "when",
    [
        "{from: {is: bounce@acme.example}}",
        "{from: {is: '@example'}}",
        "{from: {in: ['@cme.example']}}",
        "{from: {contains: jane doe}}",
        "{from: {matches: '^acme'}}",
        "{from: {exists: false}}",
        "{to: {is: jane@acme.example}}",
        "{subject: {is: vpn}}",
        "{subject: {contains: printer}}",
        "{subject: {contains: vpn, matches: printer}}",
        "{subject: {matches: '(?-i)vpn'}}",
        "{subject: {exists: false}}",
        r"{body: {matches: '\b한글\b'}}",
        "{header.received: {is: c}}",
        "{header.List-Id: {exists: true}}",
        "{header.List-Id: {contains: x}}",
        "{vip: {is: true}}",
        "{automatic: {is: list}}",
        "{language: {is: ko}}",
        "{any: [{subject: {is: x}}, {body: {is: y}}]}",
        "{all: [{subject: {contains: vpn}}, {body: {is: y}}]}",
        "{not: {subject: {contains: vpn}}}",
        "{not: always}",
        "{subject: {contains: vpn}, body: {contains: printer}}",
    ],
)
def test_condition_that_does_not_hold(rules: Rules, when: str) -> None:
    assert not _holds(rules, when)


def test_vip_is_known_by_his_address(rules: Rules) -> None:
    assert _holds(rules, "{vip: {is: true}}", from_=Address("boss@ACME.example"))


def test_automatic_mail_is_known_by_its_kind(rules: Rules) -> None:
    assert _holds(rules, "{automatic: {in: [auto-reply, list]}}", automatic=Automatic.LIST)


def test_language_falls_back_to_the_organisation(rules: Rules) -> None:
    assert _holds(rules, "{language: {is: ko}}", language="")


def test_mail_without_from_counts_as_its_envelope_sender(rules: Rules) -> None:
    assert _holds(rules, "{from: {is: bounce@acme.example}}", from_=None)


def test_loose_hangul_letters_equal_composed_ones(rules: Rules) -> None:
    loose = "\u1112\u1161\u11ab\u1100\u1173\u11af"

    assert _holds(rules, "{subject: {contains: 한글}}", subject=loose)
    assert _holds(rules, "{subject: {matches: '^한글$'}}", subject=loose)


def test_text_beyond_the_limit_is_not_looked_at(rules: Rules) -> None:
    assert _holds(rules, "{body: {contains: vpn}}", text="x" * (64 * 1024 - 3) + "vpn")
    assert not _holds(rules, "{body: {contains: vpn}}", text="x" * (64 * 1024 - 2) + "vpn")
    assert not _holds(rules, "{body: {matches: vpn}}", text="x" * (64 * 1024 - 2) + "vpn")


_ORDERED = """\
rules:
  - name: tag
    when: {subject: {contains: vpn}}
    set: {tags: [a, b], service: early}
    continue: true
  - name: never
    when: {subject: {contains: printer}}
    set: {service: wrong}
  - name: first
    when: always
    set: {team: network, service: late, category: remote, tags: [b, c], type: request}
  - name: second
    when: always
    set: {category: wrong, impact: org, urgency: critical}
"""


def test_first_match_ends_unless_it_continues(rules: Rules) -> None:
    loaded = rules(routing=_ORDERED)

    found = _routed(loaded, _facts(loaded))

    assert (found.team, found.service, found.category) == ("network", "late", "remote")
    assert found.tags == ("a", "b", "c")
    assert (found.type, found.impact, found.urgency) == ("request", "person", "normal")


def test_decisions_name_the_rule_its_file_and_line(rules: Rules) -> None:
    loaded = rules(routing=_ORDERED)

    decisions = _judged(loaded, _facts(loaded)).change.events

    told = [
        (each.data["set"], each.data["why"], each.actor, each.data["rules"]) for each in decisions
    ]
    assert told == [
        ({"tags": ["a", "b"], "service": "early"}, "tag", "rule:routing.yaml:2", loaded.version),
        (
            {
                "team": "network",
                "service": "late",
                "category": "remote",
                "tags": ["a", "b", "c"],
                "type": "request",
            },
            "first",
            "rule:routing.yaml:9",
            loaded.version,
        ),
    ]


def test_unrouted_mail_goes_to_the_default_team(rules: Rules) -> None:
    loaded = rules(routing="rules: []")

    found = _routed(loaded, _facts(loaded))

    assert found.team == "support"
    [event] = _judged(loaded, _facts(loaded)).change.events
    assert (event.actor, event.data["set"]) == ("rule:people.yaml:10", {"team": "support"})


def test_mail_without_any_team_has_none(rules: Rules) -> None:
    loaded = rules(routing="rules: []", people="{}")

    assert _routed(loaded, _facts(loaded)).team == ""


def test_teams_are_named_as_people_yaml_writes_them(rules: Rules) -> None:
    loaded = rules(routing="rules: [{name: a, when: always, set: {team: NETWORK}}]")

    assert _routed(loaded, _facts(loaded)).team == "network"


@pytest.mark.parametrize(
    ("subject", "service"),
    [
        ("Phishing mail received", "security"),
        ("피싱 메일 신고", "security"),
        ("VPN down", "network"),
        ("비밀번호 초기화 요청", "accounts"),
        ("My password", "accounts"),
        ("프린터 고장", "printing"),
        ("Outlook hangs", "mail"),
        ("Coffee", ""),
    ],
)
def test_shipped_rules_route_what_every_desk_gets(rules: Rules, subject: str, service: str) -> None:
    loaded = rules()

    assert _routed(loaded, _facts(loaded, subject=subject, text="hello")).service == service


_SERVICES = "services: {vpn: {team: network, criticality: high}, mail: {}}"


def test_service_brings_its_team_and_widens_the_impact(rules: Rules) -> None:
    loaded = rules(
        services=_SERVICES, routing="rules: [{name: a, when: always, set: {service: VPN}}]"
    )

    judge = _judged(loaded, _facts(loaded))

    ticket = judge.change.ticket
    assert (ticket.service, ticket.team, ticket.priority) == ("vpn", "network", "P3")
    assert [event.actor for event in judge.change.events if "team" in event.data["set"]] == [
        "rule:services.yaml:1"
    ]
