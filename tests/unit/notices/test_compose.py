"""The finished mail: headers, addresses, envelope, and what hostile words cannot do to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.desk.people import PersonId
from daemon.errors import MailError
from daemon.mail.address import Purpose, Token, extension_of, token_of_message_id, verify
from daemon.mail.parse import parse
from tests.unit.notices.conftest import KEY, settings
from workers.notices import wire
from workers.notices.compose import Rendered, compose
from workers.notices.identity import DeskIdentity
from workers.notices.notice import ANSWERS, Composed, Kind, Notice, Recipient
from workers.notices.sample import sample

Write = Callable[[Notice], Composed]
TEXT = st.text(st.characters(codec="utf-8"), max_size=120)
EVERY_KIND = pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)


def read(mail: Composed) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(mail.raw, policy=policy.default))


def part(message: EmailMessage, subtype: str) -> str:
    found = message.get_body((subtype,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


@given(subject=TEXT, name=TEXT, desk_name=TEXT, text=TEXT, html=TEXT)
@example("한\r\nBcc: e@e.e", "=?utf-8?q?x=0ABcc=3A_e=40e=2Ee?=", "\x1cX: y", "\r\n.\r\n", "--=_")
@example("[#48213] again", '"Ann" <e@example.net>,', "데스크", "\ud7ff", "\u2028")
def test_mail_is_read_back_as_it_was_written(
    subject: str, name: str, desk_name: str, text: str, html: str
) -> None:
    notice = sample(Kind.NEW_TICKET)
    notice = replace(notice, to=replace(notice.to, name=name))
    identity = DeskIdentity.of(settings(name=desk_name), KEY)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    markup = html.replace("\r\n", "\n").replace("\r", "\n")

    mail = compose(notice, Rendered(subject=subject, text=plain, html=markup), identity)

    message = read(mail)
    assert [key.lower().encode() for key in message] == sorted(
        {key.lower().encode() for key in message} & wire.FIELDS,
        key=[key.lower().encode() for key in message].index,
    )
    cleaned = " ".join(wire.one_line(subject, 200).replace("[#48213]", " ").split())
    assert message["subject"] == f"[#48213] {cleaned or '(no subject)'}".removesuffix(
        "" if wire.one_line(subject, 200) != "[#48213]" else " (no subject)"
    )
    assert [one.addr_spec for one in message["to"].addresses] == ["ann@example.org"]
    assert "".join(message["to"].addresses[0].display_name.split()) == "".join(
        wire.one_line(name, 64).split()
    )
    assert [one.addr_spec for one in message["from"].addresses] == ["help@example.org"]
    assert part(message, "plain").rstrip("\n") == plain.rstrip("\n")
    assert part(message, "html").rstrip("\n") == markup.rstrip("\n")
    assert len(list(message.walk())) == 3
    assert not any(p.defects for p in message.walk())


#: What an agent answers to these stays among agents.
INTERNAL = {Kind.NOTE, Kind.NEWS, Kind.ANSWER}


@EVERY_KIND
def test_mail_of_every_kind_has_crlf_lines_that_pass_any_server(write: Write, kind: Kind) -> None:
    raw = write(sample(kind, "ko")).raw

    assert raw.endswith(b"\r\n")
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


@EVERY_KIND
@pytest.mark.parametrize("language", ["en", "ko"])
def test_mail_of_every_kind_is_read_by_our_own_parser(
    write: Write, kind: Kind, language: str
) -> None:
    notice = sample(kind, language)
    message = parse(write(notice).raw)

    assert message.warnings == ()
    assert message.attachments == ()
    assert message.from_ is not None
    assert message.from_.address == "help@example.org"
    assert "\n-- \n" in message.text
    assert message.html
    if notice.ticket:
        assert f"[#{notice.ticket.number}]" in message.subject


@EVERY_KIND
def test_automatic_mail_says_that_it_is(write: Write, kind: Kind) -> None:
    message = read(write(sample(kind)))

    if kind is Kind.PUBLIC_REPLY:
        assert message["auto-submitted"] is None
        assert message["x-auto-response-suppress"] is None
    else:
        wanted = "auto-replied" if kind in ANSWERS else "auto-generated"
        assert message["auto-submitted"] == wanted
        assert message["x-auto-response-suppress"] == "All"


@EVERY_KIND
def test_reply_address_is_signed_for_this_person_ticket_and_audience(
    write: Write, kind: Kind
) -> None:
    notice = sample(kind)

    address = read(write(notice))["reply-to"].addresses[0].addr_spec

    if notice.ticket is None:
        assert address == "help@example.org"
    else:
        extension = extension_of(("help@example.org",), address)
        assert verify(KEY, extension or "") == _token(notice)


@EVERY_KIND
def test_message_id_proves_the_same_as_the_reply_address(write: Write, kind: Kind) -> None:
    notice = sample(kind)
    mail = write(notice)

    assert read(mail)["message-id"] == f"<{mail.message_id}>"
    assert token_of_message_id(KEY, mail.message_id) == _token(notice)


def _token(notice: Notice) -> Token:
    if notice.kind is Kind.CONFIRM:
        return Token(Purpose.CONFIRM, notice.confirmation, notice.to.person)
    purpose = Purpose.NOTE if notice.kind in INTERNAL else Purpose.REPLY
    return Token(purpose, notice.ticket.number if notice.ticket else 0, notice.to.person)


@EVERY_KIND
def test_bounce_finds_the_ticket_or_goes_nowhere(write: Write, kind: Kind) -> None:
    mail = write(sample(kind))

    nowhere = ANSWERS | {Kind.ALARM, Kind.UNDELIVERABLE, Kind.SLA_WARNING, Kind.SLA_BREACH}
    if kind in nowhere:
        assert mail.sender == ""
    else:
        token = verify(KEY, extension_of(("help@example.org",), mail.sender) or "")
        assert token is not None
        assert (token.purpose, token.subject) == (Purpose.BOUNCE, 48213)


def test_desk_without_plus_addresses_writes_from_the_bare_one() -> None:
    identity = DeskIdentity.of(settings(plus_addresses=False), KEY)
    notice = sample(Kind.PUBLIC_REPLY)

    mail = compose(notice, Rendered(subject="s", text="t", html="h"), identity)

    assert mail.sender == "help@example.org"
    assert read(mail)["reply-to"].addresses[0].addr_spec == "help@example.org"


def test_same_notice_is_the_same_mail(write: Write) -> None:
    assert write(sample(Kind.PUBLIC_REPLY)) == write(sample(Kind.PUBLIC_REPLY))


@pytest.mark.parametrize("unique", ["sla-1:resolve:3", "a b", "한", "x\r\nBcc: y", "a..b", "<>@"])
def test_message_id_is_an_atom_whatever_makes_it_unique(write: Write, unique: str) -> None:
    mail = write(replace(sample(Kind.SLA_BREACH), unique=unique))
    other = write(replace(sample(Kind.SLA_BREACH), unique=unique + "_"))

    assert wire.message_ids("Message-ID", (mail.message_id,)) == f"Message-ID: <{mail.message_id}>"
    assert token_of_message_id(KEY, mail.message_id) is not None
    assert mail.message_id != other.message_id


def test_references_keep_the_first_and_the_newest(write: Write) -> None:
    ids = tuple(f"m{number}@example.net" for number in range(50))

    message = read(
        write(replace(sample(Kind.PUBLIC_REPLY), references=ids, in_reply_to="m20@example.net"))
    )

    kept = message["references"].split()
    assert kept == [
        "<m0@example.net>",
        *(f"<m{number}@example.net>" for number in range(42, 50)),
        "<m20@example.net>",
    ]
    assert message["in-reply-to"] == "<m20@example.net>"


def test_hostile_message_ids_are_not_repeated(write: Write) -> None:
    hostile = ("a@b>\r\nBcc: e@e.e", "=?utf-8?q?x=0ABcc=3A_e=40e=2Ee?=", "good@example.net")

    message = read(
        write(replace(sample(Kind.PUBLIC_REPLY), references=hostile, in_reply_to=hostile[0]))
    )

    assert message["references"] == "<good@example.net>"
    assert message["in-reply-to"] is None
    assert message["bcc"] is None


def test_stranger_reads_none_of_his_words(write: Write) -> None:
    notice = sample(Kind.ACKNOWLEDGEMENT)
    spam = "BUY PILLS http://pills.example"
    assert notice.ticket is not None
    hostile = replace(
        notice,
        may_quote=False,
        text=spam,
        ticket=replace(notice.ticket, subject=spam),
        to=replace(notice.to, name=spam),
    )

    message = read(write(hostile))

    shown = [str(value) for value in message.values()]
    shown += [part(message, "plain"), part(message, "html")]
    assert not any("PILLS" in text or "pills" in text for text in shown)
    assert "48213" in part(message, "plain")


@pytest.mark.parametrize("address", ["help@example.org", "HELP+1.r1.0.x@EXAMPLE.org", "nobody"])
def test_desk_never_writes_to_itself_or_to_nobody(write: Write, address: str) -> None:
    notice = sample(Kind.NOTE)

    with pytest.raises(MailError):
        write(replace(notice, to=Recipient(person=PersonId(1), address=address)))


def test_desk_knows_beforehand_whom_it_may_write_to(desk: DeskIdentity) -> None:
    assert desk.may_write_to("ana@example.org")
    assert not desk.may_write_to("help+x@example.org")
    assert not desk.may_write_to("nobody")
    assert "kkkk" not in repr(desk)


def test_notice_about_no_ticket_has_no_number(write: Write) -> None:
    message = read(write(sample(Kind.ALARM)))

    assert "#" not in message["subject"]
    assert "#" not in part(message, "plain")
