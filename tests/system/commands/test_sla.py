"""postdesk sla on a desk's store: why a clock stands so, and what another agreement changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from daemon.store.tables import clocks
from tests.servers.desk import mail
from tests.system.commands.conftest import Command
from tests.work.conftest import Work, parsers_of_all, work

__all__ = ["parsers_of_all", "work"]

_STRICTER = """\
agreements:
  - name: strict
    calendar: always
    targets:
      P3: {respond: 2, resolve: 4}
      P4: {respond: 2, resolve: 4}
  - name: Acme
    scope: {organisation: acme}
    targets: {P1: {respond: 15m}}
    exclusions: Whatever people bring along.
"""


@pytest.fixture
def opened_at(work: Work) -> datetime:
    """When the only ticket's mail came: an hour ago, by the clock that the command reads."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    work.clock.advance(at - work.clock.now())
    work.arrive(bytes(mail("carol@acme.test", "Chair", "It broke.")))
    work.take_in()
    return at


@pytest.fixture
def desk(work: Work, postdesk: Command) -> Command:
    """The command on this desk."""
    rules = work.folder / "rules"
    return Command({**postdesk.environ, "POSTDESK_RULES_DIR": str(rules)})


def _respond(desk: Command) -> dict[str, Any]:
    """The account of the first answer's clock."""
    found: dict[str, Any] = desk("sla", "explain", 1, "--json").lines[0]
    assert found["metric"] == "respond"
    return found


def test_clocks_are_explained_rebased_and_checked(
    work: Work, desk: Command, opened_at: datetime
) -> None:
    before = _respond(desk)
    told = desk("sla", "explain", 1).out
    (work.folder / "rules" / "escalation.yaml").write_text(_STRICTER, encoding="utf-8")
    tried = desk("sla", "rebase", "--open", "--dry-run")
    unchanged = _respond(desk)
    rebased = desk("sla", "rebase", "--open")
    again = desk("sla", "rebase", "--open")
    after = _respond(desk)

    assert (before["agreement"], before["target_seconds"]) == ("standard", 24 * 3600)
    assert datetime.fromisoformat(before["due_at"]) == opened_at + timedelta(hours=24)
    assert "started  the first message arrived; due " in told
    assert tried.out.endswith("2 clocks would change\n")
    assert unchanged["due_at"] == before["due_at"]
    assert (rebased.out.splitlines()[-1], again.out) == ("2 clocks changed", "0 clocks changed\n")
    assert (after["agreement"], after["target_seconds"]) == ("strict", 2 * 3600)
    assert datetime.fromisoformat(after["due_at"]) == opened_at + timedelta(hours=2)
    assert [(step["what"], step["why"]) for step in after["steps"]] == [
        ("started", "the first message arrived"),
        ("retargeted", "rebase"),
    ]

    good = desk("sla", "check")
    with work.store.begin() as tx:
        tx.execute(update(clocks).where(clocks.c.metric == "respond").values(due_at=opened_at))
    bad = desk("sla", "check")

    assert (good.code, bad.code) == (0, 1)
    assert good.out == "1 tickets, 0 whose clocks are not as their history has it\n"
    assert "#1 respond: due_at is " in bad.out
    assert bad.out.endswith("1 tickets, 1 whose clocks are not as their history has it\n")


def test_agreements_print_as_people_read_them(work: Work, desk: Command) -> None:
    (work.folder / "rules" / "escalation.yaml").write_text(_STRICTER, encoding="utf-8")

    own = desk("sla", "print", "--org", "Acme").out
    others = desk("sla", "print", "--org", "Other")
    page = desk("sla", "print", "--org", "acme", "--html").out

    assert own.count("Service level agreement: ") == 2
    assert "Covers          organisations acme\n" in own
    assert "Does not cover  Whatever people bring along.\n" in own
    assert "Acme" not in others.out
    assert others.code == 0
    assert "<table" in page
    assert "Whatever people bring along." in page
