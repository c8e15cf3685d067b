"""The daily mails: who gets one, when, and what stands in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from daemon.store.tables import clocks, people, tickets, timers
from daemon.store.writes import Writes
from tests.servers.desk import PEOPLE, Notice, mail
from tests.work.conftest import Work
from tests.work.test_confirming import notices
from workers import digests
from workers.notices.bars import bar, sparkline

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-03-02T07:59", "2026-03-02T08:00"),
        ("2026-03-02T08:00", "2026-03-03T08:00"),
        ("2026-03-06T09:00", "2026-03-09T08:00"),
        ("2026-03-07T06:00", "2026-03-09T08:00"),
    ],
)
def test_morning_is_that_of_the_next_workday(now: str, morning: str) -> None:
    found = digests.next_morning(datetime.fromisoformat(now).replace(tzinfo=SEOUL), SEOUL)

    assert found == datetime.fromisoformat(morning).replace(tzinfo=SEOUL)


def test_numbers_as_letters() -> None:
    assert bar(50) == "████░░░░ 50%"
    assert bar(240) == "████████ 240%"
    assert sparkline((0, 5, 10)) == "▁▅█"
    assert sparkline((0, 0)) == "▁▁"
    assert sparkline(()) == ""


def _plan(work: Work) -> None:
    with work.store.begin() as tx:
        writes = Writes(tx)
        digests.plan(writes, work.desk, work.clock.now())
        writes.flush()


def _morning(work: Work) -> list[Notice]:
    """The next morning's mails."""
    _plan(work)
    at = digests.next_morning(work.clock.now(), ZoneInfo("UTC"))
    work.clock.advance(at - work.clock.now())
    work.ring()
    return notices(work, "digest")


def _of(found: list[Notice], address: str, words: str) -> Notice:
    [notice] = [
        each
        for each in found
        if each.received.recipients == (address,) and words in each["Subject"]
    ]
    return notice


def _html(notice: Notice) -> str:
    part = notice.mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def _open(work: Work, count: int) -> None:
    for number in range(count):
        work.arrive(bytes(mail(f"c{number}@acme.test", f"Chair {number}", f"Broken {number}.")))
    work.take_in()


def test_nobody_gets_an_empty_mail(work: Work) -> None:
    assert _morning(work) == []
    assert {row.state for row in work.rows(timers) if row.kind == "digest"} == {"done", "waiting"}


def test_agent_is_told_what_waits_for_him(work: Work) -> None:
    _open(work, 4)
    now = work.clock.now()
    with work.store.begin() as tx:
        tx.execute(update(tickets).where(tickets.c.number <= 3).values(owner="ann", state="open"))
        late = {"due_at": now - timedelta(hours=1), "started_at": now - timedelta(hours=3)}
        soon = {"due_at": now + timedelta(hours=25), "started_at": now}
        tx.execute(update(clocks).values(state="cancelled"))
        for number, times in ((1, late), (2, soon)):
            chosen = (clocks.c.ticket == number, clocks.c.metric == "resolve")
            tx.execute(update(clocks).where(*chosen).values(state="running", **times))

    found = _morning(work)

    mine = _of(found, "ann@desk.test", "Your tickets").text
    parts = [mine.index(words) for words in ("Overdue (1)", "#1", "Due today (1)", "#2")]
    assert parts == sorted(parts)
    assert mine.index("Waiting on you (1)") < mine.index("#3")
    assert mine.index("Nobody's yet (1)") < mine.index("#4")
    assert "████████" in mine
    free = _of(found, "bo@desk.test", "Your tickets").text
    assert "Nobody's yet (1)" in free
    assert "#1" not in free
    html = _html(_of(found, "ann@desk.test", "Your tickets"))
    assert "/show" in html.replace("%2F", "/")
    assert "background:#c53030" in html
    assert not [each for each in found if each.received.recipients == ("cho@desk.test",)]


def test_lead_is_told_how_the_team_does(work: Work) -> None:
    _open(work, 3)

    text = _of(_morning(work), "ann@desk.test", "Team desk").text

    assert "Created and resolved, 14 days" in text
    assert "█" in text
    assert "Nobody's for more than an hour (3)" in text


def test_long_list_says_how_much_more_there_is(work: Work) -> None:
    _open(work, 17)

    text = _of(_morning(work), "bo@desk.test", "Your tickets").text.replace("\r", "")

    assert "Nobody's yet (17)\n  #1   P4  3 Mar " in text
    assert "  and 2 more\n" in text


def test_digest_is_in_the_agents_language_on_his_clocks(work: Work) -> None:
    people_yaml = work.folder / "rules" / "people.yaml"
    seoul = "[cho@desk.test]\n    time_zone: Asia/Seoul"
    people_yaml.write_text(PEOPLE.replace("[cho@desk.test]", seoul), encoding="utf-8")
    work.desk.reload()
    work.arrive(bytes(mail("carol@acme.test", "VPN", "Broken.")))
    work.take_in()
    due = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
    with work.store.begin() as tx:
        tx.execute(update(clocks).values(state="running", due_at=due))

    [notice] = [each for each in _morning(work) if each.received.recipients == ("cho@desk.test",)]

    assert "담당자가 없는 티켓 (1)\n  #1  P4  3월 3일 15:30  " in notice.text.replace("\r", "")


def test_who_wants_none_gets_none(work: Work) -> None:
    _open(work, 1)
    with work.store.begin() as tx:
        tx.execute(update(people).values(digest=False))

    assert _morning(work) == []


def test_mail_comes_once_and_again_on_the_next_day(work: Work) -> None:
    _open(work, 1)
    first = len(_morning(work))
    work.ring()
    _plan(work)
    again = len(notices(work, "digest"))

    assert first == again
    assert len(_morning(work)) == 2 * first


def test_morning_that_was_slept_through_is_left_out(work: Work) -> None:
    _open(work, 1)
    _plan(work)
    work.clock.advance(timedelta(days=3))
    work.ring()

    assert notices(work, "digest") == []
    assert work.clock.now() > datetime(2026, 3, 3, tzinfo=UTC)


def test_morning_is_the_agents_own(work: Work) -> None:
    people_yaml = work.folder / "rules" / "people.yaml"
    people_yaml.write_text(
        PEOPLE.replace("[ann@desk.test]", "[ann@desk.test]\n    time_zone: Asia/Seoul"),
        encoding="utf-8",
    )
    work.desk.reload()
    _plan(work)

    at = {row.data["agent"]: row.due_at for row in work.rows(timers) if row.kind == "digest"}
    assert at["ann"] == datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert at["bo"] == datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_red_is_only_what_is_late_and_no_subject_is_a_bar(work: Work) -> None:
    work.arrive(bytes(mail("c@acme.test", "The disk is at 100%", "It is full.")))
    work.take_in()
    with work.store.begin() as tx:
        tx.execute(update(tickets).values(owner="ann", state="open"))
        tx.execute(update(clocks).values(state="cancelled"))

    found = _morning(work)
    mine = _html(_of(found, "ann@desk.test", "Your tickets"))
    team = _html(_of(found, "ann@desk.test", "Team desk"))
    assert ">#1 The disk is at 100%</span>" in mine
    assert "background:#4a7de0" not in mine
    assert len(re.findall(r"background:#4a7de0", team)) == 1
    for shown in (mine, team):
        assert "background:#c53030" not in shown
        assert 'class="alert"' not in shown
