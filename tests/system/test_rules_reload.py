"""A typo in each rule file, while mail flows: the last good set stays, and the admin is told."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.servers import desk as desks
from tests.servers import sink as sinks
from tests.servers.desk import Desk, mail
from tests.servers.process import wait_until

#: File, the mistake, and the place and the words that tell it.
MISTAKES = [
    ("routing.yaml", "rules:\n  - name: a\n    wen: always\n", "routing.yaml:3:5", "when"),
    ("people.yaml", "agents:\n  ann: {full_nam: Ann}\n", "people.yaml:2:9", "full_name"),
    ("priority.yaml", "matrix:\n  critical: [P1\n", "priority.yaml:3:1", ""),
    ("escalation.yaml", "agreements:\n  - name: a\n    targets: {P9: {}}\n", ":3:15", "P1"),
]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with sinks.running() as sink, desks.running(sink) as running:
        yield running


@pytest.mark.parametrize(("name", "text", "place", "hint"), MISTAKES, ids=lambda word: word[:12])
def test_a_typo_leaves_the_last_good_set_in_force(
    desk: Desk, name: str, text: str, place: str, hint: str
) -> None:
    path = desk.home / "rules" / name
    before = path.read_text() if path.exists() else None
    alarms = len(desk.sink.to("root@desk.test"))
    for number in range(3):
        desk.send(mail(f"{name}{number}@acme.test", "VPN before", "Down."))
    path.write_text(text)
    desk.processes["run"].signal(signal.SIGHUP)
    for number in range(3, 6):
        desk.send(mail(f"{name}{number}@acme.test", "VPN after", "Down."))

    [ack] = desk.notices(f"{name}5@acme.test")
    assert desk.ticket(ack.number)["team"] == "network"
    wait_until(lambda: len(desk.sink.to("root@desk.test")) > alarms, what="an alarm")
    alarm = desk.notices("root@desk.test", alarms + 1)[-1]
    assert place in alarm.text
    assert hint in alarm.text
    assert [line for line in desk.log_lines if line["event"] == "rules_bad"]

    if before is None:
        path.unlink()
    else:
        path.write_text(before)
    desk.processes["run"].signal(signal.SIGHUP)


def test_a_restart_with_a_mistake_keeps_the_last_good_set(desk: Desk) -> None:
    (desk.home / "rules" / "routing.yaml").write_text("rules: [")
    desk.processes["run"].stop()
    desk.processes["run"] = desks.start(desk, "run", "run")

    desk.send(mail("restart@acme.test", "VPN again", "Down."))

    [ack] = desk.notices("restart@acme.test")
    assert desk.ticket(ack.number)["team"] == "network"
