"""Paths of MAIL and RCPT. What is refused at the desk is in the dialogues too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.smtp_address import (
    MAIL_PARAMETERS,
    Path,
    PathError,
    Recipients,
    check_mail_parameters,
    parse_path,
)


@pytest.mark.parametrize(
    ("argument", "local", "domain"),
    [
        ("TO:<ann@example.org>", "ann", "example.org"),
        ("to: <ann@example.org>", "ann", "example.org"),
        ("TO:ann@example.org", "ann", "example.org"),
        ("TO:<a..b.@example.org>", "a..b.", "example.org"),
        ("TO:<a+b=c@example.org>", "a+b=c", "example.org"),
        ('TO:<"a b"@example.org>', "a b", "example.org"),
        ('TO:<"a\\"b\\\\"@example.org>', 'a"b\\', "example.org"),
        ("TO:<ann@[192.0.2.1]>", "ann", "[192.0.2.1]"),
        ("TO:<ann@[IPv6:2001:db8::1]>", "ann", "[IPv6:2001:db8::1]"),
        ("TO:<@one.example,@two.example:ann@example.org>", "ann", "example.org"),
        ("TO:<postmaster>", "postmaster", ""),
        ("TO:<>", "", ""),
        ("TO:<안나@예시.한국>", "안나", "예시.한국"),
    ],
)
def test_path_is_read(argument: str, local: str, domain: str) -> None:
    path = parse_path(argument, "TO:", frozenset())

    assert (path.local, path.domain) == (local, domain)


@pytest.mark.parametrize(
    "argument",
    [
        *(
            None,
            "",
            "TO:",
            "TO <a@b>",
            "FROM:<a@b>",
            "TO:<a@b",
            "TO:a@b>",
            "TO:<a@b@c>",
            "TO:<a b@c>",
        ),
        *("TO:<a\x00@b>", "TO:<a\r@b>", "TO:<a\udcff@b>", "TO:<a\u2028@b>", "TO:<a@b>>", "TO:<@b>"),
        *("TO:<a@>", "TO:<@a:>", 'TO:<"a@b>', "TO:<a@b> X", "TO:<a@b> X=\x01", "TO:<a@b>,<c@d>"),
    ],
)
def test_what_is_no_path_is_refused_as_permanent(argument: str | None) -> None:
    with pytest.raises(PathError, match=r"^5"):
        parse_path(argument, "TO:", frozenset())


@given(st.text())
def test_any_text_is_a_path_or_a_path_error(text: str) -> None:
    try:
        path = parse_path("FROM:" + text, "FROM:", MAIL_PARAMETERS)
        check_mail_parameters(path.parameters)
    except PathError as err:
        reply = str(err)
    else:
        reply = "250"
        path.address.encode()  # the store takes no lone surrogate
        assert not any(ord(each) < 0x20 for each in path.address)
    assert reply[:3] in ("250", "501", "553", "555")
    assert reply.isascii()


def test_parameters_keep_their_values() -> None:
    path = parse_path("FROM:<a@b> size=12 ENVID=Ab+3D AUTH=<>", "FROM:", MAIL_PARAMETERS)

    assert path.parameters == {"SIZE": "12", "ENVID": "Ab+3D", "AUTH": "<>"}
    assert check_mail_parameters(path.parameters) == 12


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("help@desk.example", True),
        ("HELP+x@DESK.EXAMPLE", True),
        ("change+rfc@desk.example", True),
        ("change+rfc+x@desk.example", True),
        ("change@desk.example", False),
        ("postmaster@desk.example", True),
        ("postmaster@xn--bcher-kva.example", True),
        ("it@bücher.example", True),
        ("it@xn--bcher-kva.example", True),
        ("help@bücher.example", False),
        ("help@\u3002", False),
        ("+x@desk.example", False),
        ("help@sub.desk.example", False),
    ],
)
def test_recipients_are_exactly_the_desk(address: str, ours: bool) -> None:
    desk = Recipients(["Help@desk.example", "change+rfc@desk.example", "it@bücher.example"])
    local, _, domain = address.rpartition("@")

    assert (Path(address=address, local=local, domain=domain) in desk) is ours
