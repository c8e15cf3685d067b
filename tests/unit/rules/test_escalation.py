"""escalation.yaml and calendars.yaml: what they say, and every mistake in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.unit.rules.conftest import Write
from workers.rules.escalation import Patience
from workers.rules.load import RuleSet, RulesInvalid, load
from workers.sla.calendar import ALWAYS
from workers.sla.hours import Hours
from workers.sla.ladder import BREACH, Again, Rung

Rules = Callable[..., RuleSet]

_HOUR = timedelta(hours=1)
_CALENDARS = """\
calendars:
  office:
    time_zone: Asia/Seoul
    hours:
      mon-thu: [9-12, 13-18]
      fri: 9:00-17:30
    holidays:
      country: KR
      dates: [2026-08-14, 12-24]
      without: [2026-05-01]
  night:
    time_zone: America/New_York
    hours: {sun-thu: 22-6}
"""


def test_agreement_says_all_that_was_agreed(rules: Rules) -> None:
    [agreement] = rules(
        calendars=_CALENDARS,
        escalation="""\
        agreements:
          - name: acme
            kind: sla
            scope: {organisation: Acme, service: [vpn, e-mail], type: incident}
            calendar: office
            targets:
              P1: {respond: 1, next: 2, update: 4, resolve: 4}
              major: {update: 30m}
            warn: [50, 75, 90]
            pause: [customer, vendor]
            reopen: restart
            retarget: from_change
            respond_on: assign
            objective: 95%
            valid_from: 2026-01-01
            valid_to: 2026-12-31
            owner: Ann Lee
            parties: IT and Acme
            exclusions: private devices
            review_every: quarter
        """,
    ).agreements

    assert (agreement.name, agreement.line, agreement.calendar.name) == ("acme", 2, "office")
    assert agreement.scope.services == {"vpn", "e-mail"}
    assert {each.metric for each in agreement.targets["P1"]} == {
        "respond", "next", "update", "resolve",
    }  # fmt: skip
    assert [rung.rank for rung in agreement.ladder.rungs] == [50, 75, 90, 100]
    assert agreement.pauses == {"customer", "vendor"}
    assert (agreement.restarts, agreement.carries, agreement.responds_on_assign) == (
        True, False, True,
    )  # fmt: skip
    assert (agreement.objective, agreement.valid_to) == (95, date(2026, 12, 31))


def test_a_plain_agreement_warns_the_owner_or_his_team_and_tells_him_and_his_lead(
    rules: Rules,
) -> None:
    [agreement] = rules(
        escalation="agreements: [{name: a, targets: {P1: {respond: 1}}}]"
    ).agreements

    assert agreement.calendar is ALWAYS
    assert agreement.pauses == {"customer", "until"}
    assert agreement.ladder.rungs == (
        Rung(rank=75, to=(("owner", "team"),)),
        Rung(rank=BREACH, to=(("owner",), ("lead",)), asks=True),
    )


def test_recipients_are_roles_and_names(rules: Rules) -> None:
    [agreement] = rules(
        escalation="""\
        agreements:
          - name: a
            targets: {P1: {respond: 1}}
            warn: 50
            warning: {to: [owner, team, owner]}
            breach: {to: [lead, admins, 'agent:ann', 'team:network', 'agent:minjun|team.lead']}
        """
    ).agreements

    warning, breach = agreement.ladder.rungs
    assert (warning.rank, warning.to) == (50, (("owner",), ("team",)))
    assert breach.to == (("lead",), ("admins",), ("ann",), ("network",), ("minjun", "lead"))


def test_a_ladder_is_rungs_what_comes_again_and_what_ends_it(rules: Rules) -> None:
    [agreement] = rules(
        escalation="""\
        agreements:
          - name: a
            targets: {P1: {resolve: 4}}
            warn: 50
            ladder: steep
        ladders:
          steep:
            calendar: always
            rungs:
              - {at: 75%, to: owner|team}
              - {at: 100%, to: [owner, team.lead], ask: why}
              - {at: breach+2h, to: admins, do: {pri: +1}}
              - {every: 4h, to: admins, until: [ack 90m, resolved]}
        """
    ).agreements

    ladder = agreement.ladder
    assert [rung.rank for rung in ladder.rungs] == [50, 75, 100, 220]
    assert ladder.rungs[1].to == (("owner", "team"),)
    assert (ladder.rungs[2].asks, ladder.rungs[3].raises) == (True, 1)
    assert ladder.again == Again(every=4 * _HOUR, to=(("admins",),))
    assert (ladder.quiet, ladder.calendar) == (1.5 * _HOUR, ALWAYS)


def test_patience_is_in_business_days_and_may_be_endless(rules: Rules) -> None:
    usual = rules(escalation="agreements: []").patience
    own = rules(
        escalation="agreements: []\nwaiting: {remind: [3, 1], resolve: never}\nclose_after: 5\n"
    ).patience

    assert usual == Patience(remind=(2, 5), resolve=10, close=3)
    assert own == Patience(remind=(1, 3), resolve=None, close=5)


def test_calendars_have_hours_and_holidays(rules: Rules) -> None:
    calendars = rules(calendars=_CALENDARS).calendars.by_name

    office, night = calendars["office"], calendars["night"]
    assert isinstance(office, Hours)
    assert isinstance(night, Hours)
    lengths = [
        [window.end - window.begin for window in office.week.windows_on(date(2026, 3, day))]
        for day in (5, 6, 7)
    ]
    assert lengths == [[3 * _HOUR, 5 * _HOUR], [8.5 * _HOUR], []]
    assert night.week.windows_on(date(2026, 3, 8))[0].end == 30 * _HOUR
    free = [date(2026, 2, 17), date(2026, 8, 14), date(2031, 12, 24)]
    assert [office.week.windows_on(day) for day in free] == [(), (), ()]
    assert office.week.windows_on(date(2026, 5, 1)) != ()


def test_calendars_of_holidays_lie_beside_the_rules(write: Write) -> None:
    folder = write(
        calendars="""\
        calendars:
          office:
            time_zone: UTC
            hours: {daily: 0-24}
            holidays: {files: works.ics}
        """
    )
    file = folder / "works.ics"
    event = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:%s\nEND:VEVENT\n"
    file.write_text(event % "20260601", encoding="utf-8")
    before = load(folder)
    file.write_text(event % "20260602", encoding="utf-8")
    after = load(folder)

    hours = [rules.calendars.by_name["office"] for rules in (before, after)]
    assert [each.week.holidays for each in hours if isinstance(each, Hours)] == [
        {date(2026, 6, 1)}, {date(2026, 6, 2)},
    ]  # fmt: skip
    assert before.version != after.version
    assert file in after.files


def _calendar(rest: str, hours: str = "{mon: 9-18}") -> str:
    """A calendars.yaml whose fourth line is the caller's."""
    return f"calendars:\n  a:\n    hours: {hours}\n    {rest}\n"


