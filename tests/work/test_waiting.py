"""Tickets that wait: reminded, resolved without an answer, woken; closed when nobody objects."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from daemon.desk.update import Change
from daemon.store import tickets
from daemon.store.tables import clocks, events, outbox, timers
from daemon.store.tables import tickets as ticket_table
from daemon.store.writes import Writes
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers import clocks as follower
from workers.reckon import reckon

_DAY = timedelta(days=1)
#: Monday to Friday, so that business days differ from days.
_OFFICE = "calendars: {office: {time_zone: UTC, hours: {mon-fri: 8-18}}}"
_AGREEMENT = "agreements: [{name: a, calendar: office, targets: {P4: {resolve: 400}}}]"


def _opened(work: Work) -> None:
    rules = work.folder / "rules"
    (rules / "calendars.yaml").write_text(_OFFICE, encoding="utf-8")
    (rules / "escalation.yaml").write_text(_AGREEMENT, encoding="utf-8")
    work.desk.reload()
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()


def _set(work: Work, **fields: Any) -> None:
    """What a command does, without a mail around it."""
    with work.store.begin() as tx:
        writes, change = Writes(tx), Change(tickets.get(tx, 1, lock=True))
        now = work.clock.now()
        change.set(now, "agent:ann", fields)
        follower.follow(writes, work.desk, work.desk.rules.current(), change, now)
        tickets.save(tx, change)
        writes.flush()


def _check_against_history(work: Work) -> None:
    with work.store.read() as tx:
        assert reckon(tx, work.desk.calendars, 1, work.clock.now()) == ()


def _kinds(work: Work) -> Counter[str]:
    return Counter(row.kind for row in work.rows(outbox))


def _state(work: Work) -> str:
    [row] = work.rows(ticket_table)
    return str(row.state)


def test_a_requester_is_reminded_twice_and_then_taken_to_be_content(work: Work) -> None:
    _opened(work)
    _set(work, state="waiting", wait_reason="customer")

    told: list[tuple[str, str]] = []
    for _ in range(16):
        before = _kinds(work)
        work.clock.advance(_DAY)
        work.ring()
        new = _kinds(work) - before
        told += [(work.clock.now().strftime("%a %d"), kind) for kind in new]

    assert told == [
        ("Wed 04", "waiting_reminder"),
        ("Mon 09", "waiting_reminder"),
        ("Mon 16", "auto_resolved"),
    ]
    assert _state(work) == "resolved"
    [resolve] = work.rows(clocks)
    assert (resolve.state, resolve.consumed) == ("stopped", 0)


def test_reminders_count_from_the_last_question(work: Work) -> None:
    _opened(work)
    told = work.notices("ann@desk.test")[0]

    def answer(text: str) -> None:
        raw = bytes(told.answer(text, From="ann@desk.test"))
        work.arrive(raw, sender="ann@desk.test", recipients=(told.reply_to,))
        work.take_in()

    answer("/wait customer\nWhich chair?")
    work.clock.advance(_DAY)
    answer("And which room?")
    work.clock.advance(_DAY)
    answer("/note\nHe is slow.")
    work.ring()
    assert _kinds(work)["waiting_reminder"] == 0

    work.clock.advance(_DAY)
    work.ring()

    assert (_state(work), _kinds(work)["waiting_reminder"]) == ("waiting", 1)
    assert "And which room?" in work.notices("carol@acme.test")[-1].text


def test_after_a_long_sleep_the_end_alone_is_told(work: Work) -> None:
    _opened(work)
    _set(work, state="waiting", wait_reason="customer")
    work.clock.advance(20 * _DAY)
    work.ring()

    kinds = _kinds(work)
    assert (kinds["waiting_reminder"], kinds["auto_resolved"]) == (0, 1)


def test_whoever_answers_is_not_reminded(work: Work) -> None:
    _opened(work)
    _set(work, state="waiting", wait_reason="customer")
    work.clock.advance(_DAY)
    _set(work, state="open", wait_reason="")
    work.clock.advance(30 * _DAY)
    work.ring()

    assert _kinds(work)["waiting_reminder"] == 0
    assert {row.state for row in work.rows(timers) if row.kind == "waiting"} == {"cancelled"}


def test_a_ticket_that_waits_until_a_time_is_woken_then(work: Work) -> None:
    _opened(work)
    until = datetime(2026, 3, 5, 7, tzinfo=UTC)
    _set(work, state="waiting", wait_reason="vendor", wait_until=until.isoformat())
    work.clock.advance(_DAY)
    work.ring()
    assert _state(work) == "waiting"

    work.clock.advance(2 * _DAY)
    work.ring()

    assert _state(work) == "open"
    assert _kinds(work)["woken"] == 2
    assert _kinds(work)["waiting_reminder"] == 0


def test_what_is_resolved_is_closed_after_three_business_days_in_silence(work: Work) -> None:
    _opened(work)
    work.clock.advance(2 * _DAY)  # Wednesday
    _set(work, state="resolved", resolved_at=work.clock.now().isoformat())
    before = _kinds(work)
    work.clock.advance(4 * _DAY)
    work.ring()
    assert _state(work) == "resolved"

    work.clock.advance(_DAY)
    work.ring()

    assert _state(work) == "closed"
    assert _kinds(work) == before
    [closed] = [row for row in work.rows(events) if row.data.get("set", {}).get("closed_at")]
    assert closed.data["why"] == "nobody objected"


def test_what_is_opened_again_is_not_closed(work: Work) -> None:
    _opened(work)
    _set(work, state="resolved", resolved_at=work.clock.now().isoformat())
    work.clock.advance(_DAY)
    _set(work, state="open", resolved_at=None)
    work.clock.advance(30 * _DAY)
    work.ring()

    assert _state(work) == "open"


def test_whoever_is_away_does_not_wake_alone(work: Work) -> None:
    _opened(work)
    work.arrive(bytes(mail("ann@desk.test", "Me", "/away until +9d\n")), sender="ann@desk.test")
    work.take_in()
    until = (work.clock.now() + _DAY).isoformat()
    _set(work, owner="ann", state="waiting", wait_reason="vendor", wait_until=until)
    work.clock.advance(2 * _DAY)
    work.ring()

    woken = {row.recipient for row in work.rows(outbox) if row.kind == "woken"}
    assert woken == {"ann@desk.test", "bo@desk.test"}


def test_what_waits_again_after_its_end_was_taken_back_is_paused_again(work: Work) -> None:
    _opened(work)
    _set(work, state="waiting", wait_reason="customer")
    ended = work.clock.now().isoformat()
    _set(work, state="resolved", wait_reason="", resolved_at=ended)
    work.clock.advance(_DAY)
    _set(work, state="waiting", wait_reason="customer", resolved_at=None)

    [resolve] = work.rows(clocks)
    assert (resolve.state, resolve.consumed) == ("paused", 0)
    _check_against_history(work)


def test_clocks_that_were_withdrawn_go_on_when_that_is_taken_back(work: Work) -> None:
    _opened(work)
    work.clock.advance(timedelta(hours=1))
    _set(work, state="cancelled", closed_at=work.clock.now().isoformat())
    work.clock.advance(timedelta(hours=1))
    _set(work, state="open", closed_at=None)

    [resolve] = work.rows(clocks)
    assert (resolve.state, resolve.is_reopened) == ("running", False)
    assert resolve.consumed == timedelta(hours=1) // timedelta(microseconds=1)
    _check_against_history(work)


def test_what_is_promised_late_does_not_count_the_time_of_waiting(work: Work) -> None:
    _opened(work)
    _set(work, priority="P1")
    _set(work, state="waiting", wait_reason="customer")
    work.clock.advance(_DAY)
    _set(work, state="open", wait_reason="")
    work.clock.advance(timedelta(hours=1))
    _set(work, priority="P4")

    resolve = work.rows(clocks)[-1]
    assert resolve.consumed == timedelta(hours=1) // timedelta(microseconds=1)
    _check_against_history(work)


def test_what_is_promised_again_after_nothing_was_has_a_clock_again(work: Work) -> None:
    _opened(work)
    _set(work, priority="P1")
    assert [row.state for row in work.rows(clocks)] == ["cancelled"]
    work.clock.advance(timedelta(hours=1))
    _set(work, priority="P4")

    dropped, again = work.rows(clocks)
    assert (dropped.state, again.state, again.serial) == ("cancelled", "running", 2)
    assert again.started_at == dropped.started_at
    _check_against_history(work)
