"""Whose thread and who it is, through the sockets: watchers, forwards, absences."""

from __future__ import annotations

from tests.servers.desk import Desk, mail
from tests.unit.mail.test_forward import THUNDERBIRD


def test_watcher_reads_along_and_answers(desk: Desk) -> None:
    desk.send(mail("w1@acme.test", "Loud fan", "It roars.", Cc="w2@acme.test, w3@evil.test"))
    [ack] = desk.notices("w1@acme.test")
    [told] = desk.about("ann@desk.test", ack.number)
    desk.send(told.answer("A new fan is on its way."), to=[told.reply_to])
    [copy] = desk.notices("w2@acme.test")

    answer = copy.answer("It is here.", From="w2@acme.test")
    desk.send(answer, to=[copy.reply_to], is_checked=False)

    row = desk.fate(answer["Message-ID"].strip("<>"))
    assert (row["ticket"], row["fate"]) == (ack.number, "reply")
    ticket = desk.ticket(ack.number)
    assert (ticket["watchers"], ticket["proposed"]) == (["w2@acme.test"], ["w3@evil.test"])
    assert copy.reply_to != desk.notices("w1@acme.test", 2)[1].reply_to
    assert not desk.sink.to("w3@evil.test")


def test_agents_forward_is_the_users_ticket(desk: Desk) -> None:
    text = THUNDERBIRD.replace("carol@acme.test", "w4@acme.test")
    desk.send(mail("ann@desk.test", "Fwd: Printer", text))

    [ack] = desk.notices("w4@acme.test")
    ticket = desk.ticket(ack.number)
    assert (ticket["requester"], ticket["subject"]) == ("w4@acme.test", "Printer")
    assert [each["visibility"] for each in ticket["messages"]] == ["public", "internal"]

    answer = ack.answer("It still burns.", From="w4@acme.test")
    desk.send(answer, to=[ack.reply_to], is_checked=False)
    assert desk.fate(answer["Message-ID"].strip("<>"))["ticket"] == ack.number


def test_absence_is_shown_and_wakes_nobody(desk: Desk) -> None:
    desk.send(mail("w5@acme.test", "Dim screen", "Very."))
    [ack] = desk.notices("w5@acme.test")
    [told] = desk.about("ann@desk.test", ack.number)
    desk.send(told.answer("/resolve\nReplaced."), to=[told.reply_to])
    resolution = desk.notices("w5@acme.test", 2)[1]

    away = resolution.answer("I am away.", From="w5@acme.test", Auto_Submitted="auto-replied")
    desk.send(away, to=[resolution.reply_to])

    assert desk.fate(away["Message-ID"].strip("<>"))["fate"] == "automatic"
    ticket = desk.ticket(ack.number)
    assert (ticket["state"], ticket["away"]) == ("resolved", {"w5@acme.test": None})
