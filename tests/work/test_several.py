"""Commands that touch several tickets, or what was held: each ticket once, nothing lost unsaid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from daemon.store.tables import clocks, inbox, links, outbox, tickets, watchers
from tests.servers.desk import mail
from tests.work.conftest import Work
from tests.work.test_commands import ANN, CAROL, CONTROL, Desk
from tests.work.test_ring import text_of


@pytest.fixture
def desk(work: Work) -> Desk:
    """Carol's ticket, and two more of her colleagues'."""
    made = Desk(work)
    for who in ("dan@acme.test", "eve@acme.test"):
        work.arrive(bytes(mail(who, f"Of {who}", "It hums.")), sender=who)
        work.take_in()
    return made


def _told(desk: Desk) -> str:
    raw: Any = desk.mails("answer", ANN)[-1]
    return text_of(raw.raw)


def _states(desk: Desk) -> list[tuple[str, int | None]]:
    return [(row.state, row.merged_into) for row in desk.work.rows(tickets)]


def test_control_merges_two_tickets_into_a_third_and_goes_on_with_it(desk: Desk) -> None:
    assert desk.write(ANN, "#1 #2 /merge #3\n#3 /pri P1", to=CONTROL) == "command"

    assert _states(desk) == [("cancelled", 3), ("cancelled", 3), ("new", None)]
    assert desk.work.rows(tickets)[2].priority == "P1"
    assert "✓ #2 /merge #3" in _told(desk)


def test_control_sees_what_its_own_lines_did(desk: Desk) -> None:
    desk.write(ANN, "#1 /merge #2\n#2 /merge #1", to=CONTROL)

    assert "#1 itself goes on in #2" in _told(desk)
    assert _states(desk) == [("new", None)] * 3


@pytest.mark.parametrize("line", ["/note it is on order", "/note", "/public it is on order", "/ok"])
def test_control_loses_no_text_behind_a_tick(desk: Desk, line: str) -> None:
    desk.write(ANN, f"#1 {line}\n#1 /take", to=CONTROL)

    assert f"✗ #1 {line}: it has a text: say it in an answer to the ticket" in _told(desk)
    assert desk.ticket.owner == ""  # type: ignore[attr-defined]


def test_control_splits(desk: Desk) -> None:
    desk.write(ANN, '#1 /split "The other matter"', to=CONTROL)

    new = desk.work.rows(tickets)[3]
    assert (new.subject, new.requester) == (
        "The other matter",
        desk.ticket.requester,  # type: ignore[attr-defined]
    )
    assert [(row.a, row.b) for row in desk.work.rows(links)] in ([(1, 4)], [(4, 1)])


@pytest.mark.parametrize(("to", "text"), [("", "/merge #2"), (CONTROL, "#1 #3 /merge #2")])
def test_a_merge_is_taken_back_in_the_thread_where_both_went_on(
    desk: Desk, to: str, text: str
) -> None:
    before = _states(desk)
    desk.write(ANN, text, to=to)
    assert _states(desk)[0] == ("cancelled", 2)

    desk.write(ANN, "/undo")

    assert _states(desk) == before
    assert "taken back" in _told(desk)


def test_ok_is_weighed_as_what_it_does(desk: Desk) -> None:
    """A line that was put right brings nobody in without the question that it would have got."""
    desk.write(ANN, "/ccc +mallory@evil.test\nHello.")

    row_id = desk.work.arrive(
        bytes(mail(ANN, "Re: Printer", "/ok", To=desk.anns)), sender=ANN, recipients=(desk.anns,)
    )
    desk.work.clock.advance(timedelta(minutes=6))
    desk.work.take_in()

    [row] = [row for row in desk.work.rows(inbox) if row.id == row_id]
    assert (row.state, row.fate) == ("held", "asked")
    assert not [row for row in desk.work.rows(outbox) if row.recipient == "mallory@evil.test"]

    question = desk.reply_to(ANN)
    desk.write(ANN, "/ok", to=question)
    desk.work.take_in()

    got = [row.kind for row in desk.work.rows(outbox) if row.recipient == "mallory@evil.test"]
    assert got == ["public_reply"]


def test_whoever_watched_what_was_merged_watches_where_it_goes_on(desk: Desk) -> None:
    work = desk.work
    raw = bytes(mail("fay@acme.test", "The same", "It hums.", Cc="gus@acme.test"))
    work.arrive(raw, sender="fay@acme.test")
    work.take_in()
    desk.write(ANN, "#4 /merge #1", to=CONTROL)
    before = len(work.rows(outbox))

    desk.write(ANN, "It is mended.")

    told = sorted(row.recipient for row in work.rows(outbox)[before:])
    assert told == [CAROL, "fay@acme.test", "gus@acme.test"]


def test_whoever_writes_after_a_silent_end_waits_for_an_answer(work: Work) -> None:
    (work.folder / "rules" / "escalation.yaml").write_text(
        "agreements: [{name: a, targets: {P4: {respond: 4, next: 4, resolve: 40}}}]",
        encoding="utf-8",
    )
    work.desk.reload()
    desk = Desk(work)
    desk.write(ANN, "/resolve")
    desk.write(CAROL, "It still burns. What now?")
    [owed] = [row for row in work.rows(clocks) if row.metric == "next"]
    assert owed.state == "running"

    desk.write(ANN, "A new one comes.")
    [answered] = [row for row in work.rows(clocks) if row.metric == "next"]
    assert answered.state == "stopped"


@pytest.mark.parametrize(
    ("to", "text"),
    [("", "/link child #2\n/parent #2"), ("", "/parent #2\n/link child #2"),
     (CONTROL, "#1 /parent #2\n#2 /parent #1")],
)  # fmt: skip
def test_one_mail_makes_no_circle_of_parents(desk: Desk, to: str, text: str) -> None:
    desk.write(ANN, text, to=to)

    assert [row.parent for row in desk.work.rows(tickets)] == [None] * 3


def test_undo_takes_nobody_away_who_watched_before(desk: Desk) -> None:
    desk.write(ANN, "/cc +gus@acme.test")
    desk.write(ANN, "/cc +gus@acme.test\n/pri P1")
    desk.write(ANN, "/undo")

    assert desk.ticket.priority == "P4"  # type: ignore[attr-defined]
    assert [row.state for row in desk.work.rows(watchers)] == ["watching"]


def test_a_report_that_names_many_is_one_piece_of_news(desk: Desk) -> None:
    work = desk.work
    desk.write(ANN, "Which one?")
    [path] = [row.sender for row in work.rows(outbox) if row.kind == "public_reply"]
    lost = "".join(
        f"\nFinal-Recipient: rfc822; v{number}@acme.test\nAction: failed\nStatus: 5.1.1\n"
        for number in range(30)
    )
    head = "From: MAILER-DAEMON@acme.test\nSubject: Undelivered Mail Returned to Sender\n"
    kind = (
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b"
    )
    report = f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; acme.test\n{lost}"
    work.arrive(f"{head}To: {path}\n{kind}\n\n{report}\n--b--\n".encode(), sender="",
                recipients=(path,), trusted=False)  # fmt: skip
    work.take_in()

    told = [row.recipient for row in work.rows(outbox) if row.kind == "undeliverable"]
    assert sorted(told) == [ANN, "bo@desk.test"]
