"""The account of a ticket's clocks, and an agreement as people read it."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tests.unit.sla.calendars import CALENDARS
from tests.unit.sla.promises import HOUR, SEOUL, History, seoul, terms
from workers.sla.agreement import Agreement, Scope, Target
from workers.sla.calendar import ALWAYS
from workers.sla.document import as_html, as_text
from workers.sla.explain import accounts, length, written
from workers.sla.ladder import Again, Ladder, Rung

_MONDAY = seoul(2026, 3, 2, 9)
_CALENDARS = {SEOUL.version: SEOUL, ALWAYS.version: ALWAYS}


def test_an_account_tells_every_step_with_its_local_time_and_reason() -> None:
    promise = {"P3": {"resolve": terms(16)}, "P2": {"resolve": terms(8)}}
    history = History(promise, _MONDAY)
    history.set(_MONDAY + HOUR, state="waiting", wait_reason="customer")
    history.set(_MONDAY + 26 * HOUR, state="open", wait_reason="")
    history.set(_MONDAY + 27 * HOUR, priority="P2")
    history.set(_MONDAY + 29 * HOUR, state="resolved")
    now = seoul(2026, 3, 4, 9)

    [account] = accounts(history.events, _CALENDARS.__getitem__, now)

    assert (
        "\n".join(written(account, now, ZoneInfo("UTC")))
        == f"""\
resolve: met, 4h00m of 8h00m used
  agreement standard, calendar Asia/Seoul (Asia/Seoul, version {SEOUL.version}), target 8h00m
  Mon 2026-03-02 09:00 +0900  started     the first message arrived; due Tue 2026-03-03 16:00 +0900
  Mon 2026-03-02 10:00 +0900  paused      waits: customer; 1h00m used
  Tue 2026-03-03 11:00 +0900  resumed     waits no more; due Wed 2026-03-04 17:00 +0900
  Tue 2026-03-03 12:00 +0900  retargeted  priority P2; due Tue 2026-03-03 18:00 +0900
  Tue 2026-03-03 14:00 +0900  stopped     resolved; 4h00m used"""
    )


def test_an_account_says_how_a_clock_stands() -> None:
    history = History({"P3": {"respond": terms(1, ALWAYS)}}, _MONDAY)
    zone = ZoneInfo("Asia/Seoul")

    def verdict(hours: float) -> str:
        now = _MONDAY + hours * HOUR
        [account] = accounts(history.events, _CALENDARS.__getitem__, now)
        return written(account, now, zone)[0]

    assert verdict(0.5) == ("respond: running, 30m of 1h00m used, due Mon 2026-03-02 10:00 +0900")
    assert verdict(2) == "respond: missed Mon 2026-03-02 10:00 +0900, 2h00m of 1h00m used"
    history.set(_MONDAY + 3 * HOUR, state="cancelled")
    assert verdict(4) == "respond: counts for nothing; 3h00m of 1h00m used"


def _agreement() -> Agreement:
    return Agreement(
        name="Acme <gold>",
        scope=Scope(organisations=frozenset({"acme"}), services=frozenset({"vpn", "mail"})),
        calendar=CALENDARS["Seoul with lunch"],
        targets={
            "P1": (
                Target(metric="respond", within=HOUR),
                Target(metric="resolve", within=4 * HOUR),
            ),
            "major": (Target(metric="update", within=HOUR / 2),),
        },
        ladder=Ladder(
            rungs=(
                Rung(rank=75, to=(("owner", "team"),)),
                Rung(rank=100, to=(("owner",), ("lead",)), asks=True),
                Rung(rank=220, to=(("admins",),)),
            ),
            again=Again(every=4 * HOUR, to=(("admins",),)),
        ),
        objective=95,
        valid_from=date(2026, 1, 1),
        parties="IT and Acme",
        owner="Ann Lee",
        exclusions="private devices",
        review_every="quarter",
    )


def test_an_agreement_reads_as_a_document() -> None:
    assert (
        as_text(_agreement())
        == """\
Service level agreement: Acme <gold>
====================================

Between         IT and Acme
Answers for it  Ann Lee
Covers          organisations acme; services mail, vpn
Does not cover  private devices
In force        from 2026-01-01
Hours           Mon 09:00-12:00, 13:00-18:00; Tue 09:00-12:00, 13:00-18:00; \
Wed 09:00-12:00, 13:00-18:00; Thu 09:00-12:00, 13:00-18:00; \
Fri 09:00-12:00, 13:00-18:00 (Asia/Seoul)

  Priority        the first answer of a person  news to the requester, again and again  the end
  P1              1h00m                         -                                       4h00m
  major incident  -                             30m                                     -

Stands still    while waiting for: customer, until
Reopened        goes on where it stood
Another target  counts the time used so far
At 75%          tells owner or else team
When missed     tells owner, lead, who say why
2h00m later     tells admins
then every 4h00m  tells admins
Objective       95% of the targets are met
Reviewed        every quarter
"""
    )


def test_an_agreement_as_html_is_text_and_no_markup_of_its_author() -> None:
    page = as_html([_agreement()])

    assert "<h1>Service level agreement: Acme &lt;gold&gt;</h1>" in page
    assert "<tr><td>P1</td><td>1h00m</td><td>-</td><td>4h00m</td></tr>" in page
    assert "<gold>" not in page


def test_lengths_are_in_hours_and_minutes() -> None:
    assert [length(timedelta(minutes=minutes)) for minutes in (0, 59, 60, 1445)] == [
        "0m", "59m", "1h00m", "24h05m",
    ]  # fmt: skip
