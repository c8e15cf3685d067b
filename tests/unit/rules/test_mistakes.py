"""Every mistake of an admin: its file, line, column, and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.rules.conftest import Write
from workers.rules.load import RulesInvalid, load


def _rule(when: str, does: str = "{service: x}") -> str:
    """A routing.yaml whose condition begins in line 3, column 11."""
    return f"rules:\n  - name: a\n    when: {when}\n    set: {does}\n"


_MATRIX = """\
matrix:
  critical: {org: P1, site: P1, team: P2, person: P3}
  high: {org: P1, site: P2, team: P3, person: P3}
  normal: {org: P2, site: P3, team: P3, person: P4}
  low: {org: P3, site: P4, team: P4, person: P4}
"""


def _agreement(rest: str) -> str:
    """An escalation.yaml whose third line is the caller's."""
    return f"agreements:\n  - name: a\n    {rest}\n    targets: {{}}\n"


def _targets(targets: str) -> str:
    """An escalation.yaml whose targets of P1 begin in line 3, column 19."""
    return f"agreements:\n  - name: a\n    targets: {{P1: {targets}}}\n"


ROUTING = [
    ("rule: []", 1, 1, "unknown key in routing.yaml 'rule'", "did you mean 'rules'?"),
    ("{}", 1, 1, "routing.yaml has no 'rules'", "expected 'rules: …'"),
    ("rules: {a: 1}", 1, 8, "not a list", "expected a list, found a mapping"),
    ("rules: [x]", 1, 9, "not a mapping", "expected keys, found a text"),
    ("rules: [{name: a, set: {team: network}}]", 1, 9, "no 'when'", "expected 'when: …'"),
    ("rules: [{name: a, when: always}]", 1, 9, "neither 'set' nor 'do'", "expected 'set: …'"),
    ("rules: [{when: always, set: {type: request}}]", 1, 9, "no 'name'", "expected 'name: …'"),
    ("rules: [{nmae: a, when: always, set: {type: request}}]", 1, 10, "'nmae'", "'name'?"),
    (_rule("allways"), 3, 11, "a text, not a condition", "expected 'always' or fields"),
    (_rule("{}"), 3, 11, "this condition is empty", "or 'always'"),
    (_rule("[]"), 3, 11, "not a mapping", "found a list"),
    (_rule("{subjct: {contains: x}}"), 3, 12, "unknown field 'subjct'", "did you mean 'subject'?"),
    (_rule("{zzz: {contains: x}}"), 3, 12, "unknown field 'zzz'", "expected one of: from, to"),
    (_rule("{subject: vpn}"), 3, 21, "what of 'subject'?", "such as {contains: …}"),
    (_rule("{subject: {}}"), 3, 21, "what of 'subject'?", "expected a predicate"),
    (_rule("{vip: true}"), 3, 17, "what of 'vip'?", "such as {is: …}"),
    (_rule("{subject: {contain: x}}"), 3, 22, "'contain'", "did you mean 'contains'?"),
    (_rule("{vip: {contains: x}}"), 3, 18, "'contains'", "expected one of: is"),
    (_rule("{vip: {is: yes}}"), 3, 22, "not a truth value", "expected true or false"),
    (_rule("{subject: {is: [a, b]}}"), 3, 26, "'is' found a list", "'in: […]'"),
    (_rule("{subject: {in: a}}"), 3, 26, "'in' found a text", "expected a list"),
    (_rule("{subject: {in: []}}"), 3, 26, "list is empty", "at least one text"),
    (_rule("{subject: {contains: ''}}"), 3, 32, "not a text", "found an empty text"),
    (_rule("{subject: {contains: }}"), 3, 32, "not a text", "found nothing"),
    (_rule("{subject: {contains: [a, {b: c}]}}"), 3, 36, "not a text", "found a mapping"),
    (_rule("{subject: {exists: maybe}}"), 3, 30, "not a truth value", "expected true or false"),
    (_rule("{from: {is: ann}}"), 3, 23, "'ann' is not a mail address", "such as ann@example.com"),
    (_rule("{from: {in: ['<a@b.c>']}}"), 3, 24, "is not a mail address", "@example.com"),
    (_rule("{organisation: {is: Acmee}}"), 3, 31, "organisation 'Acmee'", "did you mean 'Acme'?"),
    (_rule("{automatic: {is: autoreply}}"), 3, 28, "'autoreply'", "did you mean 'auto-reply'?"),
    (_rule("{subject: {matches: '(a'}}"), 3, 31, "missing ): (a", "RE2 syntax"),
    (_rule("{subject: {matches: '(?=a)b'}}"), 3, 31, "(?=", "no look-around"),
    (_rule(r"{subject: {matches: [a, '(a)\1']}}"), 3, 35, r"\1", "no back-references"),
    (_rule("{subject: {matches: '(x{1000}){1000}'}}"), 3, 31, "wrong: ", "RE2"),
    (_rule("{subject: {matches: " + "a" * 1001 + "}}"), 3, 31, "too long", "at most 1000"),
    (_rule("{header.: {exists: true}}"), 3, 12, "not a header's name", "header.List-Id"),
    (_rule("{'header.List Id': {exists: true}}"), 3, 12, "'List Id'", "header.List-Id"),
    (_rule("{any: []}"), 3, 17, "'any' without conditions", "at least one"),
    (_rule("{all: {subject: {is: x}}}"), 3, 17, "not a list", "found a mapping"),
    (_rule("{not: [a]}"), 3, 17, "not a mapping", "found a list"),
    (_rule("{any: [{not: {body: {contians: x}}}]}"), 3, 32, "'contians'", "'contains'?"),
    (_rule("always", "{}"), 4, 10, "sets nothing", "expected one of: team"),
    (_rule("always", "{tag: x}"), 4, 11, "unknown key in 'set' 'tag'", "did you mean 'tags'?"),
    (_rule("always", "{team: netwrok}"), 4, 17, "team 'netwrok'", "did you mean 'network'?"),
    (_rule("always", "{type: incidnet}"), 4, 17, "type 'incidnet'", "did you mean 'incident'?"),
    (_rule("always", "{impact: everybody}"), 4, 19, "'everybody'", "org, site, team, person"),
    (_rule("always", "{urgency: urgent}"), 4, 20, "'urgent'", "critical, high, normal, low"),
    (_rule("always", "{service: [x]}"), 4, 20, "not a text", "found a list"),
    (_rule("always", "{service: x}\n    continue: 1"), 5, 15, "truth value", "true or false"),
    (
        _rule("always") + "  - name: a\n    when: always\n    set: {service: y}\n",
        *(5, 11, "a second rule is named 'a'", "first in line 2"),
    ),
]

