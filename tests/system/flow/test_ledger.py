"""Every arrival has one row and one fate; the same mail is one mail, whatever road it took."""

from __future__ import annotations

import json
import smtplib

import pytest

from tests.servers.desk import Desk, mail


def _id(sent: object) -> str:
    return str(sent["Message-ID"]).strip("<>")  # type: ignore[index]


def test_same_mail_to_two_addresses_by_two_roads_is_one_ticket(desk: Desk) -> None:
    sent = mail("l1@acme.test", "Twice", "Once.", To="help@desk.test, it@desk.test")
    desk.send(sent, to=["help@desk.test"])
    raw = b"Received: from elsewhere by mx; Mon, 23 Nov 2026 10:00:01 +0000\r\n" + bytes(sent)
    desk.send(raw, to=["it@desk.test"], is_checked=False)

    row = desk.fate(_id(sent))
    rows = [each for each in desk.arrivals() if each["message_id"] == _id(sent)]
    assert sorted(each["fate"] for each in rows) == ["duplicate", "ticket"]
    assert len({each["ticket"] for each in rows}) == 1
    assert len(desk.notices("l1@acme.test")) == 1
    assert "it@desk.test" in desk.history(row["ticket"])


def test_same_message_id_with_other_content_is_kept(desk: Desk) -> None:
    first = mail("l2@acme.test", "Original", "First text.", Message_ID="<same.l2@acme.test>")
    other = mail("l2@acme.test", "Other", "Second text.", Message_ID="<same.l2@acme.test>")
    desk.send(first)
    desk.send(other)

    desk.fate("same.l2@acme.test")
    rows = [each for each in desk.arrivals() if each["message_id"] == "same.l2@acme.test"]
    assert [each["fate"] for each in rows].count("duplicate") == 0
    assert len(rows) == 2


def test_where_tells_what_became_of_a_mail(desk: Desk) -> None:
    sent = mail("l3@acme.test", "Where am I", "Here.")
    desk.send(sent)
    row = desk.fate(_id(sent))

    told = desk.cli("inbox", "where", str(sent["Message-ID"]))

    assert f"#{row['ticket']}" in told
    desk.cli("inbox", "where", "<nobody@nowhere.test>", code=1)


def test_out_of_office_is_noted_and_never_answered(desk: Desk) -> None:
    desk.send(mail("l4@acme.test", "Question", "When?"))
    [ack] = desk.notices("l4@acme.test")

    away = ack.answer("I am away until Monday.", **{"Auto-Submitted": "auto-replied"})
    desk.send(away, to=[ack.reply_to], sender="")

    row = desk.fate(_id(away))
    assert (row["fate"], row["ticket"]) == ("automatic", ack.number)
    assert desk.ticket(ack.number)["messages"][-1]["visibility"] == "internal"
    assert len(desk.sink.to("l4@acme.test")) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"List-Id": "<all.acme.test>"},
        {"X-Auto-Response-Suppress": "All"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_monitoring_mail_opens_a_ticket_and_is_not_answered(
    desk: Desk, headers: dict[str, str]
) -> None:
    who = f"{next(iter(headers)).lower()}@robots.test"
    sent = mail(who, "Disk 91 % full", "On host a.", **headers)
    desk.send(sent)

    row = desk.fate(_id(sent))

    assert row["fate"] == "ticket"
    assert desk.about("ann@desk.test", row["ticket"])
    assert not desk.sink.to(who)


def test_null_sender_is_never_answered(desk: Desk) -> None:
    sent = mail("l5@acme.test", "No return", "Nowhere to answer.")
    desk.send(sent, sender="")

    assert desk.fate(_id(sent))["fate"] == "ticket"
    assert not desk.sink.to("l5@acme.test")


def test_bounce_at_the_signed_return_path_tells_the_agents(desk: Desk) -> None:
    desk.send(mail("l6@acme.test", "Reach me", "Please."))
    [ack] = desk.notices("l6@acme.test")
    [told] = desk.about("ann@desk.test", ack.number)
    desk.send(told.answer("Here you are."), to=[told.reply_to])
    reply = desk.notices("l6@acme.test", 2)[1]
    assert reply.received.sender.startswith("help+")

    bounce = _bounce(reply.received.sender, "l6@acme.test", reply["Message-ID"])
    desk.send(bounce, sender="", to=[reply.received.sender])

    news = desk.about("ann@desk.test", ack.number, 2)[-1]
    assert "l6@acme.test" in news.text
    assert "5.1.1" in news.text
    assert news.received.sender == ""


def test_forged_bounce_changes_nothing(desk: Desk) -> None:
    desk.send(mail("l7@acme.test", "Mute me", "No."))
    [ack] = desk.notices("l7@acme.test")
    bounce = _bounce("help@desk.test", "l7@acme.test", ack["Message-ID"], own="<f7@evil.test>")

    desk.send(bounce, sender="")

    assert desk.fate("f7@evil.test")["fate"] == "bounce"
    history = desk.history(ack.number)
    assert "undelivered" not in history


def test_deeply_nested_mail_is_accepted_and_held(desk: Desk) -> None:
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(3000)
    )
    head = b"From: l8@acme.test\r\nSubject: Deep\r\nMessage-ID: <deep.l8@acme.test>\r\n"
    desk.send(head + b"MIME-Version: 1.0\r\n" + parts, sender="l8@acme.test")

    row = desk.fate("deep.l8@acme.test")

    assert (row["state"], row["subject"]) == ("held", "Deep")
    assert "postdesk inbox show" in desk.notices("root@desk.test")[-1].text


def test_stranger_recipient_is_refused(desk: Desk) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"5\.7\.1"):
        desk.send(mail("l9@acme.test", "Relay", "Me."), to=["someone@elsewhere.test"])


def test_intake_makes_a_mail_of_json(desk: Desk) -> None:
    said = {"from": "Pat <l10@acme.test>", "subject": "By phone", "text": "Rang.", "via": "phone"}
    desk.cli("intake", stdin=json.dumps({**said, "external_id": "c-1"}))
    desk.cli("intake", stdin=json.dumps({**said, "external_id": "c-1"}))

    [ack] = desk.notices("l10@acme.test")

    assert desk.ticket(ack.number)["subject"] == "By phone"
    assert len([each for each in desk.arrivals() if each["source"] == "intake"]) == 1


def _bounce(to: str, failed: str, original: str, own: str = "<b@mx.test>") -> bytes:
    return f"""\
From: MAILER-DAEMON@mx.test
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: {own}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="r"

--r
Content-Type: text/plain

I could not deliver it.

--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; {failed}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--r
Content-Type: text/rfc822-headers

Message-ID: {original}

--r--
""".replace("\n", "\r\n").encode()
