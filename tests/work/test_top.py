"""``postdesk top``: what it shows of a store on which something has happened."""

from __future__ import annotations

import io
from datetime import timedelta

from rich.console import Console

from daemon.store import agenda, inbox
from scripts.top import page
from tests.servers.desk import mail
from tests.work.conftest import Work


def _shown(work: Work) -> str:
    now = work.clock.now()
    with work.store.read() as tx:
        pulse = agenda.pulse(tx, now, timedelta(minutes=5))
        due = agenda.due_soon(tx, 12)
    console = Console(file=io.StringIO(), width=120, force_terminal=False)
    console.print(page(pulse, due, now))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_pulse_shows_queues_what_is_due_and_the_last_errors(work: Work) -> None:
    (work.folder / "rules" / "escalation.yaml").write_text(
        "agreements: [{name: a, targets: {P4: {respond: 4, resolve: 40}}}]\n", encoding="utf-8"
    )
    work.desk.reload()
    work.arrive(bytes(mail("carol@acme.test", "Chair \x1b[2J is broken", "It broke.")))
    work.arrive(bytes(mail("dan@acme.test", "Table", "It broke, too.")))
    work.take_in()
    told = work.notices("ann@desk.test")[0]
    work.arrive(bytes(told.answer("/take", From="ann@desk.test")), recipients=(told.reply_to,))
    work.take_in()
    bad = work.arrive(b"\r\n\r\nno head", sender="")
    work.take_in()
    work.arrive(bytes(mail("eve@acme.test", "Lamp", "Dark.")))
    work.clock.advance(timedelta(hours=5))

    shown = _shown(work)
    lines = [" ".join(line.replace("│", " ").split()) for line in shown.splitlines()]

    assert any("inbox waiting 1" in line and "outbox waiting" in line for line in lines)
    assert any("inbox held 1" in line and "outbox failed 0" in line for line in lines)
    assert any("came in 5 min 0" in line and "open / nobody's 2 / 1" in line for line in lines)
    [chair] = [line for line in lines if line.startswith("#1 ")]
    assert "2026-03-02 13:00:00Z" in chair
    assert "125%" in chair
    assert "P4 desk ann" in chair
    assert "\x1b" not in shown
    assert any("Last errors" in line for line in lines)
    with work.store.read() as tx:
        assert any("names no sender" in line for line in lines), bad
        assert inbox.next_due(tx) is not None