PEOPLE = [
    ("agent: {}", 1, 1, "'agent'", "did you mean 'agents'?"),
    ("agents: [ann]", 1, 9, "not a mapping", "expected keys, found a list"),
    ("agents: {ann: {full_name: A}}", 1, 15, "agent 'ann' has no 'addresses'", "'addresses: …'"),
    ("agents: {ann: {addresses: a@b.c}}", 1, 15, "no 'full_name'", "'full_name: …'"),
    ("agents: {owner: {full_name: A, addresses: a@b.c}}", 1, 10, "'owner' cannot be", "'to:'"),
    ("agents: {a b: {full_name: A, addresses: a@b.c}}", 1, 10, "cannot be a name", "letters"),
    ("agents: {a: {full_name: A, addresses: [a.b.c]}}", 1, 40, "'a.b.c'", "ann@example.com"),
    (
        "agents: {a: {full_name: A, addresses: a@b.c, language: Korean}}",
        1,
        56,
        "'Korean'",
        "en, ko",
    ),
    ("agents: {a: {full_name: A, adresses: a@b.c, addresses: a@b}}", 1, 28, "'adresses'", "'addr"),
    (
        "agents:\n  a: {full_name: A, addresses: [x@y.z]}\n  b: {full_name: B, addresses: [X@Y.z]}",
        *(3, 33, "address 'x@y.z'", "first in line 2"),
    ),
    (
        "agents:\n  a: {full_name: A, addresses: x@y.z}\n  A: {full_name: B, addresses: b@y.z}",
        *(3, 3, "agent 'A'", "first in line 2"),
    ),
    (
        "agents:\n  ann: {full_name: A, addresses: x@y.z}\nteams: {t: {members: [amn]}}",
        *(3, 23, "unknown agent 'amn'", "did you mean 'ann'?"),
    ),
    ("teams: {t: {lead: bob}}", 1, 19, "unknown agent 'bob'", "there are none"),
    ("teams: {t: {members: bob}}", 1, 22, "not a list", "found a text"),
    (
        "agents:\n  ann: {full_name: A, addresses: x@y.z}\nteams: {ann: {}}",
        *(3, 9, "an agent is named 'ann', too", "tell them apart"),
    ),
    (
        "agents: {ann: {full_name: A, addresses: a@b.c, receipts: all}}",
        1,
        58,
        "'all'",
        "errors, always",
    ),
    ("people: {dora: {}}", 1, 16, "person 'dora' has no 'addresses'", "'addresses: …'"),
    ("people: {dora: {adresses: a@b.c}}", 1, 17, "'adresses'", "did you mean 'addresses'?"),
    ("people: {dora: {addresses: a@b.c, language: Fr}}", 1, 45, "'Fr'", "en, ko"),
    (
        "agents:\n  ann: {full_name: A, addresses: x@y.z}\npeople: {dora: {addresses: X@y.z}}",
        *(3, 28, "address 'x@y.z'", "first in line 2"),
    ),
    (
        "organisations: {Acme: {domains: a.b}}\npeople: {d: {addresses: a@b, organisation: Acne}}",
        *(2, 44, "unknown organisation 'Acne'", "did you mean 'Acme'?"),
    ),
    ("forms: [web form]", 1, 9, "'web form' is not a mail address", "ann@example.com"),
    ("forms: ['@a b']", 1, 9, "'@a b' is not a mail address", "ann@example.com"),
    ("lists: all@acme.test", 1, 8, "not a list", "found a text"),
    ("plus_addresses: [ann@acme.test]", 1, 18, "not a mail domain", "such as example.com"),
    ("plus_adresses: [acme.test]", 1, 1, "'plus_adresses'", "did you mean 'plus_addresses'?"),
    ("organisations: {A: {}}", 1, 20, "organisation 'A' has no 'domains'", "'domains: …'"),
    ("organisations: {A: {domains: a@b.c}}", 1, 30, "not a mail domain", "such as example.com"),
    (
        "organisations:\n  A: {domains: a.b}\n  B: {domains: [A.b]}",
        *(3, 17, "domain 'a.b'", "first in line 2"),
    ),
    (
        "agents: {a: {full_name: A, addresses: a@b.c, shift: offcie}}",
        *(1, 53, "unknown calendar 'offcie'", "expected one of: always"),
    ),
    ("vips: [boss]", 1, 8, "'boss' is not a mail address", "ann@example.com"),
    ("vips: boss@b.c", 1, 7, "not a list", "found a text"),
    ("teams: {support: {}}\ndefault_team: suport", 2, 15, "team 'suport'", "'support'?"),
]

