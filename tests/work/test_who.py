"""Who somebody is: several addresses, forms, groups in front of the desk, roles and lists."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.store import listing, people
from daemon.store.tables import events, inbox, outbox, tickets
from tests.servers.desk import mail
from tests.work.conftest import Work

CAROL = """\
people:
  carol:
    full_name: Carol Kim
    addresses: [carol@acme.test, carol@home.test]
"""


def _send(work: Work, sender: str, subject: str, text: str = "Hello.", **fields: Any) -> None:
    envelope = {key: fields.pop(key) for key in ("trusted", "recipients") if key in fields}
    work.arrive(bytes(mail(sender, subject, text, **fields)), sender=sender, **envelope)
    work.take_in()


def _requesters(work: Work) -> list[str]:
    with work.store.read() as tx:
        found = (listing.ticket(tx, row.number) for row in work.rows(tickets))
        return [each.requester for each in found if each]


def test_second_address_is_the_same_person(work: Work) -> None:
    work.knows(CAROL)
    _send(work, "carol@acme.test", "One")
    _send(work, "Carol@Home.test", "Two")

    assert _requesters(work) == ["carol@acme.test"] * 2
    assert len({row.requester for row in work.rows(tickets)}) == 1


def test_two_who_turn_out_to_be_one_are_united(work: Work) -> None:
    _send(work, "carol@home.test", "One")
    _send(work, "carol@acme.test", "Two")
    assert _requesters(work) == ["carol@home.test", "carol@acme.test"]
    [ack] = work.notices("carol@home.test")

    work.knows(CAROL)
    answer = ack.answer("One more thing.", From="carol@acme.test")
    work.arrive(bytes(answer), sender="carol@acme.test", recipients=(ack.reply_to,), trusted=False)
    work.take_in()

    assert work.rows(inbox)[-1].fate == "reply"
    assert _requesters(work) == ["carol@acme.test"] * 2
    with work.store.read() as tx:
        first, second = work.rows(tickets)
        assert people.are_same(tx, first.requester, second.requester)
        assert people.get(tx, first.requester).addresses == ("carol@acme.test", "carol@home.test")


def test_who_is_not_named_as_one_stays_two(work: Work) -> None:
    _send(work, "carol@home.test", "One")
    [ack] = work.notices("carol@home.test")

    answer = ack.answer("One more thing.", From="carol@acme.test")
    work.arrive(bytes(answer), sender="carol@acme.test", recipients=(ack.reply_to,))
    work.take_in()

    assert work.rows(inbox)[-1].fate == "unverified"


def test_answer_goes_where_he_wrote_from(work: Work) -> None:
    work.knows(CAROL)
    _send(work, "carol@home.test", "From home")
    [told] = [one for one in work.notices("ann@desk.test") if one.number == 1]

    work.arrive(bytes(told.answer("Done.")), sender="ann@desk.test", recipients=(told.reply_to,))
    work.take_in()

    assert [row.recipient for row in work.rows(outbox) if row.kind == "public_reply"] == [
        "carol@home.test"
    ]


def test_whoever_called_is_answered_at_his_own_address_not_his_agents(work: Work) -> None:
    _send(work, "ann@desk.test", "Chair", text="/for carol@acme.test\n/via phone\nIt broke.")
    [told] = work.notices("bo@desk.test")

    work.arrive(bytes(told.answer("Done.")), sender="bo@desk.test", recipients=(told.reply_to,))
    work.take_in()

    assert [row.recipient for row in work.rows(outbox) if row.kind == "public_reply"] == [
        "carol@acme.test"
    ]


def test_extension_is_the_same_mailbox_by_rule_only(work: Work) -> None:
    work.knows("plus_addresses: [acme.test]\n")
    for sender in ("dan@acme.test", "dan+vpn@acme.test", "dan@else.test", "dan+vpn@else.test"):
        _send(work, sender, f"From {sender}")

    assert _requesters(work) == [
        "dan@acme.test",
        "dan@acme.test",
        "dan@else.test",
        "dan+vpn@else.test",
    ]


def test_form_opens_the_ticket_of_whoever_filled_it_in(work: Work) -> None:
    work.knows("forms: [form@web.test]\n")
    _send(
        work,
        "form@web.test",
        "New request",
        "The printer burns.",
        Reply_To="Dan <dan@acme.test>",
        Auto_Submitted="auto-generated",
    )

    assert _requesters(work) == ["dan@acme.test"]
    [ack] = work.notices("dan@acme.test")
    assert "New request" not in ack["Subject"], "anybody can fill in a form in his name"
    [event] = [row for row in work.rows(events) if row.kind == "created"]
    assert event.data["named_by"] == "Reply-To of a form"


def test_reply_to_of_others_names_nobody(work: Work) -> None:
    _send(work, "dan@acme.test", "Hello", Reply_To="mallory@evil.test")

    assert _requesters(work) == ["dan@acme.test"]


def test_group_in_front_of_the_desk_is_no_list(work: Work) -> None:
    _send(
        work,
        "'Dan' via Help <help@desk.test>",
        "Printer",
        X_Original_From="Dan <dan@acme.test>",
        List_ID="<help.desk.test>",
        Precedence="list",
    )

    assert _requesters(work) == ["dan@acme.test"]
    assert len(work.notices("dan@acme.test")) == 1


@pytest.mark.parametrize(
    "sender", ["postmaster@acme.test", "users-request@lists.test", "all@acme.test"]
)
def test_role_or_list_is_never_acknowledged(work: Work, sender: str) -> None:
    work.knows("lists: [all@acme.test]\n")
    _send(work, sender, "Hello")

    assert len(work.rows(tickets)) == 1
    assert not work.notices(sender)


def test_address_beyond_ascii_is_a_person(work: Work) -> None:
    raw = (
        "From: 김민수 <민수@한국.kr>\r\nTo: help@desk.test\r\nSubject: 프린터\r\n"
        "Message-ID: <1@client.test>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "프린터가 안 됩니다."
    ).encode()
    work.arrive(raw, sender="민수@xn--3e0b707e.kr")
    work.take_in()

    assert _requesters(work) == ["민수@xn--3e0b707e.kr"]
    [ack] = [row for row in work.rows(outbox) if row.kind == "acknowledgement"]
    assert "민수@xn--3e0b707e.kr".encode() in ack.raw


def test_mail_without_from_is_its_senders_and_not_answered(work: Work) -> None:
    raw = b"To: help@desk.test\r\nSubject: Scan\r\nMessage-ID: <2@client.test>\r\n\r\nScan."
    work.arrive(raw, sender="scanner@acme.test")
    work.take_in()

    assert _requesters(work) == ["scanner@acme.test"]
    assert not work.notices("scanner@acme.test")
