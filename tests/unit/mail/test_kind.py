"""What sort of mail it is, and what decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon.mail.message import Automatic, Kind
from daemon.mail.parse import parse
from tests.unit.mail.mails import PLAIN, multipart, plain

_EVENT = """BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VTIMEZONE
TZID:Korea Standard Time
BEGIN:STANDARD
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.com
ORGANIZER;CN=Jane:mailto:jane@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:joe@example.org
SUMMARY:Printers\\, once
  more
LOCATION:Third floor
DTSTART{start}
DTEND{end}
END:VEVENT
END:VCALENDAR
"""


def _meeting(method: str, start: str, end: str) -> bytes:
    text = _EVENT.format(method=method, start=start, end=end).replace("\n", "\r\n")
    return multipart(
        "alternative",
        ("Content-Type: text/plain", b"Please come."),
        (f"Content-Type: text/calendar; method={method}", text.encode()),
    )


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ((), Kind.PERSON),
        (("Auto-Submitted: auto-replied",), Kind.AUTO_REPLY),
        (("X-MS-Exchange-Message-Class: IPM.Note.Rules.OofTemplate.Microsoft",), Kind.AUTO_REPLY),
        (("Auto-Submitted: auto-generated",), Kind.AUTO_GENERATED),
        (("X-Cron-Env: <SHELL=/bin/sh>",), Kind.AUTO_GENERATED),
        (("List-Id: <x.example.org>", "List-Unsubscribe: <mailto:x>"), Kind.LIST),
        (("List-Unsubscribe: <mailto:x>",), Kind.BULK),
        (("Precedence: bulk",), Kind.BULK),
        (("Precedence: list",), Kind.LIST),
        (("X-Failed-Recipients: joe@example.net",), Kind.BOUNCE),
        (("X-HmXmrOriginalRecipient: joe@example.net",), Kind.COMPLAINT),
        (("X-Spamarrest-Id: 1",), Kind.CHALLENGE),
    ],
)
def test_kind_is_told_with_its_reason(fields: tuple[str, ...], kind: Kind) -> None:
    message = parse(plain("x", *fields))

    assert message.kind is kind
    assert bool(message.kind_because) == (kind is not Kind.PERSON)


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: x", "Out of Office", "Automatische Antwort: x", "Abwesenheitsnotiz",
        "Réponse automatique : x", "Respuesta automática: x", "Resposta automática: x",
        "Risposta automatica: x", "Automatisch antwoord: x", "Autosvar: x", "Automatiskt svar: x",
        "Automaattinen vastaus: x", "Odpowiedź automatyczna: x", "Automatická odpověď: x",
        "Automatikus válasz: x", "Otomatik yanıt: x", "Răspuns automat: x", "Автоответ: x",
        "Автоматический ответ: x", "Автоматична відповідь: x", "Αυτόματη απάντηση: x",
        "자동 회신: x", "自動返信: x", "自动答复: x", "自動回覆: x", "Trả lời tự động: x",
        "ตอบกลับอัตโนมัติ: x", "Balasan otomatis: x", "תשובה אוטומטית: x", "رد تلقائي: x",
    ],
)  # fmt: skip
def test_absence_is_known_in_many_languages(subject: str) -> None:
    message = parse(plain("I am away.").replace(b"Printer", subject.encode()))

    assert message.kind is Kind.AUTO_REPLY
    assert message.forbids_answer


def test_question_of_a_filter_is_a_challenge_only_where_it_answers() -> None:
    asks = plain("Click here.", "In-Reply-To: <one@example.org>")
    asks = asks.replace(b"Printer", b"Please confirm your message")

    assert parse(asks).kind is Kind.CHALLENGE
    assert parse(asks.replace(b"In-Reply-To", b"X-Nothing")).kind is Kind.PERSON


def test_abuse_report_names_who_complained_and_of_what() -> None:
    feedback = (
        b"Feedback-Type: abuse\r\nVersion: 1\r\nOriginal-Rcpt-To: joe@example.net\r\n"
        b"Source-IP: 192.0.2.1\r\n"
    )
    message = parse(
        multipart(
            "report; report-type=feedback-report",
            ("Content-Type: text/plain", b"A complaint."),
            ("Content-Type: message/feedback-report", feedback),
            ("Content-Type: message/rfc822", b"Message-ID: <sent@example.org>\r\n\r\nx"),
        )
    )

    assert message.kind is Kind.COMPLAINT
    assert message.automatic is Automatic.AUTO_GENERATED
    assert message.complaint is not None
    assert message.complaint.recipients == ("joe@example.net",)
    assert message.complaint.feedback == "abuse"
    assert message.complaint.source == "192.0.2.1"
    assert message.complaint.original_message_id == "sent@example.org"


def test_disposition_notification_is_a_receipt() -> None:
    raw = PLAIN + (
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
        b"--b\r\n\r\nread\r\n--b--\r\n"
    )

    assert parse(raw).kind is Kind.RECEIPT


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (":20240101T010000Z", ":20240101T020000Z"),
        (";TZID=Asia/Seoul:20240101T100000", ";TZID=Asia/Seoul:20240101T110000"),
        (
            ";TZID=Korea Standard Time:20240101T100000",
            ";TZID=Korea Standard Time:20240101T110000",
        ),
    ],
)
def test_invitation_tells_what_and_when(start: str, end: str) -> None:
    message = parse(_meeting("REQUEST", start, end))

    assert message.kind is Kind.INVITATION
    assert message.automatic is None
    assert message.meeting is not None
    assert message.meeting.summary == "Printers, once more"
    assert message.meeting.location == "Third floor"
    assert message.meeting.organizer == "jane@example.com"
    begins = datetime(2024, 1, 1, 1, tzinfo=UTC)
    assert message.meeting.starts_at == begins
    assert message.meeting.ends_at == begins + timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("W. Europe Standard Time", 8),
        ("Eastern Standard Time", 14),
        ("India Standard Time", 4),
        ("/mozilla.org/20050126_1/Europe/Berlin", 8),
    ],
)
def test_zone_of_a_meeting_has_its_summer(zone: str, hour: int) -> None:
    raw = _meeting("REQUEST", f";TZID={zone}:20240701T100000", ":20240701T200000Z")

    found = parse(raw).meeting

    assert found is not None
    assert found.starts_at is not None
    assert found.starts_at.astimezone(UTC).hour == hour


def test_series_of_meetings_tells_its_rule() -> None:
    raw = _meeting("REQUEST", ":20240101T010000Z", ":20240101T020000Z")

    found = parse(raw.replace(b"SUMMARY:", b"RRULE:FREQ=WEEKLY;BYDAY=MO\r\nSUMMARY:")).meeting

    assert found is not None
    assert found.repeats == "FREQ=WEEKLY;BYDAY=MO"


def test_answer_to_an_invitation_tells_what_the_attendee_says() -> None:
    message = parse(_meeting("REPLY", ":20240101T010000Z", ":20240101T020000Z"))

    assert message.kind is Kind.INVITATION_ANSWER
    assert message.meeting is not None
    assert message.meeting.answer == "ACCEPTED"


def test_length_of_a_meeting_gives_its_end() -> None:
    raw = _meeting("REQUEST", ":20240101T010000Z", ":x").replace(b"DTEND:x", b"DURATION:PT1H30M")

    found = parse(raw).meeting

    assert found is not None
    assert found.ends_at == datetime(2024, 1, 1, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["../../etc/passwd", "/etc/passwd", "America", "x\x00y", "", "Nowhere/At all"]
)
def test_zone_that_nobody_knows_leaves_the_time_of_the_place(zone: str) -> None:
    raw = _meeting("REQUEST", f";TZID={zone}:20240101T100000", ":20240101T020000Z")

    found = parse(raw).meeting

    assert found is not None
    assert found.starts_at is None or found.starts_at.replace(tzinfo=None) == datetime(
        2024, 1, 1, 10
    )
