"""Every predicate on every field, groups, order, and what a rule decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.arrival import Envelope
from daemon.mail.message import Address, Automatic, Message
from workers.rules.facts import Facts, facts_of
from workers.rules.load import RuleSet
from workers.rules.match import prioritise, route

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


def _holds(rules: Rules, when: str, **fields: object) -> bool:
    text = f"rules: [{{name: it, when: {when}, set: {{service: yes}}}}]"
    loaded = rules(routing=text)
    return route(loaded, _facts(loaded, **fields)).service == "yes"


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

    found = route(loaded, _facts(loaded))

    assert (found.team, found.service, found.category) == ("network", "late", "remote")
    assert found.tags == ("a", "b", "c")
    assert (found.type, found.impact, found.urgency) == ("request", "person", "normal")


def test_decisions_name_the_rule_its_file_and_line(rules: Rules) -> None:
    loaded = rules(routing=_ORDERED)

    decisions = route(loaded, _facts(loaded)).decisions

    told = [(each.field, each.value, each.rule.name, str(each.rule)) for each in decisions]
    assert told == [
        ("service", "late", "first", "routing.yaml:9"),
        ("team", "network", "first", "routing.yaml:9"),
        ("category", "remote", "first", "routing.yaml:9"),
        ("type", "request", "first", "routing.yaml:9"),
        ("impact", "person", "default impact", "priority.yaml:12"),
        ("urgency", "normal", "default urgency", "priority.yaml:13"),
        ("tags", ("a", "b"), "tag", "routing.yaml:2"),
        ("tags", ("b", "c"), "first", "routing.yaml:9"),
    ]


def test_unrouted_mail_goes_to_the_default_team(rules: Rules) -> None:
    loaded = rules(routing="rules: []")

    found = route(loaded, _facts(loaded))

    assert found.team == "support"
    assert str(found.decisions[0].rule) == "people.yaml:10"


def test_mail_without_any_team_has_none(rules: Rules) -> None:
    loaded = rules(routing="rules: []", people="{}")

    assert route(loaded, _facts(loaded)).team == ""


def test_teams_are_named_as_people_yaml_writes_them(rules: Rules) -> None:
    loaded = rules(routing="rules: [{name: a, when: always, set: {team: NETWORK}}]")

    assert route(loaded, _facts(loaded)).team == "network"


@pytest.mark.parametrize(
    ("urgency", "row"),
    [
        ("critical", "P1 P1 P2 P3"),
        ("high", "P1 P2 P3 P3"),
        ("normal", "P2 P3 P3 P4"),
        ("low", "P3 P4 P4 P4"),
    ],
)
def test_shipped_matrix_is_the_agreed_one(rules: Rules, urgency: str, row: str) -> None:
    loaded = rules()

    for impact, value in zip(("org", "site", "team", "person"), row.split(), strict=True):
        found = prioritise(loaded, Facts(), impact, urgency, "")
        assert found.value == value
        assert [str(each.rule)[:13] for each in found.decisions] == ["priority.yaml"]


def test_priority_of_nothing_said_is_that_of_the_defaults(rules: Rules) -> None:
    found = prioritise(rules(), Facts(), "", "", "")

    assert found.value == "P4"
    assert found.decisions[0].rule.name == "matrix: normal, person"


@pytest.mark.parametrize(
    ("impact", "urgency", "value"),
    [
        ("person", "normal", "P3"),
        ("team", "normal", "P2"),
        ("site", "high", "P2"),
        ("org", "high", "P1"),
    ],
)
def test_vip_raises_one_step_and_never_to_p1(
    rules: Rules, impact: str, urgency: str, value: str
) -> None:
    assert prioritise(rules(), Facts(is_vip=True), impact, urgency, "").value == value


def test_vip_without_modifier_is_like_everybody(rules: Rules) -> None:
    matrix = (rules().files[2]).read_text().partition("modifiers:")[0]

    assert prioritise(rules(priority=matrix), Facts(is_vip=True), "", "", "").value == "P4"


@pytest.mark.parametrize(
    ("service", "impact", "is_vip", "values"),
    [
        ("ERP", "person", False, ["P4", "P3"]),
        ("erp", "person", True, ["P4", "P3", "P2"]),
        ("erp", "team", False, ["P3"]),
        ("erp", "site", False, ["P3", "P2"]),
        ("erp", "org", True, ["P2"]),
        ("other", "person", False, ["P4"]),
    ],
)
def test_critical_service_counts_one_impact_wider(
    rules: Rules, service: str, impact: str, is_vip: bool, values: list[str]
) -> None:
    shipped = (rules().files[2]).read_text()
    loaded = rules(
        priority=shipped.replace("critical_services: []", "critical_services: [mail, Erp]")
    )

    found = prioritise(loaded, Facts(is_vip=is_vip), impact, "normal", service)

    assert [each.value for each in found.decisions] == values
    assert found.value == values[-1]
    assert all(str(each.rule).startswith("priority.yaml:") for each in found.decisions)


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

    assert route(loaded, _facts(loaded, subject=subject, text="hello")).service == service


_SERVICES = "services: {vpn: {team: network, criticality: high}, mail: {}}"


def test_service_brings_its_team_and_widens_the_impact(rules: Rules) -> None:
    loaded = rules(
        services=_SERVICES, routing="rules: [{name: a, when: always, set: {service: VPN}}]"
    )

    routing = route(loaded, _facts(loaded))
    priority = prioritise(loaded, _facts(loaded), "person", "normal", routing.service)

    assert (routing.service, routing.team) == ("vpn", "network")
    assert [str(each.rule) for each in routing.decisions if each.field == "team"] == [
        "services.yaml:1"
    ]
    assert priority.value == "P3"
