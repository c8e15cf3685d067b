"""Who wrote a mail, where From does not say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.author import Houses, Written, written
from daemon.mail.message import Automatic
from daemon.mail.parse import parse
from daemon.mail.role import is_nobody

DESK = "help@desk.test"
HOUSES = Houses(
    is_ours=lambda address: address == DESK,
    is_form=lambda address: address == "form@web.test",
    is_list=lambda address: address == "all@acme.test",
)


def _read(text: str, *fields: str, sender: str = "") -> Written:
    head = "\r\n".join(("To: help@desk.test", "Subject: x", *fields))
    raw = f"{head}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    return written(parse(raw), sender, HOUSES)


def _author(*fields: str, text: str = "Hello.", sender: str = "") -> tuple[str, str]:
    read = _read(text, *fields, sender=sender)
    return (read.message.from_.address if read.message.from_ else "", read.named_by)


FORM = "From: Web Form <form@web.test>"
GROUP = "From: 'Carol Kim' via IT Help <help@desk.test>"

AUTHORS = {
    "from": (["From: carol@acme.test"], ("carol@acme.test", "")),
    "from-and-sender": (
        ["From: carol@acme.test", "Sender: assistant@acme.test"],
        ("carol@acme.test", ""),
    ),
    "resent": (["From: carol@acme.test", "Resent-From: ann@desk.test"], ("carol@acme.test", "")),
    "reply-to-is-no-author": (
        ["From: carol@acme.test", "Reply-To: mallory@evil.test"],
        ("carol@acme.test", ""),
    ),
    "original-from-of-a-person": (
        ["From: carol@acme.test", "X-Original-From: ceo@acme.test"],
        ("carol@acme.test", ""),
    ),
    "sender-only": (["Sender: scan@acme.test"], ("scan@acme.test", "Sender")),
    "form-reply-to": (
        [FORM, "Reply-To: carol@acme.test"],
        ("carol@acme.test", "Reply-To of a form"),
    ),
    "form-reply-to-us": ([FORM, "Reply-To: help@desk.test"], ("form@web.test", "")),
    "group-original-from": (
        [GROUP, "X-Original-From: Carol Kim <carol@acme.test>"],
        ("carol@acme.test", "X-Original-From"),
    ),
    "group-original-sender": (
        [GROUP, "X-Original-Sender: carol@acme.test"],
        ("carol@acme.test", "X-Original-Sender"),
    ),
    "group-reply-to": (
        [GROUP, "Reply-To: Carol Kim <carol@acme.test>"],
        ("carol@acme.test", "Reply-To of a list"),
    ),
    "mailman-munged": (
        [
            "From: Carol via Users <users@lists.test>",
            "List-Post: <mailto:users@lists.test>",
            "Reply-To: carol@acme.test",
        ],
        ("carol@acme.test", "Reply-To of a list"),
    ),
    "list-by-rule": (
        ["From: Carol via All <all@acme.test>", "X-Original-From: carol@acme.test"],
        ("carol@acme.test", "X-Original-From"),
    ),
}


@pytest.mark.parametrize(("fields", "author"), AUTHORS.values(), ids=AUTHORS)
def test_author_is(fields: list[str], author: tuple[str, str]) -> None:
    assert _author(*fields) == author


def test_mail_without_any_author_is_the_envelopes_and_not_answered() -> None:
    read = _read("Hello.", sender="carol@acme.test")

    assert (read.message.from_ and read.message.from_.address) == "carol@acme.test"
    assert read.named_by == "the envelope"
    assert read.message.forbids_answer


LINES = {
    "english": "Name: Carol\nEmail: carol@acme.test\nHelp!",
    "your": "Your e-mail address: carol@acme.test",
    "from": "From: Carol Kim <carol@acme.test>",
    "korean": "이름: 김민수\n이메일 주소: carol@acme.test\n내용: 도와주세요",
    "german": "Ihre E-Mail-Adresse: carol@acme.test",
    "spanish": "Correo electrónico: carol@acme.test",
    "japanese": "メールアドレス：carol@acme.test",
    "bold": "*Email:* carol@acme.test",
    "table": "| Email | carol@acme.test |",
    "below": "Email\ncarol@acme.test\nMessage\nHelp!",
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_form_names_its_author_in_a_line(text: str) -> None:
    assert _author(FORM, text=text) == ("carol@acme.test", "the text of a form")


def test_line_of_a_mail_that_is_no_form_names_nobody() -> None:
    assert _author("From: dan@acme.test", text=LINES["english"]) == ("dan@acme.test", "")


def test_form_is_a_persons_words_but_proves_nothing() -> None:
    read = _read("Help!", FORM, "Reply-To: carol@acme.test", "Auto-Submitted: auto-generated")

    assert read.message.automatic is None
    assert not read.message.forbids_answer
    assert not read.message.from_is_strict


def test_name_that_a_group_rewrote_is_had_back() -> None:
    read = _read("Hello.", GROUP, "X-Original-Sender: carol@acme.test")

    assert read.message.from_ is not None
    assert read.message.from_.name == "Carol Kim"


def test_group_in_front_of_the_desk_makes_no_list_mail() -> None:
    fields = ["From: carol@acme.test", "List-ID: <help.desk.test>", "Precedence: list"]

    read = _read("Hello.", *fields)

    assert parse("\r\n".join([*fields, "", "x"]).encode()).automatic is Automatic.LIST
    assert read.message.automatic is None
    assert not read.message.forbids_answer


def test_away_notice_through_such_a_group_is_one_still() -> None:
    read = _read(
        "I am away.",
        "From: carol@acme.test",
        "List-Post: <mailto:help@desk.test>",
        "Auto-Submitted: auto-replied",
    )

    assert read.message.automatic is Automatic.AUTO_REPLY


def test_foreign_list_stays_a_list() -> None:
    read = _read("News.", "From: carol@acme.test", "List-Id: News <news.lists.test>")

    assert read.message.automatic is Automatic.LIST


@pytest.mark.parametrize(
    ("address", "is_so"),
    [
        ("MAILER-DAEMON@acme.test", True),
        ("postmaster@acme.test", True),
        ("no-reply@acme.test", True),
        ("users-owner@lists.test", True),
        ("owner-users@lists.test", True),
        ("users-bounces+carol=acme.test@lists.test", True),
        ("users-request@lists.test", True),
        ("carol@acme.test", False),
        ("info@acme.test", False),
        ("newsom@acme.test", False),
        ("rooty@acme.test", False),
    ],
)
def test_nobody_reads_at(address: str, is_so: bool) -> None:
    assert is_nobody(address) is is_so


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_text_and_any_name_are_read(text: str, name: str) -> None:
    line = " ".join(name.split())
    read = _read(text, f"From: {line} <form@web.test>", f"X-Original-From: {line}")

    assert read.message.text is not None
