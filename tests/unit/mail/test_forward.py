"""Mails within mails, as the programs of the world write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.forward import attached, of_attached, written_in
from daemon.mail.message import Attachment, Message
from daemon.mail.parse import parse

GMAIL = """\
Please look at this.

---------- Forwarded message ---------
From: Carol Kim <carol@acme.test>
Date: Mon, Mar 2, 2026 at 9:00 AM
Subject: Printer
To: Ann <ann@desk.test>


It burns.
"""
GMAIL_KO = """\
---------- Forwarded message ---------
보낸사람: 김민수 <carol@acme.test>
Date: 2026년 3월 2일 (월) 오전 9:00
Subject: Printer
To: Ann <ann@desk.test>

It burns.
"""
OUTLOOK = """\
Please look at this.

________________________________
From: Carol Kim <carol@acme.test>
Sent: Monday, March 2, 2026 9:00 AM
To: Ann Agent <ann@desk.test>
Subject: Printer

It burns.
"""
OUTLOOK_DE = """\
Please look at this.

Von: Carol Kim [mailto:carol@acme.test]
Gesendet: Montag, 2. März 2026 09:00
An: Ann Agent
Betreff: Printer

It burns.
"""
OUTLOOK_KO = """\
Please look at this.

보낸 사람: 김민수 <carol@acme.test>
보낸 날짜: 2026년 3월 2일 월요일 오전 9:00
받는 사람: Ann Agent <ann@desk.test>
제목: Printer

It burns.
"""
APPLE = """\
Please look at this.

> Begin forwarded message:
>
> From: Carol Kim <carol@acme.test>
> Subject: Printer
> Date: 2 March 2026 at 09:00:00 CET
> To: Ann Agent <ann@desk.test>
>
> It burns.
"""
THUNDERBIRD = """\
Please look at this.

-------- Forwarded Message --------
Subject: \tPrinter
Date: \tMon, 2 Mar 2026 09:00:00 +0100
From: \tCarol Kim <carol@acme.test>
To: \tAnn Agent <ann@desk.test>

It burns.
"""
FRENCH = """\
Please look at this.

De : Carol Kim <carol@acme.test>
Envoyé : lundi 2 mars 2026 09:00
À : Ann Agent <ann@desk.test>
Objet : Printer

It burns.
"""
FORWARDS = {
    "gmail": ("Fwd: Printer", GMAIL),
    "gmail-ko": ("Fwd: Printer", GMAIL_KO),
    "gmail-retitled": ("Please help", GMAIL),
    "outlook": ("FW: Printer", OUTLOOK),
    "outlook-de": ("WG: Printer", OUTLOOK_DE),
    "outlook-ko": ("FW: Printer", OUTLOOK_KO),
    "apple": ("Fwd: Printer", APPLE),
    "thunderbird": ("Fwd: Printer", THUNDERBIRD),
    "french": ("TR : Printer", FRENCH),
}


@pytest.mark.parametrize(("subject", "text"), FORWARDS.values(), ids=FORWARDS)
def test_forwarded_mail_is_its_first_authors(subject: str, text: str) -> None:
    found = written_in(Message(subject=subject, text=text))

    assert found is not None
    assert found.author.address == "carol@acme.test"
    assert found.subject == "Printer"
    assert found.text.strip() == "It burns."
    assert found.comment in {"Please look at this.", ""}
    assert bool(found.comment) is text.startswith("Please")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Printer", OUTLOOK_DE),
        ("Printer", "It burns.\n\nFrom: the third floor\nTo: you\n"),
        ("Fwd: Printer", "See the page that I sent."),
        ("Fwd: Printer", "From: nobody in particular\nSent: never\nTo: you\n\nx"),
        ("Fwd:", ""),
    ],
    ids=["an-answer", "prose", "no-head", "no-address", "empty"],
)
def test_what_is_no_forward_is_none(subject: str, text: str) -> None:
    assert written_in(Message(subject=subject, text=text)) is None


def test_attached_mail_is_read_as_a_mail() -> None:
    inner = parse(b"From: carol@acme.test\r\nSubject: Fwd: Printer\r\n\r\nIt burns.")
    outer = Message(text="Please look at this.")

    found = of_attached(outer, inner)

    assert found is not None
    assert (found.author.address, found.subject, found.text.strip(), found.comment) == (
        "carol@acme.test",
        "Printer",
        "It burns.",
        "Please look at this.",
    )
    assert of_attached(outer, parse(b"Subject: x\r\n\r\nNobody.")) is None


def test_only_one_attached_mail_says_whose_it_is() -> None:
    mail = Attachment(filename="a.eml", content_type="message/rfc822", size=1)

    assert attached(Message(attachments=(mail,))) is mail
    assert attached(Message(attachments=(mail, mail))) is None
    assert attached(Message()) is None


@given(st.text(max_size=500), st.sampled_from(["Fwd: x", "x"]))
def test_any_text_is_read(text: str, subject: str) -> None:
    found = written_in(Message(subject=subject, text=f"{text}\n{GMAIL}"))

    assert found is None or "@" in found.author.address