SERVICES = [
    ("service: {}", 1, 1, "'service'", "did you mean 'services'?"),
    ("services: {vpn: {ower: ann}}", 1, 18, "key in service 'vpn' 'ower'", "'owner'?"),
    ("services: {vpn: {owner: amn}}", 1, 25, "unknown agent 'amn'", "did you mean 'ann'?"),
    ("services: {vpn: {team: suport}}", 1, 24, "unknown team 'suport'", "'support'?"),
    ("services: {vpn: {criticality: hihg}}", 1, 31, "criticality 'hihg'", "did you mean 'high'?"),
    ("services:\n  vpn: {}\n  VPN: {}", 3, 3, "service 'VPN'", "first in line 2"),
]

PRIORITY = [
    ("{}", 1, 1, "priority.yaml has no 'matrix'", "'matrix: …'"),
    (_MATRIX.replace("critical", "critcal"), 2, 3, "'critcal'", "did you mean 'critical'?"),
    (_MATRIX.replace("  low", "  lo"), 5, 3, "'lo'", "did you mean 'low'?"),
    (_MATRIX.replace("site: P2, ", ""), 3, 9, "urgency 'high' has no 'site'", "'site: …'"),
    (_MATRIX.replace("site: P2", "sites: P2"), 3, 19, "'sites'", "did you mean 'site'?"),
    (_MATRIX.replace("person: P4}", "person: P5}", 1), 4, 49, "priority 'P5'", "P1"),
    (_MATRIX + "defaults: {impact: persons}", 6, 20, "'persons'", "did you mean 'person'?"),
    (_MATRIX + "defaults: {urgenzy: low}", 6, 12, "'urgenzy'", "did you mean 'urgency'?"),
    (_MATRIX + "modifiers: {vips: {}}", 6, 13, "'vips'", "did you mean 'vip'?"),
    (_MATRIX + "modifiers: {vip: {up_to: P1}}", 6, 26, "never makes a P1", "P2, P3, P4"),
    (_MATRIX + "modifiers: {vip: true}", 6, 18, "not a mapping", "found true or false"),
    (_MATRIX + "modifiers: {vip: {}}", 6, 18, "'vip' has no 'up_to'", "'up_to: …'"),
    (_MATRIX + "modifiers: {critical_services: x}", 6, 32, "not a list", "found a text"),
]

