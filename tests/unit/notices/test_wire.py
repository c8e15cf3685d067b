"""Header fields and bodies: what Python's own parser reads back is what was put in."""

from __future__ import annotations

import binascii
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.errors import MailError, PostdeskError
from workers.notices import wire

TEXT = st.text(st.characters(codec="utf-8"), max_size=300)


def parsed(*fields: str) -> EmailMessage:
    return message_from_bytes("\r\n".join([*fields, "", ""]).encode(), policy=policy.default)


@given(TEXT)
@example("프린터가 인쇄되지 않습니다 " * 9)
@example("a\r\nBcc: e@example.net")
@example("=?utf-8?q?x=0ABcc=3A_e=40e=2Ee?=")
@example("\x1cBcc: e@e.e\x85x\u2028y\u202ez")
@example("👩‍👩‍👧‍👦 " * 20)
@example("long " * 60)
@example("x" * 300)
def test_subject_is_read_back_as_it_was_cleaned(value: str) -> None:
    subject = wire.one_line(value, 200)
    field = wire.unstructured("Subject", subject)

    assert all(len(line) <= 998 for line in field.split("\r\n"))
    assert field.isascii()
    if subject:
        message = parsed(field)
        assert message.keys() == ["Subject"]
        assert message["subject"] == subject


@given(TEXT)
@example("홍길동 (정보전략팀) 이름이 아주 긴 사람의 이름입니다 그래도 한 줄이어야 합니다")
@example('Ann "The Boss" O\\Neil')
@example("Ann <evil@example.net>, x")
@example("=?utf-8?q?Ann=0D=0ABcc:?=")
def test_display_name_never_becomes_an_address(value: str) -> None:
    name = wire.one_line(value, 64)
    field = wire.mailboxes("To", "ana@example.org", name)
    message = parsed(field)

    assert message.keys() == ["To"]
    assert [address.addr_spec for address in message["to"].addresses] == ["ana@example.org"]
    read = message["to"].addresses[0].display_name
    if field.count("=?utf-8?b?") > 1:
        # The new parser keeps the blanks between the encoded words of a phrase; the old one reads.
        assert "".join(read.split()) == "".join(name.split())
        pairs = decode_header(field.removeprefix("To: ").rpartition(" <")[0])
        read = str(make_header(pairs))
    assert read == name


@given(TEXT.map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n")))
@example("\n".join(["x" * 2000, "", ".", "From here", "trailing  ", "=_ --=_"]))
@example("한국어 글 " * 500)
def test_body_is_read_back_exactly(text: str) -> None:
    encoding, data = wire.body(text)
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
    message = message_from_bytes(head + encoding + b"\r\n\r\n" + data, policy=policy.default)

    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert b"=_" not in data
    assert all(len(line) <= 76 for line in data.split(b"\r\n"))
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ana@example.org", "ana@example.org"),
        ("help+48213.r32.0.abc@example.org", "help+48213.r32.0.abc@example.org"),
        ("ana@도메인.kr", "ana@xn--hq1bm8jm9l.kr"),
        ("ana@[192.0.2.1]", "ana@[192.0.2.1]"),
        ("ana smith@example.org", '"ana smith"@example.org'),
        ("a..b@example.org", '"a..b"@example.org'),
        ('"a b"@example.org', '"a b"@example.org'),
        ("아나@example.org", "아나@example.org"),
    ],
    ids=str,
)
def test_address_is_written_as_the_wire_wants_it(address: str, written: str) -> None:
    assert wire.mailbox(address) == written


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@ex ample.org",
        "ana@example.org>, <evil@example.net",
        "ana\r\nBcc: e@example.net@example.org",
        "ana\x00@example.org",
        "ana@-example.org",
        "a" * 65 + "@example.org",
        "\ud800@example.org",
    ],
)
def test_address_that_cannot_be_written_is_refused(address: str) -> None:
    with pytest.raises(MailError):
        wire.mailbox(address)


def test_references_stay_atoms_however_long() -> None:
    ids = [f"{number:0200d}@example.org" for number in range(10)]

    field = wire.message_ids("References", ids)

    assert "=?" not in field
    assert field.split() == ["References:", *(f"<{one}>" for one in ids)]


@pytest.mark.parametrize(
    "hostile", ["a b@c", "a@b>\r\nBcc: x", "=?utf-8?q?x=0ABcc=3A?=@b", "한@b", "", "x" * 300]
)
def test_message_id_that_is_none_is_left_out(hostile: str) -> None:
    assert wire.message_ids("References", [hostile]) == ""
    assert wire.message_ids("References", ["a@b", hostile]) == "References: <a@b>"


@pytest.mark.parametrize(
    "block",
    [
        b"Subject: x\r\nBcc: e@e.e\r\n\r\n",
        b"Subject: x\r\nSubject: y\r\n\r\n",
        b"Subject: x\nBcc: e@e.e\r\n\r\n",
        b"Subject: x\ry\r\n\r\n",
        b"Subject: x\x00\r\n\r\n",
        b"Subject: " + b"x" * 998 + b"\r\n\r\n",
        b"Subject: x\r\n \r\n\r\n",
        b" Subject: x\r\n\r\n",
        b"Subject : x\r\n\r\n",
        b"Subject: x\r\n",
        b"",
    ],
)
def test_header_block_with_anything_strange_is_refused(block: bytes) -> None:
    with pytest.raises(PostdeskError):
        wire.check_header_block(block)


def test_header_block_of_ours_passes() -> None:
    wire.check_header_block(b"Subject: x\r\n y\r\nTo: <a@b>\r\n\r\nbody\nwhatever: x")


@given(
    st.lists(st.sampled_from(["a=b", " ", ".", "\t", "\n", "ä", "x" * 74, "\n</head>\n"])).map(
        "".join
    )
)
@example("<style>\n</head>\n" + "y" * 76 + "\n")
@example("\n</head>\n")
def test_beginning_that_is_remembered_changes_no_byte(text: str) -> None:
    encoding, data = wire.body(text)
    lined = text.replace("\n", "\r\n").encode()

    if encoding == b"quoted-printable":
        assert data == binascii.b2a_qp(lined, istext=True)
    else:
        assert binascii.a2b_base64(data) == lined
