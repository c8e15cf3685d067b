"""Fields: strictness, addresses, encoded words, repairs."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail import charset, encoded, mailbox, parameters
from daemon.mail.headers import date, split
from daemon.mail.message import Address
from daemon.mail.parse import parse


@pytest.mark.parametrize(
    "value",
    [
        "jane@example.com",
        "Jane Doe <jane@example.com>",
        "<jane@example.com>",
        '"Doe, Jane" <jane@example.com>',
        '"jane@example.com" <jane@example.com>',
        "=?utf-8?b?7ZmN6ri464+Z?=  <hong@example.kr>",
        "홍길동 <hong@example.kr>",
        "John Q. Public <john.q+tag@example.com>",
        "  jane@localhost  ",
        "홍길동 <사용자@한국.kr>",
        "josé@exämple.com",
        "иван@почта.рф",
    ],
)
def test_strict_from_is_accepted(value: str) -> None:
    assert mailbox.is_strict(value)


@pytest.mark.parametrize(
    "value",
    [
        "agent@corp <evil@x>",
        "<agent@corp><evil@x>",
        "<agent@corp> <evil@x>",
        "alice@corp)bob@evil",
        "alice@corp (bob@evil)",
        "(c) agent@corp",
        "agent@corp, evil@x",
        "agent@corp evil@x",
        "Group: agent@corp;",
        "undisclosed-recipients:;",
        "<@evil,@x:agent@corp>",
        "<agent@corp",
        "agent@corp>",
        "agent@corp\x00",
        "agent@corp\rX: y",
        '"agent@corp" evil@x',
        '"unclosed <agent@corp>',
        '"a"@corp',
        "agent@corp.",
        "agent@-corp",
        "agent@@corp",
        "agent..x@corp",
        "=?utf-8?q?agent=40corp?=",
        "agent@corp <>",
        "<>",
        "",
        "Jane",
        "a" * 65 + "@corp",
        "аgent@cоrp",
        "agent＠corp@evil.kr",
        "사용자@한국。kr",
        "사\u200b용자@한국.kr",
        "사용자@한국.kr, evil@x",
        "사용자@한국.kr <evil@x>",
        "\u202e사용자@한국.kr",
    ],
)
def test_strict_from_is_refused(value: str) -> None:
    assert not mailbox.is_strict(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: agent@corp\r\nFrom: evil@x\r\n\r\n",
        b"From: agent@corp\r\nfrom : evil@x\r\n\r\n",
        b"From: agent@corp\r\nno field\r\nTo: x@y\r\n\r\n",
        b"From: agent@corp\xff\r\n\r\n",
        b"To: x@y\r\n\r\n",
    ],
    ids=["two", "two-spellings", "repaired", "raw-bytes", "none"],
)
def test_header_with_two_readings_proves_nothing(raw: bytes) -> None:
    assert not parse(raw).from_is_strict


def test_folded_strict_from_is_strict() -> None:
    message = parse(b"From: Jane Doe\r\n <jane@example.com>\r\n\r\nx")

    assert message.from_is_strict
    assert message.from_ == Address("jane@example.com", "Jane Doe")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@B.COM", [("a@b.com", "")]),
        ("A.b@x.org", [("A.b@x.org", "")]),
        ('"Doe, Jane" <j@x>, k@y', [("j@x", "Doe, Jane"), ("k@y", "")]),
        ("Team: a@x, B <b@x>;, c@x", [("a@x", ""), ("b@x", "B"), ("c@x", "")]),
        ("j@x (Jane (Doe))", [("j@x", "Jane (Doe)")]),
        ("<@relay,@other:j@x>", [("j@x", "")]),
        ("Jane <mailto:j@x>", [("j@x", "Jane")]),
        ("=?utf-8?q?J=C3=B6rg?= <j@x>", [("j@x", "Jörg")]),
        ("=?utf-8?q?a,_b_(c)?= <j@x>", [("j@x", "a, b (c)")]),
        ("=?utf-8?q?Jane_=3Cj=40x=3E?=", [("j@x", "Jane")]),
        ("Jane <j@x", [("j@x", "Jane")]),
        ("'j@x'", [("j@x", "")]),
        ("Undisclosed recipients:;", []),
        ("", []),
        ("jane @ example.com", [("jane@example.com", "")]),
        ("jane@[192.0.2.1]", [("jane@[192.0.2.1]", "")]),
        ("[jane@example.com]", [("jane@example.com", "")]),
        ('"Jane <jane@example.com>', [("jane@example.com", "Jane")]),
    ],
)
def test_addresses_are_made_out(value: str, found: list[tuple[str, str]]) -> None:
    assert [(one.address, one.name) for one in mailbox.addresses(value)] == found


@given(st.text())
def test_addresses_of_any_text(value: str) -> None:
    mailbox.addresses(value)
    mailbox.is_strict(value)


@given(
    st.from_regex(r"[a-z]{1,8}(?:\.[a-z]{1,8})?@[a-z]{1,8}\.[a-z]{2,3}", fullmatch=True),
    st.text(st.characters(categories=["L", "N", "Zs"]), max_size=30),
)
def test_strict_mailbox_reads_as_its_address(address: str, name: str) -> None:
    value = f"{name} <{address}>"

    if mailbox.is_strict(value):
        assert [one.address for one in mailbox.addresses(value)] == [address]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?q?caf=C3=A9?= ok", "café ok"),
        # One character split over two words: decoded jointly.
        (b"=?utf-8?b?7ZWc6w==?= =?utf-8?b?rYA=?=", "한뭀"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= b =?iso-8859-1?q?=E9?=", "a b é"),
        (b"=?x-unknown?q?=E9?=", "é"),
        (b"=?utf-8*en?q?a?=", "a"),
        (b"=?utf-8?q?What??=", "What?"),
        (b"=?utf-8?q?x=0ABcc=3A_e=40e?=", "x Bcc: e@e"),
        (b"a\x00b\x1bc", "abc"),
        ("프린터".encode(), "프린터"),
        (b"x\xe2\x80\xaegnp.exe", "xgnp.exe"),
        (b"=?utf-8?b?not base64!?=", encoded.text(b"=?utf-8?b?notbase64?=")),
        (b"=?utf-8?b?7ZmN6ri4", "홍길"),
        (b"Jam =?utf-8?q?caf=C3=A9?", "Jam café"),
    ],
)
def test_field_text_is_one_clean_line(value: bytes, text: str) -> None:
    assert encoded.text(value) == text


@given(st.binary())
def test_field_text_has_no_controls(value: bytes) -> None:
    text = encoded.text(value)

    text.encode("utf-8")
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)
    assert not set(text) & {"\u2028", "\u2029", "\u202e"}


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b"A: 1\r\nB: 2\r\n\r\nx", ["a", "b"]),
        (b"From jane Mon Jan  1 10:00:00 2024\nA: 1\n\nx", ["a"]),
        (b"\r\n\r\nA: 1\r\n\r\nx", ["a"]),
        (b"\xef\xbb\xbfA: 1\r\n\r\nx", ["a"]),
        (b"A: 1\r\nlost indent\r\nB: 2\r\n\r\nx", ["a", "b"]),
        (b"A: 1\n \nx", ["a"]),
        (b"A : 1\n\nx", ["a"]),
        (b"no header at all", []),
        (b"", []),
    ],
)
def test_header_block_is_repaired(raw: bytes, names: list[str]) -> None:
    header = split(raw, 0, len(raw))

    assert [name for name, _ in header.fields] == names
    assert raw[header.body :] in (b"x", b"", b"no header at all")


def test_header_is_cut_at_its_bounds() -> None:
    many = split(b"X: y\r\n" * 3000 + b"\r\nbody", 0, 18006)

    assert len(many.fields) == 2000
    assert "the header was cut" in many.defects
    assert not many.endless


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Mon, 1 Jan 2024 10:00:00 +0900", 1704070800),
        ("1 Jan 2024 01:00:00 -0000", 1704070800),
        ("Mon, 1 Jan 2024 01:00:00 GMT (comment)", 1704070800),
    ],
)
def test_date_is_an_instant(value: str, seconds: int) -> None:
    found = date(value)

    assert found is not None
    assert found.timestamp() == seconds


@given(st.text())
def test_date_of_any_text(value: str) -> None:
    found = date(value)

    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        (b'a/b; name="x y.txt"', "name", "x y.txt"),
        (b"a/b; name=x.txt; other=1", "name", "x.txt"),
        (b"attachment; filename*=utf-8''%ED%95%9C.txt", "filename", "한.txt"),
        (b"attachment; filename*0*=utf-8''%ED%95; filename*1*=%9C.txt", "filename", "한.txt"),
        (b'attachment; filename*0="a b"; filename*1=".txt"', "filename", "a b.txt"),
        (b"attachment; filename==?utf-8?b?7ZWcLnR4dA==?=", "filename", "한.txt"),
        (b'attachment; filename="a;b.txt"', "filename", "a;b.txt"),
        (b'a/b; name="unclosed', "name", "unclosed"),
    ],
)
def test_parameter_is_read(raw: bytes, name: str, value: str) -> None:
    assert parameters.read(raw).get(name) == value


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (b"plain", "", "plain"),
        ("é".encode(), "iso-8859-1", "é"),
        (b"\xe9", "utf-8", "é"),
        (b"\x93x\x94", "iso-8859-1", "“x”"),
        ("뷁".encode("cp949"), "euc-kr", "뷁"),
        ("프린터가 고장".encode("cp949"), "", "프린터가 고장"),
        ("镕".encode("gb18030"), "gb2312", "镕"),
        ("日本".encode("iso2022_jp"), "", "日本"),
        ("①".encode("cp932"), "shift_jis", "①"),
        (b"\xe9", "no-such-charset", "é"),
        (b"x", "idna", "x"),
        (b"\x41", "base64", "A"),
        ("é".encode("utf-16"), "utf-16", "é"),
    ],
)
def test_charset_ladder_finds_the_text(data: bytes, declared: str, text: str) -> None:
    assert charset.decode(data, declared)[0] == text


@given(st.binary(), st.sampled_from(["", "utf-7", "utf-16", "hz", "iso-2022-kr", "utf-8", "big5"]))
def test_charset_never_leaves_surrogates(data: bytes, declared: str) -> None:
    charset.decode(data, declared)[0].encode("utf-8")


@pytest.mark.parametrize("answers", [0, 1, 3])
def test_conversation_of_outlook_is_one_for_every_answer(answers: int) -> None:
    index = bytes(range(22)) + b"12345" * answers
    raw = b"Thread-Index: " + base64.b64encode(index) + b"\r\n\r\n"

    assert parse(raw).thread_index == bytes(range(6, 22)).hex()


@pytest.mark.parametrize("value", ["", "AAAA", "no base64 at all", "\u00e4"])
def test_broken_conversation_is_none(value: str) -> None:
    assert parse(f"Thread-Index: {value}\r\n\r\n".encode()).thread_index == ""


def test_every_field_of_a_name_is_served() -> None:
    message = parse(b"Resent-From: a@b.c\r\nResent-From: =?utf-8?q?d?= <d@e.f>\r\n\r\n")

    assert message.every("Resent-From") == ("a@b.c", "d <d@e.f>")
    assert message.header("resent-from") == "a@b.c"
