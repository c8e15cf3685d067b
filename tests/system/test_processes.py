"""The processes of ``postdesk run``: what each does, and what becomes of it when one dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from scripts.bench.desk import Plan, build, children, process_name
from tests.servers import desk as desks
from tests.servers import sink as sinks
from tests.servers.desk import Desk, mail
from tests.servers.process import is_alive, wait_until
from tests.servers.sink import Behaviour, Sink
from workers.doorway import Doorway, SocketBell

#: Longer than any test: what is done is done because somebody rang.
_NO_RELAY = {"POSTDESK_WORK__SWEEP_SECONDS": "3600"}
_SECONDS = 60


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with sinks.running() as running:
        yield running


@pytest.fixture(scope="module")
def desk(sink: Sink) -> Iterator[Desk]:
    with desks.running(sink) as running:
        yield running


def pids(desk: Desk) -> dict[str, int]:
    """The children of ``postdesk run`` by what they do."""
    return {process_name(pid): pid for pid in children(desk.processes["run"].pid)}


def outbox(desk: Desk, recipient: str) -> list[str]:
    """The states of what is decided to be sent to somebody."""
    return [row["state"] for row in desk.rows("outbox") if row["to"] == [recipient]]


def events(desk: Desk, event: str) -> list[dict[str, Any]]:
    return [line for line in desk.log_lines if line["event"] == event]


def test_door_is_open_before_the_others_begin() -> None:
    with build(Plan()) as layout:
        [run] = layout.programs
        run.start()
        wait_until(
            lambda: "work-process" in layout.pids.values(), seconds=_SECONDS, what="a worker"
        )

        assert '"event": "listening"' in run.log


def test_mail_goes_all_the_way_by_rings_alone(sink: Sink) -> None:
    with desks.running(sink, more=_NO_RELAY) as desk:
        desk.send(mail("anna@acme.test", "Printer", "On fire."))

        assert desk.notices("anna@acme.test")
        assert set(pids(desk)) == {"accept-process", "work-process", "send-process"}


def test_who_takes_in_rings_at_the_door_of_those_who_send(sink: Sink) -> None:
    heard: SimpleQueue[tuple[str, int]] = SimpleQueue()
    with desks.running(sink, more=_NO_RELAY, parts=("smtp", "work --queue in")) as desk:
        door = Doorway(desk.home / "data", "out", lambda job, row_id: heard.put((job, row_id)))
        desk.send(mail("bea@acme.test", "Printer", "On fire."))

        assert heard.get(timeout=_SECONDS)[0] == "deliver"
        assert outbox(desk, "bea@acme.test") == ["queued"]
        door.close()


def test_reload_reaches_who_sends_too(desk: Desk) -> None:
    rules = desk.home / "rules" / "routing.yaml"
    rules.write_text(rules.read_text().replace("vpn, network", "vpn, network, wifi"))

    desk.processes["run"].signal(signal.SIGHUP)

    wait_until(
        lambda: len(events(desk, "rules_loaded")) == 2, seconds=_SECONDS, what="rules in both"
    )


def test_dead_sender_is_started_again_and_sends_what_it_had_begun(desk: Desk) -> None:
    before = pids(desk)
    desk.sink.behaviour = Behaviour.HANG
    desk.send(mail("carol@acme.test", "Printer", "On fire."))
    wait_until(
        lambda: outbox(desk, "carol@acme.test") == ["sending"], seconds=_SECONDS, what="sending"
    )

    # Mail is taken in while nobody can send; what was leased is nobody's until it comes back.
    os.kill(before["send-process"], signal.SIGSTOP)
    desk.send(mail("dan@acme.test", "Scanner", "Under water."))
    wait_until(lambda: outbox(desk, "dan@acme.test") == ["queued"], seconds=_SECONDS, what="queued")
    desk.sink.behaviour = Behaviour.ACCEPT
    os.kill(before["send-process"], signal.SIGKILL)

    for person in ("carol@acme.test", "dan@acme.test"):
        assert len(desk.notices(person)) == 1
    after = pids(desk)
    assert {name for name in after if after[name] != before[name]} == {"send-process"}
    assert [line["process"] for line in events(desk, "process_died")] == ["send-process"]
    [taken_back] = events(desk, "leases_taken_back")
    assert (taken_back["outbox"] > 0, "inbox" in taken_back) == (True, False)


def test_who_sends_stops_last(desk: Desk) -> None:
    """The last test of this desk."""
    desk.sink.replies["erin@acme.test"] = "451 4.2.0 later"
    desk.send(mail("erin@acme.test", "Printer", "On fire."))
    wait_until(lambda: bool(events(desk, "mail_deferred")), seconds=_SECONDS, what="deferred")
    [row] = [row for row in desk.rows("outbox") if row["to"] == ["erin@acme.test"]]
    found, died = pids(desk), len(events(desk, "process_died"))

    os.kill(found["work-process"], signal.SIGSTOP)
    desk.processes["run"].signal(signal.SIGTERM)
    wait_until(lambda: not is_alive(found["accept-process"]), seconds=_SECONDS, what="its end")
    desk.sink.replies.clear()
    desk.look("outbox", "retry", str(row["id"]))
    SocketBell(desk.home / "data").ring("deliver", row["id"])

    assert desk.notices("erin@acme.test")
    os.kill(found["work-process"], signal.SIGCONT)
    wait_until(
        lambda: not desk.processes["run"].is_running, seconds=_SECONDS, what="the end of all"
    )
    assert not [pid for pid in found.values() if is_alive(pid)]
    assert len(events(desk, "process_died")) == died
