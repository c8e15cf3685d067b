"""The smarthost fails and comes back: mail is delayed, never lost, and no hand is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from scripts.bench.desk import Layout, Plan
from scripts.chaos import verify
from tests.servers import sink
from tests.servers.ports import free_port
from tests.servers.process import folder, wait_until
from tests.servers.sink import Behaviour, Sink
from tests.system.faults.scene import (
    DELIVERY,
    PATIENCE,
    WORK,
    assert_all_done,
    offer,
    recipient,
    running,
    wait_for,
)

_PEOPLE = """\
agents:
  ann:
    full_name: Ann Lee
    addresses: [ann@staff.test]
teams:
  support:
    members: [ann]
default_team: support
"""


@pytest.fixture(scope="module")
def smarthost() -> Iterator[Sink]:
    with sink.running() as server:
        yield server


@pytest.fixture(scope="module")
def desk(smarthost: Sink) -> Iterator[Layout]:
    """One desk with an agent, for every behaviour of its smarthost."""
    with folder("faults") as home:
        rules = home / "rules"
        rules.mkdir()
        (rules / "people.yaml").write_text(_PEOPLE)
        os.environ["POSTDESK_RULES_DIR"] = str(rules)
        try:
            plan = Plan(smarthost=smarthost.url, home=home, delivery=DELIVERY, more=WORK)
            with running(plan) as layout:
                yield layout
        finally:
            del os.environ["POSTDESK_RULES_DIR"]


@pytest.fixture(autouse=True)
def _well_behaved(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "smarthost" in request.fixturenames:
        server: Sink = request.getfixturevalue("smarthost")
        server.behaviour = Behaviour.ACCEPT
        server.replies.clear()


_DELAYS = [
    Behaviour.DEFER,
    Behaviour.DEFER_DATA,
    Behaviour.HANG,
    Behaviour.HANG_DATA,
    Behaviour.DROP,
]


@pytest.mark.parametrize("behaviour", _DELAYS)
def test_smarthost_in_trouble_delays_mail_and_loses_none(
    behaviour: Behaviour, desk: Layout, smarthost: Sink
) -> None:
    to, later = recipient(behaviour), recipient(f"{behaviour}-later")
    smarthost.behaviour = behaviour
    assert offer(desk, behaviour) == 250
    rows = wait_for(desk, lambda rows: _is_tried(rows, to), "a try")
    assert "sent" not in _states(rows, to)
    assert offer(desk, f"{behaviour}-later") == 250

    smarthost.behaviour = Behaviour.ACCEPT
    rows = wait_for(desk, lambda rows: rows.is_settled, "nothing that waits")

    assert _states(rows, to) == _states(rows, later) == {"sent"}
    copies = [mail for mail in smarthost.to(to) if mail.is_acknowledged]
    assert len(copies) == 1
    assert len({mail.raw for mail in smarthost.to(to)}) == 1


def _states(rows: verify.Ledger, to: str) -> set[str]:
    return {row.state for row in rows.outbox if row.recipient == to}


def _is_tried(rows: verify.Ledger, to: str) -> bool:
    return any(row.last_reply for row in rows.outbox if row.recipient == to)


def test_refused_notice_fails_once_and_its_agent_is_told(desk: Layout, smarthost: Sink) -> None:
    to = recipient("unknown")
    smarthost.replies[to] = "550 5.1.1 no such user"
    assert offer(desk, "unknown") == 250

    rows = wait_for(
        desk,
        lambda rows: rows.is_settled and any(row.kind == "undeliverable" for row in rows.outbox),
        "a notice for the agent",
    )

    (refused,) = [row for row in rows.outbox if row.recipient == to]
    assert (refused.state, refused.attempts) == ("failed", 1)
    assert refused.last_reply.startswith("550")
    (told,) = [row for row in rows.outbox if row.kind == "undeliverable"]
    assert (told.recipient, told.state, told.ticket) == ("ann@staff.test", "sent", refused.ticket)


def test_smarthost_that_is_away_is_found_again() -> None:
    port = free_port()
    with running(Plan(smarthost=f"smtp://127.0.0.1:{port}", delivery=DELIVERY)) as layout:
        assert offer(layout, 1) == 250
        wait_for(layout, lambda rows: _is_tried(rows, recipient(1)), "a try")

        with sink.running(port=port) as server:
            server.behaviour = Behaviour.CLOSED
            before = server.connections
            wait_until(lambda: server.connections > before, seconds=PATIENCE, what="a try")
            server.behaviour = Behaviour.ACCEPT
            assert_all_done(layout, server, 1)
