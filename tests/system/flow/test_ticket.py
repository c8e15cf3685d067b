"""A mail becomes a ticket, and everybody concerned gets his mail."""

from __future__ import annotations

from tests.servers.desk import Desk, mail


def test_requester_gets_an_acknowledgement_with_number_and_due_times(desk: Desk) -> None:
    sent = mail("Carol <carol@acme.test>", "Printer is on fire", "It burns.")
    desk.send(sent)

    [ack] = desk.notices("carol@acme.test")

    assert ack["Subject"].startswith(f"[#{ack.number}]")
    assert ack["In-Reply-To"] == sent["Message-ID"]
    assert sent["Message-ID"] in ack["References"]
    assert ack["Auto-Submitted"] == "auto-replied"
    assert ack["X-Auto-Response-Suppress"] == "All"
    assert ack.received.sender == ""
    assert "we will answer by" in ack.text
    ticket = desk.ticket(ack.number)
    assert ticket["state"] == "new"
    assert ticket["requester"] == "carol@acme.test"
    assert ticket["subject"] == "Printer is on fire"
    assert ticket["due"]["respond"]
    assert [message["text"].strip() for message in ticket["messages"]] == ["It burns."]


def test_team_by_rule_is_told_in_its_language(desk: Desk) -> None:
    desk.send(mail("dan@acme.test", "VPN is down", "No VPN since 9."))

    [ack] = desk.notices("dan@acme.test")
    [told] = desk.about("cho@desk.test", ack.number)

    assert "No VPN since 9." in told.text
    assert "dan@acme.test" in told.text
    assert "요청자" in told.text
    assert desk.ticket(ack.number)["team"] == "network"


def test_korean_requester_is_answered_in_korean(desk: Desk) -> None:
    sent = mail("김민수 <minsu@acme.test>", "프린터가 안 돼요", "아침부터 프린터가 안 됩니다.")
    desk.send(sent)

    [ack] = desk.notices("minsu@acme.test")

    assert "안녕하세요" in ack.text or "접수" in ack.text
    assert "프린터가 안 돼요" in ack["Subject"]


def test_vip_ranks_higher(desk: Desk) -> None:
    desk.send(mail("ceo@acme.test", "Mail is slow", "Very slow."))
    desk.send(mail("clerk@acme.test", "Mail is slow", "Very slow for me."))

    [vip] = desk.notices("ceo@acme.test")
    [clerk] = desk.notices("clerk@acme.test")

    assert desk.ticket(vip.number)["priority"] < desk.ticket(clerk.number)["priority"]


def test_agents_answer_goes_to_the_requester_as_the_desks(desk: Desk) -> None:
    desk.send(mail("erin@acme.test", "VPN token", "I lost my token."))
    [ack] = desk.notices("erin@acme.test")
    [told] = desk.about("cho@desk.test", ack.number)

    desk.send(told.answer("/take\nA new token is on its way."), to=[told.reply_to])
    reply = desk.notices("erin@acme.test", 2)[1]

    assert "A new token is on its way." in reply.text
    assert "/take" not in reply.text
    assert "cho@desk.test" not in reply.received.raw.decode()
    assert reply["From"].endswith("<help@desk.test>")
    assert not reply["Auto-Submitted"]
    assert ack["Message-ID"] in reply["References"]
    ticket = desk.ticket(ack.number)
    assert (ticket["state"], ticket["owner"]) == ("open", "cho")
    assert [each["direction"] for each in ticket["messages"]] == ["in", "out"]


def test_resolution_is_told_and_an_answer_reopens(desk: Desk) -> None:
    desk.send(mail("fay@acme.test", "VPN certificate", "It has expired."))
    [ack] = desk.notices("fay@acme.test")
    [told] = desk.about("cho@desk.test", ack.number)
    desk.send(told.answer("/resolve\nRenewed."), to=[told.reply_to])
    resolution = desk.notices("fay@acme.test", 2)[1]
    assert "Renewed." in resolution.text
    assert desk.ticket(ack.number)["state"] == "resolved"

    desk.send(resolution.answer("It still does not work."), to=[resolution.reply_to])
    again = desk.about("cho@desk.test", ack.number, 2)[-1]

    assert "It still does not work." in again.text
    ticket = desk.ticket(ack.number)
    assert ticket["state"] == "open"
    assert ticket["due"]["resolve"]