def _agreement(rest: str) -> str:
    return f"agreements:\n  - name: a\n    {rest}\n    targets: {{P1: {{resolve: 4}}}}\n"


def _ladder(rung: str) -> str:
    return f"agreements: []\nladders:\n  a:\n    - {rung}\n"


_ZONE = "time_zone: UTC"
CALENDARS = [
    ("calendar: {}", 1, 1, "'calendar'", "did you mean 'calendars'?"),
    ("calendars: {always: {}}", 1, 13, "'always' cannot be defined", "every hour"),
    ("calendars: {a: }", 1, 13, "calendar 'a' says nothing", "'time_zone: …' and 'hours: …'"),
    ("calendars: {a: {hours: {}}}", 1, 16, "no 'time_zone'", "'time_zone: …'"),
    (_calendar("time_zone: Asia/Soul"), 4, 16, "time zone 'Asia/Soul'", "'Asia/Seoul'?"),
    (_calendar(_ZONE, "{mo: 9-18}"), 3, 13, "day 'mo'", "did you mean 'mon'?"),
    (_calendar(_ZONE, "{mon: 9 to 5}"), 3, 18, "'9 to 5' is no span of hours", "such as 9-18"),
    (_calendar(_ZONE, "{mon: 9-25}"), 3, 18, "'9-25' is no span", "a day has 24 hours"),
    (_calendar(_ZONE, "{mon: [9-12, 11-18]}"), 3, 12, "hours of mon overlap", "worked once"),
    (_calendar(_ZONE, "{mon: 22-8, tue: 7-9}"), 3, 12, "mon and tue overlap", "worked once"),
    (_calendar(_ZONE, "{sun: 22-8, mon: 7-9}"), 3, 12, "sun and mon overlap", "worked once"),
    (_calendar(_ZONE, "{mon-fri: 9-18, fri: 9-12}"), 3, 28, "fri has hours already", "line 3"),
    (_calendar(_ZONE, "{}"), 2, 3, "calendar 'a' has no working time", "none from 2020 to 2029"),
    (
        _calendar("time_zone: UTC\n    holidays: {country: XX}"),
        *(5, 25, "country 'XX'", "expected one of"),
    ),
    (
        _calendar("time_zone: UTC\n    holidays: {country: DE, part: BV}"),
        *(5, 35, "part of DE 'BV'", "expected one of: BB"),
    ),
    (_calendar("time_zone: UTC\n    holidays: {part: BY}"), 5, 16, "of which country?", "country"),
    (
        _calendar("time_zone: UTC\n    holidays: {dates: [2026-02-30]}"),
        *(5, 24, "'2026-02-30' is not a date", "or 12-24 for every year"),
    ),
    (
        _calendar("time_zone: UTC\n    holidays: {without: [12-24]}"),
        *(5, 26, "'12-24' is not a date", "such as 2026-05-01"),
    ),
    (
        _calendar("time_zone: UTC\n    holidays: {files: a.ics}"),
        *(5, 23, "file 'a.ics'", "there are none"),
    ),
]

