"""Who may do what: a signed address, one strict From, and a road that checks senders."""

from __future__ import annotations

from tests.servers.desk import Desk, Notice, mail


def _opened(desk: Desk, who: str) -> tuple[Notice, Notice]:
    """A ticket's acknowledgement and the notice to agent Ann."""
    desk.send(mail(who, "Broken chair", "It broke."))
    [ack] = desk.notices(who)
    [told] = desk.about("ann@desk.test", ack.number)
    return ack, told


def test_agent_by_an_unchecked_road_is_held_until_he_answers(desk: Desk) -> None:
    ack, told = _opened(desk, "a1@acme.test")

    answer = told.answer("/resolve\nAll done, bye.")
    desk.send(answer, to=[told.reply_to], is_checked=False)

    row = desk.fate(answer["Message-ID"].strip("<>"))
    assert (row["state"], row["fate"]) == ("held", "asked")
    assert desk.ticket(ack.number)["state"] == "new"
    assert len(desk.sink.to("a1@acme.test")) == 1
    question = desk.about("ann@desk.test", ack.number, 2)[-1]
    assert "All done, bye." in question.text

    desk.send(question.answer("/ok"), to=[question.reply_to], is_checked=False)

    assert "All done, bye." in desk.notices("a1@acme.test", 2)[1].text
    assert desk.ticket(ack.number)["state"] == "resolved"
    assert desk.ticket(ack.number)["messages"][-1]["proof"] == "ann answered that it is his"


def test_agents_address_in_a_strangers_hands_has_no_effect(desk: Desk) -> None:
    ack, told = _opened(desk, "a2@acme.test")

    answer = told.answer("/resolve\nHa.", From="mallory@evil.test")
    desk.send(answer, to=[told.reply_to])

    assert desk.fate(answer["Message-ID"].strip("<>"))["fate"] == "unverified"
    assert desk.ticket(ack.number)["state"] == "new"
    assert len(desk.sink.to("a2@acme.test")) == 1


def test_agents_name_without_the_signed_address_is_a_requester(desk: Desk) -> None:
    ack, _ = _opened(desk, "a3@acme.test")

    forged = mail("ann@desk.test", f"Re: [#{ack.number}] Broken chair", "/resolve\nClose it.")
    desk.send(forged, is_checked=False)

    row = desk.fate(forged["Message-ID"].strip("<>"))
    assert row["ticket"] != ack.number
    assert desk.ticket(ack.number)["state"] == "new"


def test_two_from_fields_prove_nothing(desk: Desk) -> None:
    ack, told = _opened(desk, "a4@acme.test")

    raw = bytes(told.answer("/resolve\nDone."))
    desk.send(b"From: ann@desk.test\r\n" + raw, to=[told.reply_to], sender="ann@desk.test")

    answer = told.answer("x")["In-Reply-To"]
    assert answer
    assert desk.about("ann@desk.test", ack.number, 2)[-1].text
    assert desk.ticket(ack.number)["state"] == "new"
    assert len(desk.sink.to("a4@acme.test")) == 1


def test_altered_token_opens_a_ticket_of_its_own(desk: Desk) -> None:
    ack, told = _opened(desk, "a5@acme.test")
    local, _, domain = told.reply_to.partition("@")
    altered = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"

    sent = mail("ann@desk.test", "Re: chair", "/resolve\nDone.", To=altered)
    desk.send(sent, to=[altered])

    row = desk.fate(sent["Message-ID"].strip("<>"))
    assert row["ticket"] != ack.number
    assert desk.ticket(ack.number)["state"] == "new"


def test_requester_with_his_signed_address_needs_no_checked_road(desk: Desk) -> None:
    ack, _ = _opened(desk, "a6@acme.test")

    answer = ack.answer("One leg, to be exact.")
    desk.send(answer, to=[ack.reply_to], is_checked=False)

    assert desk.fate(answer["Message-ID"].strip("<>"))["fate"] == "reply"
    assert desk.ticket(ack.number)["messages"][-1]["visibility"] == "public"


def test_message_id_proves_where_plus_addresses_are_lost(desk: Desk) -> None:
    ack, told = _opened(desk, "a7@acme.test")

    answer = told.answer("/take\nOn my way.", To="help@desk.test")
    desk.send(answer)

    assert "On my way." in desk.notices("a7@acme.test", 2)[1].text
    assert desk.ticket(ack.number)["owner"] == "ann"


def test_stranger_is_acknowledged_without_his_own_words(desk: Desk) -> None:
    desk.send(mail("a8@elsewhere.test", "Buy pills now", "Cheap."), is_checked=False)

    [ack] = desk.notices("a8@elsewhere.test")

    assert "pills" not in ack["Subject"]
    assert "pills" not in ack.received.raw.decode()
