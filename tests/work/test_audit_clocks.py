"""Clocks that are kept are those that the history makes; where not, the admins are told."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from daemon.store.tables import clocks, outbox, timers
from daemon.store.writes import Writes
from tests.servers.desk import mail
from tests.work.conftest import Work
from workers import audit_clocks, returning
from workers.reckon import reckon


def _opened(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()


def _reckoned(work: Work) -> tuple[str, ...]:
    with work.store.read() as tx:
        return reckon(tx, work.desk.calendars, 1, work.clock.now())


def test_what_is_kept_is_what_happened(work: Work) -> None:
    _opened(work)
    work.clock.advance(timedelta(hours=30))
    work.ring()

    assert _reckoned(work) == ()


def test_what_was_tampered_with_is_found_and_told_once(work: Work) -> None:
    _opened(work)
    with work.store.begin() as tx:
        due_at = work.clock.now() + timedelta(days=99)
        tx.execute(update(clocks).where(clocks.c.metric == "resolve").values(due_at=due_at))
        writes = Writes(tx)
        audit_clocks.plan(writes, work.clock.now())
        writes.flush()

    [line] = _reckoned(work)
    assert line.startswith(
        "resolve: due_at is 2026-06-09T09:00:00+00:00, by its history 2026-03-05"
    )
    work.ring()
    work.ring()

    assert [row.kind for row in work.rows(outbox)].count("alarm") == 1
    assert [row.state for row in work.rows(timers) if row.kind == "check_clocks"] == ["done"]


def test_a_clock_too_many_and_one_too_few_are_found(work: Work) -> None:
    _opened(work)
    with work.store.begin() as tx:
        tx.execute(update(clocks).where(clocks.c.metric == "resolve").values(metric="update"))

    assert _reckoned(work) == (
        "resolve was started, but is not kept",
        "update is kept, but nothing started it",
    )


def test_a_rule_about_returned_mail_changes_the_targets(work: Work) -> None:
    rules = work.folder / "rules"
    (rules / "automation.yaml").write_text(
        "rules: [{name: lost, on: returned, set: {priority: P1}}]", encoding="utf-8"
    )
    work.desk.reload()
    _opened(work)
    before = {row.metric: row.due_at for row in work.rows(clocks)}
    with work.store.begin() as tx:
        writes = Writes(tx)
        returning.undelivered(
            writes, work.desk, ticket=1, recipient="carol@acme.test", reply="550 no such user",
            now=work.clock.now(),
        )  # fmt: skip
        writes.flush()

    assert all(row.due_at < before[row.metric] for row in work.rows(clocks))
    assert _reckoned(work) == ()