ESCALATION = [
    (_agreement("kind: slo"), 3, 11, "kind 'slo'", "did you mean 'sla'?"),
    (_agreement("calendar: office"), 3, 15, "calendar 'office'", "expected one of: always"),
    (_agreement("scope: {org: Acme}"), 3, 13, "'org'", "organisation"),
    (_agreement("scope: {organisation: Acmee}"), 3, 27, "'Acmee'", "did you mean 'Acme'?"),
    (_agreement("scope: {type: incidnet}"), 3, 19, "'incidnet'", "did you mean 'incident'?"),
    (_agreement("pause: [custmer]"), 3, 13, "wait 'custmer'", "did you mean 'customer'?"),
    (_agreement("reopen: never"), 3, 13, "reopen 'never'", "continue, restart"),
    (_agreement("retarget: change"), 3, 15, "retarget 'change'", "'from_change'?"),
    (_agreement("objective: 101%"), 3, 16, "not such a number", "from 1 to 100"),
    (_agreement("valid_from: soon"), 3, 17, "'soon' is not a date", "2026-05-01"),
    (
        _agreement("valid_from: 2026-05-01\n    valid_to: 2026-04-01"),
        *(4, 15, "ends before it begins", "begins on 2026-05-01"),
    ),
    (_agreement("ladder: steep"), 3, 13, "ladder 'steep'", "there are none"),
    (_agreement("warn: [50, 100]"), 3, 16, "not such a number", "from 1 to 99"),
    (
        "agreements: [{name: a, kind: ola, targets: {P1: {resolve: 4}}}]",
        *(1, 50, "'resolve'", "expected one of: own, task"),
    ),
    (
        "agreements:\n  - {name: a, targets: {}}\n  - {name: a, targets: {}}\n",
        *(3, 12, "another agreement is named 'a'", "first in line 2"),
    ),
    (_ladder("{to: owner}"), 4, 7, "when is this rung?", "'at: …' or 'every: …'"),
    (_ladder("{at: 75%}"), 4, 7, "a rung has no 'to'", "'to: …'"),
    (_ladder("{at: soon, to: owner}"), 4, 12, "'soon' is no time on a ladder", "breach+2h"),
    (_ladder("{at: 101%, to: owner}"), 4, 12, "'101%' is no time on a ladder", "such as 75%"),
    (_ladder("{at: breach+2d, to: owner}"), 4, 12, "not a length of time", "48h"),
    (_ladder("{at: 75%, to: owner|tem}"), 4, 21, "recipient 'tem'", "did you mean 'team'?"),
    (_ladder("{at: 75%, to: owner, ask: who}"), 4, 33, "question 'who'", "did you mean 'why'?"),
    (_ladder("{at: 75%, to: owner, do: {pri: -1}}"), 4, 38, "raises no priority", "+1, +2 or +3"),
    (_ladder("{every: 4h, to: owner, until: rsolved}"), 4, 37, "end 'rsolved'", "'resolved'?"),
    (
        _ladder("{at: 75%, to: owner}\n    - {at: 75%, to: team}"),
        *(5, 7, "a second rung at the same time", "one 'to:'"),
    ),
    ("agreements: []\nwaiting: {remind: [0]}", 2, 20, "not such a number", "from 1 to 365"),
    ("agreements: []\nclose_after: soon", 2, 14, "not such a number", "from 1 to 365"),
]

MISTAKES = [
    (name, *case)
    for name, cases in {"calendars": CALENDARS, "escalation": ESCALATION}.items()
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

    error = caught.value.errors[0]
    assert Path(error.path).name == f"{name}.yaml"
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert hint in error.hint


def test_a_mistake_in_a_file_beside_the_rules_names_its_line(write: Write) -> None:
    folder = write(calendars=_calendar("time_zone: UTC\n    holidays: {files: works.ics}"))
    (folder / "works.ics").write_text("BEGIN:VEVENT\nEND:VEVENT\n", encoding="utf-8")

    with pytest.raises(RulesInvalid, match=r"works\.ics, line 1: an event has no date"):
        load(folder)
