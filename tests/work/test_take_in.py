"""Taking in: one failure stops nobody, nothing is done twice, and everything has its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from daemon.desk.events import evolve
from daemon.store import people
from daemon.store import tickets as ticket_rows
from daemon.store.tables import events, inbox, messages, outbox, tickets
from tests.servers.desk import mail
from tests.work.conftest import Work


def test_a_second_ring_finds_nothing_to_do(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()
    before = (len(work.rows(tickets)), len(work.rows(outbox)))
    work.take_in()

    assert (len(work.rows(tickets)), len(work.rows(outbox))) == before == (1, 3)


def test_same_source_key_is_the_same_arrival(work: Work) -> None:
    raw = bytes(mail("carol@acme.test", "Chair", "Broken."))

    assert work.arrive(raw, key="imap:a:1:1") == work.arrive(raw, key="imap:a:1:1")
    assert len(work.rows(inbox)) == 1


def test_poison_is_tried_alone_and_held_and_the_others_go_on(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = people.meet

    def fail(known: object, stranger: people.Stranger, **values: object) -> object:
        if stranger.address == "poison@acme.test":
            raise RuntimeError("a mistake of ours")
        return met(known, stranger, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(people, "meet", fail)
    for who in ("a", "poison", "b"):
        work.arrive(bytes(mail(f"{who}@acme.test", f"From {who}", "Hello.")))
    for _ in range(4):
        work.take_in()
        work.clock.advance(timedelta(minutes=1))

    states = {row.message_id: (row.state, row.attempts) for row in work.rows(inbox)}
    assert sorted(states.values()) == [("done", 1), ("done", 1), ("held", 3)]
    [held] = [row for row in work.rows(inbox) if row.state == "held"]
    assert held.error == "RuntimeError: a mistake of ours"
    assert [row.recipient for row in work.rows(outbox) if row.kind == "alarm"] == ["root@desk.test"]


def test_numbers_have_no_gaps_after_a_failure(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ticket_rows.create
    calls = iter([True, False, False, False])

    def fail_once(*words: object) -> None:
        if next(calls):
            raise RuntimeError("once")
        kept(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(ticket_rows, "create", fail_once)
    work.arrive(bytes(mail("a@acme.test", "One", "Hello.")))
    work.arrive(bytes(mail("b@acme.test", "Two", "Hello.")))
    work.take_in()
    work.clock.advance(timedelta(minutes=1))
    work.take_in()

    assert [row.number for row in work.rows(tickets)] == [1, 2]


def test_crashes_alone_hold_a_mail_only_after_many(work: Work) -> None:
    row_id = work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    for attempts, state in ((11, "done"), (12, "held")):
        with work.store.begin() as tx:
            values = {"attempts": attempts, "state": "received", "due_at": work.clock.now()}
            tx.execute(update(inbox).where(inbox.c.id == row_id).values(values))
        work.take_in()
        assert [row.state for row in work.rows(inbox)] == [state]


def test_reply_waits_for_a_parent_that_was_not_taken_in(work: Work) -> None:
    parent = mail("carol@acme.test", "Chair", "Broken.", Cc="dan@acme.test")
    reply = mail("dan@acme.test", "Re: Chair", "Mine too.", In_Reply_To=parent["Message-ID"])
    parent_id = work.arrive(bytes(parent))
    with work.store.begin() as tx:  # somebody else is at it
        later = work.clock.now() + timedelta(seconds=30)
        tx.execute(update(inbox).where(inbox.c.id == parent_id).values(due_at=later))
    work.arrive(bytes(reply), sender="dan@acme.test")
    work.take_in()
    assert [row.state for row in work.rows(inbox)] == ["received", "received"]

    work.clock.advance(timedelta(seconds=31))
    work.take_in()
    work.clock.advance(timedelta(seconds=31))
    work.take_in()

    assert [row.fate for row in work.rows(inbox)] == ["ticket", "reply"]
    assert len(work.rows(tickets)) == 1


def test_every_ticket_is_the_sum_of_its_events(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "VPN", "Down.")))
    work.arrive(bytes(mail("ceo@acme.test", "Chair", "Broken.")))
    work.take_in()

    with work.store.read() as tx:
        for row in work.rows(tickets):
            ticket = ticket_rows.get(tx, row.number)
            folded = type(ticket)(
                number=ticket.number,
                requester=ticket.requester,
                created_at=ticket.created_at,
                updated_at=ticket.created_at,
            )
            for event in ticket_rows.history(tx, row.number):
                folded = evolve(folded, event)
            assert folded == ticket


def test_every_rule_decision_names_its_rule(work: Work) -> None:
    work.arrive(bytes(mail("ceo@acme.test", "VPN", "Down.")))
    work.take_in()

    by_rule = {row.actor: row.data for row in work.rows(events) if row.actor.startswith("rule:")}

    assert by_rule["rule:routing.yaml:2"]["why"] == "network"
    assert by_rule["rule:routing.yaml:2"]["set"]["team"] == "network"
    assert any(actor.startswith("rule:priority.yaml:") for actor in by_rule)


def test_unsent_text_of_a_stranger_is_not_in_his_acknowledgement(work: Work) -> None:
    work.arrive(bytes(mail("x@else.test", "Pills", "Cheap pills.")), trusted=False)
    work.take_in()

    [ack] = [row for row in work.rows(outbox) if row.kind == "acknowledgement"]
    assert b"ills" not in ack.raw


def test_delivered_once_and_marked(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()
    work.deliver()
    work.deliver()

    assert {(row.state, row.attempts) for row in work.rows(outbox)} == {("sent", 1)}
    assert len(list((work.folder / "out" / "new").iterdir())) == 3


def test_html_message_is_kept_and_attachments_are_listed(work: Work) -> None:
    made = mail("carol@acme.test", "Chair", "Broken.")
    made.add_alternative("<p>Broken.</p><script>x</script>", subtype="html")
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="chair.pdf")
    work.arrive(bytes(made))
    work.take_in()

    [row] = work.rows(messages)
    assert "script" not in row.html
    assert [each["filename"] for each in row.attachments] == ["chair.pdf"]


def test_waiting_for_a_parent_is_no_failed_attempt(work: Work) -> None:
    parent = mail("carol@acme.test", "Chair", "Broken.", Cc="dan@acme.test")
    reply = mail("dan@acme.test", "Re: Chair", "Mine too.", In_Reply_To=parent["Message-ID"])
    parent_id = work.arrive(bytes(parent))
    with work.store.begin() as tx:  # somebody else is at it
        later = work.clock.now() + timedelta(seconds=60)
        tx.execute(update(inbox).where(inbox.c.id == parent_id).values(due_at=later))
    work.arrive(bytes(reply), sender="dan@acme.test")
    for _ in range(30):
        work.take_in()
        work.clock.advance(timedelta(seconds=2))
    work.take_in()

    assert [row.fate for row in work.rows(inbox)] == ["ticket", "reply"]
