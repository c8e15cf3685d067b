"""Whatever stands in a file: a set of rules or its mistakes, never another exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon import shipped
from tests.unit.rules.conftest import PEOPLE
from workers.rules.files import NAMES
from workers.rules.load import RulesInvalid, load
from workers.rules.people import ROLES

_WORDS = tuple(
    """rules name when set continue all any not from to subject body header.X vip automatic is in
    contains matches exists team service tags type agents full_name addresses teams members lead
    organisations domains vips default_team matrix critical high normal low org site person
    defaults impact urgency modifiers up_to critical_services agreements targets P1 respond
    resolve warn warning breach always calendars time_zone hours mon-fri holidays country dates
    ladders at every until do pri ladder scope calendar waiting remind 75% breach+2h 9-18 12-24
    ann network on stop group owner pick skill notice mail webhook url task link after
    a@b.c @x.y 4h (a+ 90m""".split()  # noqa: SIM905
)
_TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([*_WORDS, *ROLES])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=5)
    ),
    max_leaves=25,
)


#: Of files that are not shipped, or that name nobody as they are.
_SAMPLES = {
    "people.yaml": PEOPLE,
    "macros.yaml": "macros: {a: {text: {en: 'x {b}'}, commands: [/take], values: {b: c}}}",
    "services.yaml": "services: {vpn: {owner: ann, team: network, criticality: high}}",
    "calendars.yaml": """
        calendars:
          office:
            time_zone: Asia/Seoul
            hours: {mon-thu: [9-12, 13-18], fri: 22-6}
            holidays: {dates: ["2026-08-14", "12-24"], without: ["2026-05-01"]}
        """,
    "escalation.yaml": """
        agreements:
          - name: a
            kind: sla
            scope: {organisation: Acme, type: incident}
            calendar: always
            targets: {P1: {respond: 1, resolve: 4h}, major: {update: 30m}}
            warn: [50, 75]
            pause: [customer]
            ladder: steep
            objective: 95%
            valid_from: "2026-01-01"
        ladders:
          steep:
            - {at: 75%, to: owner|team}
            - {at: breach+2h, to: [admins], do: {pri: +1}, ask: why}
            - {every: 4h, to: lead, until: [ack 4h, resolved]}
        waiting: {remind: [2, 5], resolve: never}
        close_after: 3
        """,
    "automation.yaml": """\
rules:
  - name: a
    on: [created, {changed: [team]}, {state: open}, {after: 2bd, since: updated}]
    when: {age: {'>': 2d}, priority: {<=: P2}, used: {'>': 75%}, size: {<: 5MB}}
    set: {owner: {pick: least-open, skill: vpn}, state: open, tags: [x], untag: [y]}
    do:
      - notice: {template: note, to: [owner, 'team:network'], text: Look}
      - mail: {to: a@b.c, subject: "#$number", text: $subject}
      - webhook: {url: "https://a.b/c", secret_file: /x}
      - task: {title: t, due: 2bd, team: network}
        link: {relation: parent, to: major}
    stop: true
    group: g
""",
}


def _load(name: str, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "people.yaml").write_text(PEOPLE)
        (Path(folder) / name).write_bytes(raw)
        invalid = _mistakes(Path(folder))
    if invalid:
        assert all(error.message for error in invalid.errors)
        assert all(invalid.excerpt(error).count("\n") <= 1 for error in invalid.errors)


def _mistakes(folder: Path) -> RulesInvalid | None:
    try:
        load(folder)
    except RulesInvalid as err:
        return err
    return None


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(NAMES), raw=st.binary(max_size=200))
def test_any_bytes_are_rules_or_mistakes(name: str, raw: bytes) -> None:
    _load(name, raw)


@settings(deadline=None, max_examples=40)
@given(
    name=st.sampled_from(NAMES), text=st.text("ab:-[]{}&*!|>'\"#%@`?,\n\t 1~한\u2028", max_size=99)
)
def test_any_text_is_rules_or_mistakes(name: str, text: str) -> None:
    _load(name, text.encode())


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(NAMES), tree=_TREES)
def test_any_tree_is_rules_or_mistakes(name: str, tree: object) -> None:
    _load(name, yaml.safe_dump(tree, allow_unicode=True).encode())


@settings(deadline=None, max_examples=20)
@given(data=st.data(), tree=_TREES)
@pytest.mark.parametrize("name", NAMES)
def test_any_part_may_be_replaced_by_anything(name: str, data: st.DataObject, tree: object) -> None:
    root = yaml.safe_load(_SAMPLES.get(name) or (shipped.folder("rules") / name).read_text())
    place = root
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not data.draw(st.integers(0, 2)):
            place[key] = tree
            break
        place = place[key]

    _load(name, yaml.safe_dump(root, allow_unicode=True).encode())
