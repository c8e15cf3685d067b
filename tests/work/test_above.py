"""``/escalate``: the next rung of the ladder hears now, one higher each time; clocks go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from daemon.store.tables import clocks, outbox
from tests.servers.desk import PEOPLE, mail
from tests.work.conftest import Work

BO, CAROL = "bo@desk.test", "carol@acme.test"
LADDER = """\
agreements:
  - {name: a, targets: {P4: {respond: 4, resolve: 40}}, ladder: up}
ladders:
  up:
    - {at: 75%, to: owner}
    - {at: 100%, to: [owner, lead]}
    - {at: breach+2h, to: agent:cho}
    - {at: breach+4h, to: admins}
"""


def _clocks(work: Work) -> list[tuple[Any, ...]]:
    return [(row.metric, row.due_at, row.told, row.state) for row in work.rows(clocks)]


def _told(work: Work) -> list[tuple[str, str]]:
    kinds = {"escalation", "alarm"}
    return [(row.kind, row.recipient) for row in work.rows(outbox) if row.kind in kinds]


def test_each_time_one_rung_higher(work: Work) -> None:
    (work.folder / "rules" / "escalation.yaml").write_text(LADDER, encoding="utf-8")
    work.desk.reload()
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.")))
    work.take_in()
    told = next(one for one in work.notices(BO))
    before = _clocks(work)

    for text in ("/take\n/escalate too hard", "/escalate still", "/escalate help", "/escalate"):
        work.clock.advance(timedelta(minutes=1))
        work.arrive(bytes(told.answer(text, From=BO)), sender=BO, recipients=(told.reply_to,))
        work.take_in()

    assert _told(work) == [
        ("escalation", "ann@desk.test"),
        ("escalation", "cho@desk.test"),
        ("alarm", "root@desk.test"),
        ("alarm", "root@desk.test"),
    ]
    assert _clocks(work) == before


def test_without_a_ladder_the_lead_hears(work: Work) -> None:
    (work.folder / "rules" / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (work.folder / "rules" / "escalation.yaml").write_text("agreements: []\n", encoding="utf-8")
    work.desk.reload()
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.")))
    work.take_in()
    told = work.notices(BO)[0]
    work.arrive(
        bytes(told.answer("/escalate now", From=BO)), sender=BO, recipients=(told.reply_to,)
    )
    work.take_in()

    assert _told(work) == [("escalation", "ann@desk.test")]
