"""Every mail that we send: to the letter of the standards, and as mail clients thread it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes

import pytest

from daemon.mail.parse import parse
from tests.strict import faults
from workers.notices.notice import Composed, File, Kind, Notice
from workers.notices.sample import samples

Write = Callable[[Notice], Composed]
FILES = (
    File(name="설명서 1.pdf", content_type="application/pdf", data=b"%PDF-1.7" + b"x" * 999),
    File(name='a;b "c" d.bin', content_type="text/html", data=bytes(range(256)) * 9),
)
GOOD = (
    b"Date: Mon, 09 Mar 2026 08:30:00 +0000\r\nFrom: Desk <help@example.org>\r\n"
    b"Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello.\r\n"
)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_every_notice_is_faultless(write: Write, kind: Kind, language: str) -> None:
    for notice in samples(kind):
        to = replace(notice.to, language=language, name='김 "보경" <x@y.z>')
        mail = write(replace(notice, to=to, files=FILES))

        assert faults(mail.raw) == []
        assert faults(write(replace(notice, to=to)).raw) == []


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_every_notice_is_read_by_our_own_parser_without_a_warning(write: Write, kind: Kind) -> None:
    for notice in samples(kind):
        message = parse(write(replace(notice, files=FILES)).raw)

        assert message.warnings == ()
        assert message.from_is_strict
        assert [file.filename for file in message.attachments] == ["설명서 1.pdf", 'a;b "c" d.bin']


@pytest.mark.parametrize(
    ("what", "raw"),
    [
        ("lone LF", GOOD.replace(b"Hello.\r\n", b"Hello.\n")),
        ("long line", GOOD + b"x" * 999 + b"\r\n"),
        ("raw 8 bit", GOOD.replace(b"Hello", b"H\xc3\xa4llo")),
        ("two From", b"From: a@b.test\r\n" + GOOD),
        ("no Date", GOOD.partition(b"\r\n")[2]),
        ("wrong weekday", GOOD.replace(b"Mon", b"Tue")),
        ("no such day", GOOD.replace(b"09 Mar", b"31 Feb")),
        ("two mailboxes", GOOD.replace(b"Desk <help@example.org>", b"a@b.test, c@d.test")),
        ("no Message-ID grammar", GOOD.replace(b"<1@example.org>", b"1@example.org")),
        ("long encoded word", b"Subject: =?utf-8?q?" + b"a" * 70 + b"?=\r\n" + GOOD),
        ("split character", b"Subject: =?utf-8?q?=EC=98?=\r\n" + GOOD),
        ("hidden line end", b"Subject: =?utf-8?q?x=0ABcc:_e?=\r\n" + GOOD),
        ("blank fold", b"Subject: a\r\n \r\n" + GOOD),
        ("no boundary", GOOD.replace(b"text/plain; charset=utf-8", b"multipart/mixed")),
        ("endless", GOOD.replace(b"text/plain; charset=utf-8", b'multipart/mixed; boundary="b"')),
    ],
)
def test_the_check_finds_what_is_wrong(what: str, raw: bytes) -> None:
    assert faults(GOOD) == []
    assert faults(raw) != [], what


def threaded(write: Write, kind: Kind, **fields: object) -> dict[str, str]:
    """The fields by which mail clients thread a notice."""
    [notice, *_] = samples(kind)
    mail = message_from_bytes(write(replace(notice, **fields)).raw)  # type: ignore[arg-type]
    return {name: " ".join(str(mail[name] or "").split()) for name in ("In-Reply-To", "References")}


def test_answers_name_their_parent_and_the_whole_line_above_it(write: Write) -> None:
    found = threaded(
        write, Kind.PUBLIC_REPLY, references=("1@a.test", "2@a.test"), in_reply_to="3@a.test"
    )

    assert found == {
        "In-Reply-To": "<3@a.test>",
        "References": "<1@a.test> <2@a.test> <3@a.test>",
    }


def test_a_long_thread_keeps_its_first_mail_and_the_newest(write: Write) -> None:
    ids = tuple(f"{number}@a.test" for number in range(40))
    found = threaded(write, Kind.PUBLIC_REPLY, references=ids, in_reply_to=ids[-1])

    assert found["References"].split() == [f"<{one}>" for one in (ids[0], *ids[-9:])]


def test_answers_have_the_subject_of_the_thread(write: Write) -> None:
    subjects = set()
    for kind in (Kind.ACKNOWLEDGEMENT, Kind.PUBLIC_REPLY):
        [notice, *_] = samples(kind)
        mail = message_from_bytes(write(notice).raw)
        subjects.add(str(mail["Subject"]).removeprefix("Re: "))

    assert len(subjects) == 1