ESCALATION = [
    ("agreement: []", 1, 1, "'agreement'", "did you mean 'agreements'?"),
    ("agreements: [{name: a}]", 1, 14, "an agreement has no 'targets'", "'targets: …'"),
    ("agreements: [{targets: {}}]", 1, 14, "no 'name'", "'name: …'"),
    (_agreement("wran: 75"), 3, 5, "'wran'", "did you mean 'warn'?"),
    (_agreement("warn: 75%"), 3, 11, "not such a number", "from 1 to 99"),
    (_agreement("warn: 100"), 3, 11, "not such a number", "from 1 to 99"),
    (_agreement("warn: true"), 3, 11, "not such a number", "from 1 to 99"),
    (_agreement("warning: {too: owner}"), 3, 15, "'too'", "did you mean 'to'?"),
    (_agreement("warning: owner"), 3, 14, "not a mapping", "found a text"),
    (_agreement("breach: {to: [onwer]}"), 3, 19, "recipient 'onwer'", "did you mean 'owner'?"),
    (_agreement("breach: {to: 'agent:amn'}"), 3, 18, "'agent:amn'", "did you mean 'agent:ann'?"),
    (
        _agreement("breach: {to: ann}"),
        3,
        18,
        "recipient 'ann'",
        "owner, team, lead, manager, admins",
    ),
    (_agreement("breach: {to: 'team:ntwork'}"), 3, 18, "'team:ntwork'", "'team:network'?"),
    ("agreements: [{name: a, targets: {P0: {}}}]", 1, 34, "'P0'", "P1"),
    (_targets("{respnd: 1}"), 3, 20, "'respnd'", "did you mean 'respond'?"),
    (_targets("{respond: soon}"), 3, 29, "not a length of time", "such as 4h, 90m, 1h30m"),
    (_targets("{respond: 0}"), 3, 29, "not a length of time", "more than 0"),
    (_targets("{respond: -1}"), 3, 29, "not a length of time", "more than 0"),
    (_targets("{respond: .inf}"), 3, 29, "not a length of time", "expected hours"),
    (_targets("{respond: 1e300}"), 3, 29, "not a length of time", "at most 87600h"),
    (_targets("{respond: 2d}"), 3, 29, "not a length of time", "48h"),
    (_targets("{respond: 'h'}"), 3, 29, "not a length of time", "expected hours"),
    (_targets("{respond: [1]}"), 3, 29, "not a length of time", "expected hours"),
    (_targets("{respond: 4, resolve: 90m}"), 3, 41, "before the first response", "as long"),
    (
        _targets("{}") + "  - name: b\n    targets:\n      P1: {respond: 1}\n",
        *(6, 7, "another agreement has targets for P1", "first in line 3"),
    ),
]

MISTAKES = [
    (name, *case)
    for name, cases in {
        "people": PEOPLE,
        "routing": ROUTING,
        "services": SERVICES,
        "priority": PRIORITY,
        "escalation": ESCALATION,
    }.items()
    for case in cases
]