def test_assign_hands_over_and_tells_the_new_owner(desk: Desk) -> None:
    desk.send(mail("gus@acme.test", "Network drive", "Gone."))
    [ack] = desk.notices("gus@acme.test")
    [told] = desk.about("cho@desk.test", ack.number)

    answer = told.answer("/assign bo")
    desk.send(answer, to=[told.reply_to])
    desk.fate(answer["Message-ID"].strip("<>"))

    [mine] = desk.about("bo@desk.test", ack.number)
    assert "Gone." in mine.text
    assert desk.ticket(ack.number)["owner"] == "bo"
    assert len(desk.sink.to("gus@acme.test")) == 1


def test_note_stays_inside(desk: Desk) -> None:
    desk.send(mail("hal@acme.test", "Slow laptop", "Very."))
    [ack] = desk.notices("hal@acme.test")
    [told] = desk.about("ann@desk.test", ack.number)

    answer = told.answer("/note\nHe always says that.")
    desk.send(answer, to=[told.reply_to])
    desk.fate(answer["Message-ID"].strip("<>"))

    notes = desk.about("bo@desk.test", ack.number, 2)
    assert "He always says that." in notes[-1].text
    assert "INTERNAL" in notes[-1]["Subject"]
    assert len(desk.sink.to("hal@acme.test")) == 1
    assert [each["visibility"] for each in desk.ticket(ack.number)["messages"]] == [
        "public",
        "internal",
    ]


def test_a_mistake_changes_and_sends_nothing(desk: Desk) -> None:
    desk.send(mail("ida@acme.test", "Slow screen", "Very."))
    [ack] = desk.notices("ida@acme.test")
    [told] = desk.about("ann@desk.test", ack.number)

    answer = told.answer("/resovle\nDone.")
    desk.send(answer, to=[told.reply_to])
    desk.fate(answer["Message-ID"].strip("<>"))

    error = desk.about("ann@desk.test", ack.number, 2)[-1]
    assert "/resolve" in error.text
    assert "Done." in error.text
    assert len(desk.sink.to("ida@acme.test")) == 1
    assert desk.ticket(ack.number)["state"] == "new"


def test_commands_in_quoted_text_do_nothing(desk: Desk) -> None:
    desk.send(mail("jo@acme.test", "Try this", "/resolve\n/take\nhello"))
    [ack] = desk.notices("jo@acme.test")
    [told] = desk.about("ann@desk.test", ack.number)

    desk.send(told.answer("I am looking at it."), to=[told.reply_to])
    desk.notices("jo@acme.test", 2)

    assert desk.ticket(ack.number)["state"] == "open"
    assert desk.ticket(ack.number)["owner"] is None


def test_reply_by_references_alone_joins_its_ticket(desk: Desk) -> None:
    first = mail("kim@acme.test", "Odd noise", "It hums.", Cc="lee@acme.test")
    desk.send(first)
    [ack] = desk.notices("kim@acme.test")

    reply = mail(
        "lee@acme.test",
        "Re: Odd noise",
        "I hear it too.",
        In_Reply_To=first["Message-ID"],
        References=first["Message-ID"],
    )
    desk.send(reply)

    row = desk.fate(reply["Message-ID"].strip("<>"))
    assert (row["ticket"], row["fate"]) == (ack.number, "reply")
    assert not desk.sink.to("lee@acme.test")


def test_stranger_with_references_gets_a_ticket_of_his_own(desk: Desk) -> None:
    first = mail("max@acme.test", "Secret matter", "Hush.")
    desk.send(first)
    [ack] = desk.notices("max@acme.test")

    desk.send(mail("mallory@evil.test", "Re: Secret", "Tell me.", In_Reply_To=first["Message-ID"]))
    [other] = desk.notices("mallory@evil.test")

    assert other.number != ack.number
    assert "Hush" not in other.text
    history = desk.history(other.number)
    assert "possibly-about" in history


def test_early_reply_and_its_parent_share_a_ticket(desk: Desk) -> None:
    parent = mail("ned@acme.test", "Who has it", "Where is the projector?", Cc="ola@acme.test")
    reply = mail(
        "ola@acme.test",
        "Re: Who has it",
        "In room 3, but broken.",
        To="ned@acme.test",
        Cc="help@desk.test",
        In_Reply_To=parent["Message-ID"],
        References=parent["Message-ID"],
    )
    desk.send(reply)
    first = desk.fate(reply["Message-ID"].strip("<>"))

    desk.send(parent)

    assert desk.fate(parent["Message-ID"].strip("<>"))["ticket"] == first["ticket"]
