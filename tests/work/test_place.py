"""Whose thread a mail is: every kind of evidence, merged and ended tickets, what contradicts."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from daemon.store.tables import events, inbox, messages, outbox, tickets
from tests.servers.desk import mail
from tests.work.conftest import Work

#: Six bytes of time, sixteen that name the conversation, five for an answer.
ROOT = bytes(range(22))
INDEX = base64.b64encode(ROOT).decode()
CHILD = base64.b64encode(bytes(6) + ROOT[6:] + b"child").decode()


def _send(work: Work, sender: str, subject: str, **fields: Any) -> Any:
    """Take a mail in; its row of the ledger."""
    envelope = {key: fields.pop(key) for key in ("trusted", "recipients") if key in fields}
    text = fields.pop("text", "Hello.")
    made = mail(sender, subject, text, **fields)
    work.arrive(bytes(made), sender=sender, **envelope)
    work.take_in()
    return work.rows(inbox)[-1]


def _merge(work: Work, number: int, into: int) -> None:
    with work.store.begin() as tx:
        tx.execute(update(tickets).where(tickets.c.number == number).values(merged_into=into))


def _close(work: Work, number: int) -> None:
    with work.store.begin() as tx:
        values = {"state": "closed", "closed_at": work.clock.now()}
        tx.execute(update(tickets).where(tickets.c.number == number).values(values))


def _events(work: Work, kind: str) -> list[Any]:
    return [row for row in work.rows(events) if row.kind == kind]


def test_outlooks_conversation_leads_to_the_thread_where_references_are_lost(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer", Thread_Index=INDEX)

    again = _send(work, "carol@acme.test", "RE: Printer", Thread_Index=CHILD)

    assert (again.fate, again.ticket) == ("reply", 1)


def test_strangers_mail_in_a_conversation_gets_a_ticket_of_its_own(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer", Thread_Index=INDEX)

    other = _send(work, "mallory@evil.test", "RE: Printer", Thread_Index=CHILD)

    assert (other.fate, other.ticket) == ("ticket", 2)
    assert [row.data["ticket"] for row in _events(work, "linked")] == [1]


def test_number_in_the_subject_is_a_hint_for_a_stranger(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer")

    other = _send(work, "dan@acme.test", "About [#1]")

    assert (other.fate, other.ticket) == ("ticket", 2)
    assert [row.data for row in _events(work, "linked")] == [
        {"relation": "possibly-about", "ticket": 1}
    ]


def test_answer_to_a_merged_ticket_lands_in_the_last_of_the_chain(work: Work) -> None:
    for subject in ("One", "Two", "Three"):
        _send(work, f"{subject.lower()}@acme.test", subject)
    [ack] = work.notices("one@acme.test")
    _merge(work, 1, 2)
    _merge(work, 2, 3)

    work.arrive(
        bytes(ack.answer("More.", From="one@acme.test")),
        sender="one@acme.test",
        recipients=(ack.reply_to,),
        trusted=False,
    )
    work.take_in()

    row = work.rows(inbox)[-1]
    assert (row.fate, row.ticket) == ("reply", 3)
    assert not _events(work, "conflict"), "a merge is no contradiction"


def test_circle_of_merges_ends(work: Work) -> None:
    first = mail("one@acme.test", "One", "Hello.")
    work.arrive(bytes(first), sender="one@acme.test")
    work.take_in()
    _send(work, "two@acme.test", "Two")
    _merge(work, 1, 2)
    _merge(work, 2, 1)

    again = _send(work, "one@acme.test", "Re: One", In_Reply_To=first["Message-ID"])

    assert again.fate == "reply"


def test_signed_address_wins_and_the_contradiction_is_noted(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer")
    _send(work, "carol@acme.test", "Screen")
    first, second = work.notices("carol@acme.test")

    answer = first.answer(
        "Which one?",
        From="carol@acme.test",
        Subject=f"Re: {second['Subject']}",
        In_Reply_To=second["Message-ID"],
        References=second["References"],
    )
    work.arrive(bytes(answer), sender="carol@acme.test", recipients=(first.reply_to,))
    work.take_in()

    assert work.rows(inbox)[-1].ticket == 1
    [event] = _events(work, "conflict")
    assert event.ticket == 1
    assert event.data["others"] == [
        {"by": "message-id", "ticket": 2},
        {"by": "reference", "ticket": 2},
        {"by": "subject", "ticket": 2},
    ]


def test_ordinary_answer_contradicts_nothing(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer")
    [ack] = work.notices("carol@acme.test")

    work.arrive(
        bytes(ack.answer("More.", From="carol@acme.test")),
        sender="carol@acme.test",
        recipients=(ack.reply_to,),
    )
    work.take_in()

    assert work.rows(inbox)[-1].ticket == 1
    assert not _events(work, "conflict")


def test_new_matter_in_an_old_thread_keeps_the_title_and_is_noted(work: Work) -> None:
    first = mail("carol@acme.test", "Printer", "Hello.")
    work.arrive(bytes(first), sender="carol@acme.test")
    work.take_in()

    again = _send(work, "carol@acme.test", "My VPN", In_Reply_To=first["Message-ID"])

    assert (again.fate, again.ticket) == ("reply", 1)
    assert [row.subject for row in work.rows(tickets)] == ["Printer"]
    assert [row.data["subject"] for row in _events(work, "message")] == ["My VPN"]


@pytest.mark.parametrize("subject", ["RE: Printer", "AW: [EXT] Printer", "Re: Printer (solved?)"])
def test_decoration_is_no_new_matter(work: Work, subject: str) -> None:
    first = mail("carol@acme.test", "Printer", "Hello.")
    work.arrive(bytes(first), sender="carol@acme.test")
    work.take_in()

    _send(work, "carol@acme.test", subject, In_Reply_To=first["Message-ID"])

    assert all("subject" not in row.data for row in _events(work, "message"))


def test_storm_of_answers_to_all_before_our_first_is_one_ticket(work: Work) -> None:
    crowd = [f"c{number}@acme.test" for number in range(8)]
    first = mail("carol@acme.test", "Who has it?", "The projector?", Cc=", ".join(crowd))
    parents = [first]
    for number, who in enumerate(crowd):
        near = parents[number // 2]
        references = f"{first['Message-ID']} {near['Message-ID']}"
        parents.append(
            mail(
                who,
                "Re: Who has it?",
                f"Not me, {number}.",
                To=f"carol@acme.test, {', '.join(crowd)}",
                Cc="help@desk.test",
                In_Reply_To=near["Message-ID"],
                References=references,
            )
        )
    for one in [*reversed(parents[1:]), first]:
        work.arrive(bytes(one), sender=one["From"])
    for _ in range(3):
        work.take_in()
        work.clock.advance(timedelta(seconds=2))

    assert len(work.rows(tickets)) == 1
    assert len(work.rows(messages)) == 9
    acks = [row.recipient for row in work.rows(outbox) if row.kind == "acknowledgement"]
    assert len(acks) == 1


def test_answer_long_after_the_end_is_a_follow_up(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer")
    [ack] = work.notices("carol@acme.test")
    _close(work, 1)
    work.clock.advance(timedelta(days=15))

    work.arrive(
        bytes(ack.answer("Again!", From="carol@acme.test")),
        sender="carol@acme.test",
        recipients=(ack.reply_to,),
    )
    work.take_in()

    assert [row.state for row in work.rows(tickets)] == ["closed", "new"]
    [event] = _events(work, "linked")
    assert event.data == {"relation": "follow-up-of", "ticket": 1}
    told = work.notices("carol@acme.test")[-1]
    assert (told.number, "#1 was closed" in told.text, "#2" in told.text) == (2, True, True)
    assert work.rows(tickets)[1].subject == "Printer"
    assert "[#1]" not in told["Subject"]


def test_automatic_answer_reopens_nothing(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer")
    [ack] = work.notices("carol@acme.test")
    _close(work, 1)

    away = ack.answer(
        "I am away until 9 March 2026.", From="carol@acme.test", Auto_Submitted="auto-replied"
    )
    work.arrive(bytes(away), sender="carol@acme.test", recipients=(ack.reply_to,))
    work.take_in()

    assert work.rows(inbox)[-1].fate == "automatic"
    assert [row.state for row in work.rows(tickets)] == ["closed"]
    [event] = _events(work, "away")
    assert event.data == {"address": "carol@acme.test", "until": "2026-03-09"}


def test_mail_to_two_of_our_addresses_is_one_ticket_that_knows_both(work: Work) -> None:
    made = mail("carol@acme.test", "Printer", "Hello.", To="help@desk.test, it@desk.test")
    work.arrive(bytes(made), recipients=("help@desk.test",), key="one")
    work.arrive(bytes(made), recipients=("it@desk.test",), key="two")
    work.take_in()

    assert [row.fate for row in work.rows(inbox)] == ["ticket", "duplicate"]
    assert [row.data["addresses"] for row in _events(work, "referred")] == [["it@desk.test"]]


def test_ticket_knows_the_other_address_whichever_copy_came_first(work: Work) -> None:
    made = mail("carol@acme.test", "Printer", "Hello.", To="help@desk.test, it@desk.test")
    work.arrive(bytes(made), recipients=("it@desk.test",), key="two")
    work.arrive(bytes(made), recipients=("help@desk.test",), key="one")
    work.take_in()

    addresses = [row.data["addresses"] for row in _events(work, "referred")]
    assert addresses == [["it@desk.test"], ["help@desk.test"]]


def test_second_copy_of_a_merged_tickets_mail_refers_to_where_it_went(work: Work) -> None:
    made = mail("carol@acme.test", "Printer", "Hello.", To="help@desk.test, it@desk.test")
    work.arrive(bytes(made), recipients=("help@desk.test",), key="one")
    work.take_in()
    _send(work, "dan@acme.test", "Printer, too")
    _merge(work, 1, 2)

    work.arrive(bytes(made), recipients=("it@desk.test",), key="two")
    work.take_in()

    assert (work.rows(inbox)[-1].fate, work.rows(inbox)[-1].ticket) == ("duplicate", 2)
    assert [row.ticket for row in _events(work, "referred")] == [2]


def test_one_envelope_for_two_of_our_addresses_refers_both(work: Work) -> None:
    _send(work, "carol@acme.test", "Printer", recipients=("help@desk.test", "it@desk.test"))

    assert [row.data["addresses"] for row in _events(work, "referred")] == [
        ["help@desk.test", "it@desk.test"]
    ]
