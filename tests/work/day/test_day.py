"""A scripted day (issue 5): ~300 mails, each ticket and each person's mails checked at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from tests.work.conftest import Work
from tests.work.day import checks
from tests.work.day.cast import AGENTS, ANN, BO, KOREANS, PLAIN, REQUESTERS
from tests.work.day.day import Day
from tests.work.day.stories import ALONE, Scene, Steps
from tests.work.day.together import TOGETHER

_DOC = Path(__file__).parents[3] / "docs" / "flow.md"
_MAILS = 300
#: Mails per ticket, at most.
_MOST = {"requester": 3, "owner": 2, "other agents": 1.5, "colleagues": 0.5}
#: So many stories go on at the same time.
_AT_ONCE = 9
_SECONDS = (45, 75, 90)
_THINGS = (
    "printer", "chair", "monitor", "keyboard", "laptop", "headset", "beamer", "scanner", "lamp",
    "tablet", "camera", "docking station", "phone", "plotter", "mouse", "whiteboard", "router box",
    "badge reader", "label writer", "shredder", "speaker", "charger", "battery", "adapter",
)  # fmt: skip


def _stories(day: Day) -> Iterator[Steps]:
    """Every kind of story, again and again, each time with other people and another thing."""
    kinds = cycle((*ALONE, *TOGETHER))
    for number in range(10**6):
        agent, mate = (ANN, BO) if number % 3 else (BO, ANN)
        scene = Scene(
            who=PLAIN[number % len(PLAIN)],
            colleague=PLAIN[(number + 11) % len(PLAIN)],
            korean=KOREANS[number // 19 % len(KOREANS)],
            agent=agent,
            mate=mate,
            thing=_THINGS[(number * 7 + number // 19) % len(_THINGS)],
        )
        yield next(kinds)(day, scene)


def _play(day: Day) -> None:
    """Stories mix, each in its own order, until enough mails have come in."""
    chance = Random(300)
    ahead = _stories(day)
    going = [next(ahead) for _ in range(_AT_ONCE)]
    while going:
        day.passes(chance.choice(_SECONDS))
        story = chance.choice(going)
        try:
            next(story)
        except StopIteration:
            going.remove(story)
            if len(day.came) < _MAILS:
                going.append(next(ahead))


def test_a_day_leaves_each_ticket_and_each_person_as_it_should(work: Work) -> None:
    day = Day(work=work)
    _play(day)

    assert len(day.came) >= _MAILS
    assert {one.writer for one in day.came} == {one.address for one in (*REQUESTERS, *AGENTS)}
    assert _differ(checks.tickets_of(day), checks.wanted_tickets(day)) == []
    assert _differ(checks.told(day), checks.wanted_mails(day)) == []
    assert checks.superfluous(day) == []
    assert checks.spoilt(day) == []
    shown = checks.shown(day)
    print(f"\n{shown}")
    for role, most in _MOST.items():
        assert checks.by_role(day)["all"][role] <= most, shown
    assert shown in _DOC.read_text(encoding="utf-8"), shown


def _differ(there: Mapping[Any, object], wanted: Mapping[Any, object]) -> list[object]:
    """What is not as it should be, each with both values."""
    return [
        (key, there.get(key), wanted.get(key))
        for key in sorted({*there, *wanted})
        if there.get(key) != wanted.get(key)
    ]
