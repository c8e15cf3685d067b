"""Warnings and breaches: told once, to the right people, at the right time."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy

from daemon.store.tables import clocks, events, mailboxes, outbox, tickets, timers
from daemon.store.writes import Writes
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers import audit


def _open(work: Work, subject: str = "Chair") -> None:
    work.arrive(bytes(mail("carol@acme.test", subject, "Broken.")))
    work.take_in()


def text_of(raw: bytes) -> str:
    """The text part of a mail of ours."""
    found = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert found
    return str(found.get_content())


def _kinds(work: Work) -> Counter[str]:
    return Counter(row.kind for row in work.rows(outbox))


def test_a_new_ticket_has_clocks_and_timers_from_its_arrival(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    received = work.clock.now()
    work.clock.advance(timedelta(hours=1))
    work.take_in()

    [respond, resolve] = sorted(work.rows(clocks), key=lambda row: row.due_at)

    assert (respond.metric, respond.due_at - received) == ("respond", timedelta(hours=24))
    assert (resolve.metric, resolve.due_at - received) == ("resolve", timedelta(hours=72))
    assert [(row.kind, row.data["rank"]) for row in work.rows(timers)] == [("sla", 75)] * 2


def test_warning_goes_to_the_team_at_its_percentage_and_once(work: Work) -> None:
    _open(work)
    work.clock.advance(timedelta(hours=17, minutes=59))
    work.ring()
    assert _kinds(work)["sla_warning"] == 0

    work.clock.advance(timedelta(minutes=2))
    work.ring()
    work.ring()

    warned = [row for row in work.rows(outbox) if row.kind == "sla_warning"]
    assert {row.recipient for row in warned} == {"ann@desk.test", "bo@desk.test"}
    assert len(warned) == 2


def test_breach_is_recorded_and_told(work: Work) -> None:
    _open(work)
    work.clock.advance(timedelta(hours=20))
    work.ring()
    work.clock.advance(timedelta(hours=5))
    work.ring()

    [respond] = [row for row in work.rows(clocks) if row.metric == "respond"]
    assert respond.breached_at == respond.due_at
    assert _kinds(work)["sla_breach"] == 1  # nobody owns it: its lead is told
    assert [row.data["what"] for row in work.rows(events) if row.kind == "clock"] == [
        "started",
        "started",
        "warned",
        "breached",
    ]


def test_after_a_long_sleep_one_mail_tells_each_person_the_highest_of_each_clock(
    work: Work,
) -> None:
    _open(work)
    work.clock.advance(timedelta(days=10))
    work.ring()

    assert _kinds(work)["sla_warning"] == 0
    assert _kinds(work)["sla_breach"] == 0
    [told] = [row for row in work.rows(outbox) if row.kind == "catch_up"]
    assert re.findall(r"#1 +(.+?) +100%", text_of(told.raw)) == ["first answer", "solution"]


def test_a_clock_that_jumps_back_tells_nothing_twice(work: Work) -> None:
    _open(work)
    work.clock.advance(timedelta(hours=19))
    work.ring()
    before = _kinds(work)
    work.clock.advance(timedelta(hours=-5))
    work.ring()
    work.clock.advance(timedelta(hours=5))
    work.ring()

    assert _kinds(work) == before


def test_resolution_stops_what_would_ring(work: Work) -> None:
    _open(work)
    reply_to = _reply_address(work, "ann@desk.test")
    answer = bytes(mail("ann@desk.test", "Re: Chair", "/resolve\nNew one.", To=reply_to))
    work.arrive(answer, sender="ann@desk.test", recipients=(reply_to,))
    work.take_in()

    work.clock.advance(timedelta(days=10))
    work.ring()

    assert {row.state for row in work.rows(clocks)} == {"stopped"}
    assert {row.state for row in work.rows(timers) if row.kind == "sla"} == {"cancelled"}
    assert _kinds(work)["sla_breach"] == 0


def test_reopening_lets_the_clock_go_on_without_the_time_between(work: Work) -> None:
    _open(work)
    due = max(row.due_at for row in work.rows(clocks))
    agents, carols = _reply_address(work, "ann@desk.test"), _reply_address(work, "carol@acme.test")
    answer = bytes(mail("ann@desk.test", "Re: Chair", "/resolve\nNew one.", To=agents))
    work.arrive(answer, sender="ann@desk.test", recipients=(agents,))
    work.take_in()
    work.clock.advance(timedelta(days=2))
    again = bytes(mail("carol@acme.test", "Re: Chair", "Broken again.", To=carols))
    work.arrive(again, recipients=(carols,))
    work.take_in()

    [resolve] = [row for row in work.rows(clocks) if row.metric == "resolve"]
    assert (resolve.state, resolve.due_at) == ("running", due + timedelta(days=2))
    assert [row.state for row in work.rows(tickets)] == ["open"]


def test_the_daily_audit_tells_a_gap_and_plans_the_next(work: Work) -> None:
    long_ago = work.clock.now() - timedelta(days=3)
    view = {"uidvalidity": 1, "next_uid": 3, "server_uidnext": 9, "server_messages": 6}
    with work.store.begin() as tx:
        writes = Writes(tx)
        audit.plan(writes, work.clock.now())
        writes.flush()
        row = {"name": "main/INBOX", **view, "seen_at": long_ago, "error_since": long_ago}
        tx.execute(mailboxes.insert(), [row])
    work.clock.advance(timedelta(days=1, minutes=1))
    work.ring()

    assert Counter((row.kind, row.state) for row in work.rows(timers)) == {
        ("reconcile", "done"): 1,
        ("reconcile", "waiting"): 1,
        ("check_clocks", "done"): 1,
        ("check_clocks", "waiting"): 1,
    }
    assert _kinds(work)["alarm"] == 1


def _reply_address(work: Work, recipient: str) -> str:
    raw = next(row.raw for row in work.rows(outbox) if row.recipient == recipient).decode()
    found = re.search(r"^Reply-To: .*<(.*?)>", raw.replace("\r\n ", " "), re.MULTILINE)
    assert found
    return found[1]