@pytest.mark.parametrize(
    ("name", "text", "line", "column", "message", "hint"),
    MISTAKES,
    ids=[f"{case[0]}-{index}" for index, case in enumerate(MISTAKES)],
)
def test_mistake_names_its_place_and_what_was_expected(
    write: Write, name: str, text: str, line: int, column: int, message: str, hint: str
) -> None:
    folder = write(**{name: text})

    with pytest.raises(RulesInvalid) as caught:
        load(folder)

    own = str(folder / f"{name}.yaml")
    error = next(error for error in caught.value.errors if error.path == own)
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert hint in error.hint
    assert caught.value.excerpt(error).splitlines()[1].endswith("^")


def test_rules_name_only_services_that_there_are(write: Write) -> None:
    folder = write(services="services: {vpn: {}}", routing=_rule("always", "{service: vnp}"))

    with pytest.raises(RulesInvalid, match=r"4:20: unknown service 'vnp' .did you mean 'vpn'"):
        load(folder)


def test_all_mistakes_of_all_files_are_told_at_once(write: Write) -> None:
    folder = write(
        people="agent: {}\nvips: [boss]\n",
        routing="rules:\n  - {name: a, when: {subjct: {is: x}}, set: {typ: incident}}\n",
        priority="a: [",
        escalation="agreements: [{name: a, targets: {P9: {}}}]",
    )

    with pytest.raises(RulesInvalid) as caught:
        load(folder)

    places = [(Path(error.path).name, error.line) for error in caught.value.errors]
    assert places == [
        ("people.yaml", 1),
        ("people.yaml", 2),
        ("routing.yaml", 2),
        ("routing.yaml", 2),
        ("priority.yaml", 2),
        ("escalation.yaml", 1),
    ]
    assert str(caught.value).count("\n") == 5
    assert (caught.value.line, caught.value.column) == (1, 1)


def test_broken_people_hide_no_mistake_elsewhere_and_invent_none(write: Write) -> None:
    folder = write(
        people="teams: [",
        routing=_rule("always", "{team: network}"),
        priority=_MATRIX + "modifiers: {vip: {up_to: P1}}",
    )

    with pytest.raises(RulesInvalid) as caught:
        load(folder)

    assert [Path(error.path).name for error in caught.value.errors] == [
        "people.yaml",
        "priority.yaml",
    ]


def test_mistakes_without_number_are_cut(write: Write) -> None:
    with pytest.raises(RulesInvalid) as caught:
        load(write(people="".join(f"key{number}: 1\n" for number in range(20_000))))

    assert len(caught.value.errors) == 100


@pytest.mark.parametrize("name", ["prioirty.yaml", "routing.yml"])
def test_unknown_rule_file_is_a_mistake(write: Write, name: str) -> None:
    folder = write()
    (folder / name).write_text("{}")

    with pytest.raises(RulesInvalid, match=f"unknown rule file '{name}' .did you mean"):
        load(folder)


@pytest.mark.parametrize("name", [".#routing.yaml", "README.md", "routing.yaml~"])
def test_files_of_editors_are_nobodys_mistake(write: Write, name: str) -> None:
    folder = write()
    (folder / name).write_text("{")

    assert load(folder).files[0] == folder / "people.yaml"


def test_missing_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RulesInvalid, match="cannot be read: No such file"):
        load(tmp_path / "nowhere")


def test_unreadable_file_is_a_mistake_and_not_replaced_in_silence(write: Write) -> None:
    folder = write()
    (folder / "routing.yaml").symlink_to("nowhere")
    (folder / "priority.yaml").mkdir()

    with pytest.raises(RulesInvalid) as caught:
        load(folder)

    assert [Path(error.path).name for error in caught.value.errors] == [
        "routing.yaml",
        "priority.yaml",
    ]


def test_unreadable_people_are_one_mistake(write: Write) -> None:
    folder = write()
    (folder / "people.yaml").unlink()
    (folder / "people.yaml").mkdir()

    with pytest.raises(RulesInvalid) as caught:
        load(folder)

    assert [error.message for error in caught.value.errors] == ["cannot be read: Is a directory"]


def test_excerpt_puts_the_caret_below_wide_letters(write: Write) -> None:
    folder = write(routing="rules:\n  - {name: 프린터, wen: always}\n")

    with pytest.raises(RulesInvalid) as caught:
        load(folder)

    shown = caught.value.excerpt(caught.value.errors[-1])
    assert shown.splitlines() == [
        "    2 |   - {name: 프린터, wen: always}",
        "      " + " " * 21 + "^",
    ]
