"""Automatic mail and delivery reports."""

from __future__ import annotations

import pytest

from daemon.mail.message import Automatic
from daemon.mail.parse import parse
from tests.unit.mail.mails import PLAIN, multipart, plain

_STATUS = (
    b"Reporting-MTA: dns; mx\r\n\r\n"
    b"Final-Recipient: rfc822; joe@example.net\r\nAction: %s\r\nStatus: %s\r\n"
)


def _report(action: bytes, status: bytes) -> bytes:
    raw = multipart(
        'report; report-type="delivery-status"',
        ("Content-Type: text/plain", b"Sorry."),
        ("Content-Type: message/delivery-status", _STATUS % (action, status)),
        ("Content-Type: text/rfc822-headers", b"Message-ID: <sent@example.org>\r\n"),
    )
    return raw.replace(b"Jane Doe <jane@", b"<MAILER-DAEMON@")


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("Auto-Submitted: auto-replied", Automatic.AUTO_REPLY),
        ("Auto-Submitted: AUTO-GENERATED (by cron)", Automatic.AUTO_GENERATED),
        ("Auto-Submitted: (a comment) auto-notified; x=y", Automatic.AUTO_GENERATED),
        ("X-Autoreply: yes", Automatic.AUTO_REPLY),
        ("Precedence: auto_reply", Automatic.AUTO_REPLY),
        ("Precedence: bulk", Automatic.AUTO_GENERATED),
        ("Precedence: Junk", Automatic.AUTO_GENERATED),
        ("Precedence: list", Automatic.LIST),
        ("List-Id: <x.example.org>", Automatic.LIST),
        ("List-Unsubscribe: <mailto:x>", Automatic.LIST),
        ("Return-Path: <>", Automatic.AUTO_GENERATED),
    ],
)
def test_automatic_mail_is_known_and_not_answered(field: str, kind: Automatic) -> None:
    message = parse(plain("x", field))

    assert message.automatic is kind
    assert message.automatic_because
    assert message.forbids_answer


@pytest.mark.parametrize(
    "field",
    ["Auto-Submitted: no", "Auto-Submitted: No (really)", "X-Autoreply: no", "Return-Path: <a@b>"],
)
def test_person_is_a_person(field: str) -> None:
    message = parse(plain("x", field))

    assert message.automatic is None
    assert not message.forbids_answer


def test_second_precedence_field_counts() -> None:
    message = parse(plain("x", "Precedence: first-class", "Precedence: bulk"))

    assert message.automatic is Automatic.AUTO_GENERATED


def test_suppressed_answers_are_not_automatic_mail() -> None:
    message = parse(plain("x", "X-Auto-Response-Suppress: DR, OOF, AutoReply"))

    assert message.automatic is None
    assert message.forbids_answer


def test_noreply_is_not_answered() -> None:
    message = parse(plain("x").replace(b"jane@", b"no-reply@"))

    assert message.automatic is None
    assert message.forbids_answer


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Printer",
        "Re: Out of office",
        "I'm on annual leave",
        "Automatische Rückantwort",
        "Nicht im Büro",
        "Réponse automatique : Imprimante",
        "Absent(e) du bureau",
        "Respuesta automatica: Impresora",
        "Resposta automática: x",
        "Fora de l'oficina",
        "Assenza dall'ufficio",
        "Niet op kantoor",
        "Inte på kontoret",
        "Fraværsmelding",
        "Automaattinen vastaus: x",
        "Autoodpowiedź",
        "Automatická odpověď: x",
        "Automatikus válasz: x",
        "Otomatik yanıt: x",
        "În afara biroului",
        "Εκτός γραφείου",
        "Автоответ: x",
        "Поза офісом",
        "Извън офиса",
        "Automātiskā atbilde",
        "자동 응답: 휴가",
        "자동회신",
        "[부재중] x",
        "【自動返信】x",
        "自动回复: x",
        "不在辦公室",
        "Trả lời tự động: x",
        "ไม่อยู่ที่สำนักงาน",
        "Jawaban otomatis",
        "מחוץ למשרד",
        "خارج المكتب",
        "پاسخ خودکار",
    ],
)
def test_absence_is_known_by_its_subject(subject: str) -> None:
    message = parse(plain("x").replace(b"Printer", subject.encode()))

    assert message.automatic is Automatic.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    ["Urlaub", "Vacation", "Annual leave form", "Absence: how to enter it", "Auto: Reifen", "不在"],
)
def test_what_people_ask_about_absence_is_theirs(subject: str) -> None:
    message = parse(plain("x").replace(b"Printer", subject.encode()))

    assert message.automatic is None


def test_report_names_who_and_what() -> None:
    message = parse(_report(b"failed", b"5.1.1"))

    assert message.automatic is Automatic.BOUNCE
    assert message.bounce is not None
    (recipient,) = message.bounce.recipients
    assert (recipient.address, recipient.status, recipient.action) == (
        "joe@example.net",
        "5.1.1",
        "failed",
    )
    assert message.bounce.original_message_id == "sent@example.org"
    assert message.bounce.is_final


def test_delay_is_not_final() -> None:
    message = parse(_report(b"delayed", b"4.4.1"))

    assert message.bounce is not None
    assert not message.bounce.is_final


def test_failed_recipients_field_is_a_bounce() -> None:
    message = parse(plain("x", "X-Failed-Recipients: joe@example.net, ann@example.net"))

    assert message.bounce is not None
    assert [one.address for one in message.bounce.recipients] == [
        "joe@example.net",
        "ann@example.net",
    ]


def test_prose_report_is_a_bounce() -> None:
    raw = plain(
        "This message could not be delivered to the following recipients:\n\n"
        "  joe@example.net\n    550 5.1.1 User unknown\n\n"
        "--- Original message follows ---\nFrom: ann@example.net\n"
    )

    message = parse(raw.replace(b"jane@", b"mailer-daemon@"))

    assert message.bounce is not None
    assert [(one.address, one.status) for one in message.bounce.recipients] == [
        ("joe@example.net", "5.1.1")
    ]


def test_person_who_forwards_a_report_is_a_person() -> None:
    forwarded = multipart(
        "mixed",
        ("Content-Type: text/plain", b"What is this?"),
        ("Content-Type: message/delivery-status", _STATUS % (b"failed", b"5.1.1")),
    )

    message = parse(forwarded)

    assert message.bounce is None
    assert message.automatic is None


def test_pasted_report_is_no_bounce() -> None:
    raw = plain("I get this: 550 5.1.1 joe@example.net user unknown")

    message = parse(raw.replace(b"Printer", b"Message could not be delivered"))

    assert message.bounce is None
    assert message.automatic is None


def test_disposition_notification_is_automatic() -> None:
    raw = PLAIN + (
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
        b"--b\r\n\r\nread\r\n--b--\r\n"
    )

    message = parse(raw)

    assert message.automatic is Automatic.AUTO_GENERATED
    assert message.bounce is None
    assert message.forbids_answer
