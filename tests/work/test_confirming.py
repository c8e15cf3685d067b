"""Hold and confirm: what a forger gets, what an agent has to do, and for how long it holds."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from daemon.store import inbox as arrivals
from daemon.store.tables import confirmations, events, inbox, messages, outbox, tickets
from tests.servers.desk import Notice, mail
from tests.servers.sink import Received
from tests.work.conftest import Work

#: Neither loopback nor a relay of ours: a road by which nobody checks.
WORLD = {"trusted": False, "peer": "192.0.2.9"}


def notices(work: Work, kind: str) -> list[Notice]:
    """Every mail of that kind that was decided, as its recipient reads it."""
    return [
        Notice(
            Received(
                sender=row.sender, recipients=(row.recipient,), raw=row.raw, at=0, connection=1,
                is_acknowledged=True, is_encrypted=False, user="", mail_options=(),
            )
        )
        for row in work.rows(outbox)
        if row.kind == kind
    ]  # fmt: skip


def arrive(work: Work, made: EmailMessage, to: str, **envelope: Any) -> Any:
    """Hand a mail over and take it in; its row of the ledger."""
    values = {"sender": "", "recipients": (to,), **WORLD, **envelope}
    row_id = work.arrive(made.as_bytes(policy=policy.SMTP), **values)
    work.take_in()
    return next(row for row in work.rows(inbox) if row.id == row_id)


@pytest.fixture
def told(work: Work) -> Notice:
    """What Ann got about a new ticket."""
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()
    return next(
        notice
        for notice in notices(work, "new_ticket")
        if notice.received.recipients == ("ann@desk.test",)
    )


def answer(told: Notice, text: str, who: str = "Ann <ann@desk.test>") -> EmailMessage:
    return told.answer(text, From=who)


def state(work: Work) -> str:
    return str(work.rows(tickets)[0].state)


def test_unproven_agent_is_held_and_asked_at_his_registered_address(
    work: Work, told: Notice
) -> None:
    row = arrive(work, answer(told, "/resolve\nDone."), told.reply_to)

    assert (row.state, row.fate, row.ticket) == ("held", "asked", 1)
    assert "ann" in row.error
    assert state(work) == "new"
    assert [each.text.strip() for each in work.rows(messages)] == ["Broken."]
    [question] = notices(work, "confirm")
    assert question.received.recipients == ("ann@desk.test",)
    assert question.received.sender == ""
    assert "Done." in question.text
    assert question.reply_to != told.reply_to
    assert not notices(work, "resolution")
    assert [each.kind for each in work.rows(events)][-1] == "asked"


@pytest.mark.parametrize("word", ["/ok", "Yes.", "Ja!", "네", "OK!\nAnn"])
def test_one_answer_does_it(work: Work, told: Notice, word: str) -> None:
    held = arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    [question] = notices(work, "confirm")

    yes = arrive(work, answer(question, word), question.reply_to)

    assert yes.fate == "confirmation"
    assert state(work) == "resolved"
    [resolution] = notices(work, "resolution")
    assert "Done." in resolution.text
    done = next(row for row in work.rows(inbox) if row.id == held.id)
    assert (done.state, done.fate, done.authority) == ("done", "reply", "agent")
    assert "answered that it is his" in work.rows(messages)[-1].proof


def test_answer_counts_once(work: Work, told: Notice) -> None:
    arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    [question] = notices(work, "confirm")
    arrive(work, answer(question, "/ok"), question.reply_to)

    again = arrive(work, answer(question, "yes"), question.reply_to)

    assert again.fate == "confirmation"
    assert len(notices(work, "resolution")) == 1


def test_message_id_carries_the_question_where_plus_addresses_are_lost(
    work: Work, told: Notice
) -> None:
    arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    [question] = notices(work, "confirm")

    arrive(work, answer(question, "/ok"), "help@desk.test")

    assert state(work) == "resolved"


def test_no_drops_it_and_warns_the_admins(work: Work, told: Notice) -> None:
    held = arrive(work, answer(told, "/resolve\nHa."), told.reply_to)
    [question] = notices(work, "confirm")

    arrive(work, answer(question, "No!"), question.reply_to)

    [row] = [each for each in work.rows(inbox) if each.id == held.id]
    assert row.state == "dropped"
    assert state(work) == "new"
    [alarm] = notices(work, "alarm")
    assert "in the name of Ann Agent" in alarm["Subject"] + alarm.text


def test_other_words_are_asked_about_again(work: Work, told: Notice) -> None:
    arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    [first] = notices(work, "confirm")

    arrive(work, answer(first, "What is this?"), first.reply_to)
    second = notices(work, "confirm")[-1]
    arrive(work, answer(first, "/ok"), first.reply_to)
    before = state(work)
    arrive(work, answer(second, "/ok"), second.reply_to)

    assert before == "new"
    assert state(work) == "resolved"


def test_question_grows_old_and_is_asked_anew(work: Work, told: Notice) -> None:
    arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    [first] = notices(work, "confirm")
    work.clock.advance(timedelta(minutes=16))

    arrive(work, answer(first, "/ok"), first.reply_to)
    before = state(work)
    second = notices(work, "confirm")[-1]
    arrive(work, answer(second, "/ok"), second.reply_to)

    assert before == "new"
    assert state(work) == "resolved"


@pytest.mark.parametrize(
    "changed",
    [
        {"From": "mallory@evil.test"},
        {"From": "bo@desk.test"},
        {"From": "Ann <ann@desk.test>, x@evil.test"},
        {"From": "ann@desk.test", "Auto-Submitted": "auto-replied"},
    ],
    ids=["stranger", "colleague", "two", "robot"],
)
def test_only_his_own_answer_counts(work: Work, told: Notice, changed: dict[str, str]) -> None:
    arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    [question] = notices(work, "confirm")
    made = question.answer("/ok")
    for name, value in changed.items():
        del made[name]
        made[name] = value

    arrive(work, made, question.reply_to)

    assert state(work) == "new"


def test_answer_to_a_later_notice_of_the_thread_is_no_answer_to_the_question(
    work: Work, told: Notice
) -> None:
    arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    [question] = notices(work, "confirm")
    made = answer(told, "Another thing.")
    made.replace_header("References", f"{question['Message-ID']} {told['Message-ID']}")

    row = arrive(work, made, told.reply_to)

    assert row.fate == "asked"


def test_path_that_was_confirmed_is_remembered_for_a_while(work: Work, told: Notice) -> None:
    arrive(work, answer(told, "/take"), told.reply_to)
    [question] = notices(work, "confirm")
    arrive(work, answer(question, "/ok"), question.reply_to)

    same = arrive(work, answer(told, "First words."), told.reply_to)
    other = arrive(work, answer(told, "Second words."), told.reply_to, peer="198.51.100.1")
    colleague = arrive(work, answer(told, "Third words.", who="bo@desk.test"), told.reply_to)
    work.clock.advance(timedelta(hours=13))
    late = arrive(work, answer(told, "Fourth words."), told.reply_to)

    assert (same.fate, same.state) == ("reply", "done")
    assert (other.fate, late.fate) == ("asked", "asked")
    assert colleague.fate == "unverified"


def test_everybodys_road_is_never_remembered(work: Work, told: Notice) -> None:
    arrive(work, answer(told, "/take"), told.reply_to, peer="127.0.0.1")
    [question] = notices(work, "confirm")
    arrive(work, answer(question, "/ok"), question.reply_to, peer="127.0.0.1")

    row = arrive(work, answer(told, "More words."), told.reply_to, peer="127.0.0.1")

    assert row.fate == "asked"


def test_forger_who_writes_often_is_held_in_silence(work: Work, told: Notice) -> None:
    rows = [
        arrive(work, answer(told, f"/resolve\nHa {number}."), told.reply_to) for number in range(9)
    ]

    assert {row.state for row in rows} == {"held"}
    assert len(notices(work, "confirm")) == 5
    assert len(notices(work, "alarm")) == 1


def test_admin_who_releases_a_held_mail_lets_it_be_asked_again(work: Work, told: Notice) -> None:
    row = arrive(work, answer(told, "/resolve\nDone."), told.reply_to)
    with work.store.begin() as tx:
        assert arrivals.release(tx, row.id, now=work.clock.now())

    work.take_in()

    assert state(work) == "new"
    assert len(notices(work, "confirm")) == 2


def test_question_names_no_more_than_the_mail(work: Work, told: Notice) -> None:
    arrive(work, answer(told, "/resolve\nDone."), told.reply_to)

    [row] = work.rows(confirmations)
    assert (row.agent, row.path, row.state) == ("ann", "peer:192.0.2.9", "waiting")
    [raw] = [notice.received.raw for notice in notices(work, "confirm")]
    assert json.dumps(message_from_bytes(raw)["To"]).count("@") == 1


CONTROL = "help+desk@desk.test"


def _tickets(work: Work, count: int) -> None:
    for number in range(count):
        work.arrive(bytes(mail(f"c{number}@acme.test", f"Chair {number}", f"Broken {number}.")))
    work.take_in()


def _owners(work: Work) -> list[str]:
    return [row.owner for row in work.rows(tickets)]


def test_many_tickets_at_once_are_done_after_a_yes(work: Work) -> None:
    _tickets(work, 6)
    wide = mail("ann@desk.test", "Mine", "#1 #2 #3 #4 #5 #6 /take")

    row = arrive(work, wide, CONTROL, trusted=True)
    before = _owners(work)
    [question] = notices(work, "confirm")
    arrive(work, answer(question, "/ok"), question.reply_to)

    assert (row.state, row.fate) == ("held", "asked")
    assert before == [""] * 6
    assert "6 tickets at once" in question.text
    assert _owners(work) == ["ann"] * 6


def test_few_tickets_are_done_at_once(work: Work) -> None:
    _tickets(work, 2)

    row = arrive(work, mail("ann@desk.test", "Mine", "#1 #2 /take"), CONTROL, trusted=True)

    assert row.fate == "command"
    assert _owners(work) == ["ann", "ann"]


def test_unproven_control_mail_is_asked_about(work: Work) -> None:
    _tickets(work, 1)

    row = arrive(work, mail("ann@desk.test", "Mine", "#1 /take"), CONTROL)
    before = _owners(work)
    [question] = notices(work, "confirm")
    arrive(work, answer(question, "/ok"), question.reply_to)

    assert (row.state, row.fate, row.ticket) == ("held", "asked", None)
    assert (before, _owners(work)) == ([""], ["ann"])


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("/cc +spy@evil.test", True),
        ("/cc +dan@acme.test", False),
        ("/cc +bo@desk.test", False),
        ("/for spy@evil.test", True),
        ("/merge #2", True),
        ("/note\nJust words.", False),
    ],
)
def test_what_weighs_much_is_asked_about(
    work: Work, told: Notice, text: str, *, is_asked: bool
) -> None:
    work.arrive(bytes(mail("dan@acme.test", "Another", "Broken too.")))
    work.take_in()
    arrive(work, mail("bo@desk.test", "Mine", "#2 /take"), CONTROL, trusted=True)

    row = arrive(work, answer(told, text), told.reply_to, trusted=True)

    assert (row.fate == "asked") is is_asked
    assert len(notices(work, "confirm")) == int(is_asked)
