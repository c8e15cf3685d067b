"""Authentication-Results: what is read, what is refused, and whose field is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.results import peer_of, read, received_by, spoken_by

US = "mx.desk.test"


@pytest.mark.parametrize(
    ("value", "dmarc"),
    [
        ("mx.desk.test; dmarc=pass header.from=a.test", ("pass", "a.test")),
        ("mx.desk.test 1; dmarc=pass (p=REJECT) header.from=a.test", ("pass", "a.test")),
        ("mx.desk.test;\tDMARC=Pass\theader.From=a.test", ("pass", "a.test")),
        ("(hi) mx.desk.test (x (y)); dmarc (z) = (q) pass header.from=a.test", ("pass", "a.test")),
        ('mx.desk.test; dmarc=pass reason="a; b" header.from="a.test"', ("pass", "a.test")),
        ("mx.desk.test; spf=none; dmarc/1=fail header.from=a.test", ("fail", "a.test")),
        ("mx.desk.test; dmarc=pass header.from=a.test header.from=b.test", ("pass", "")),
        ('mx.desk.test; dmarc=fail ("quoted ) header.from=a.test', ("fail", "a.test")),
    ],
)
def test_field_is_read(value: str, dmarc: tuple[str, str]) -> None:
    found = read(value)

    assert found is not None
    assert found.authserv_id == US
    [result] = found.of("dmarc")
    assert (result.outcome, result.properties["header.from"]) == dmarc


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";dmarc=pass",
        "mx.desk.test dmarc=pass",
        "mx.desk.test; dmarc",
        "mx.desk.test; dmarc=",
        "mx.desk.test; =pass",
        "mx.desk.test; dmarc==pass",
        "mx.desk.test; dmarc=pass header.from",
        "mx.desk.test (open; dmarc=pass",
        "mx.desk.test); dmarc=pass",
        'mx.desk.test; reason="open; dmarc=pass',
        "mx.desk.test; dmarc=pass\x00 header.from=a.test",
        "mx.desk.test; dmarc=pass\r\nX: y",
        "mx.desk.test; " + "a=b " * 10_000,
    ],
)
def test_what_keeps_to_no_grammar_says_nothing(value: str) -> None:
    assert read(value) is None


def test_no_result_is_no_result() -> None:
    found = read("mx.desk.test; none")

    assert found is not None
    assert found.results == ()


@given(st.text(max_size=300))
def test_any_text_is_read_without_fault(value: str) -> None:
    read(value)
    received_by(value.encode())
    peer_of(value.encode())


PASS = b"mx.desk.test; dmarc=pass header.from=desk.test"
OURS = b"from out.test (out.test [192.0.2.7]) by mx.desk.test (Postfix) with ESMTPS; Mon"
INNER = b"from mx.desk.test (localhost [127.0.0.1]) by store.desk.test with LMTP; Mon"


@pytest.mark.parametrize(
    ("fields", "is_believed"),
    [
        ([("authentication-results", PASS), ("received", OURS)], True),
        ([("received", INNER), ("authentication-results", PASS), ("received", OURS)], True),
        # Ours, found below a foreign one that our own later hop wrote.
        ([("authentication-results", b"inner; none"), ("authentication-results", PASS),
          ("received", OURS)], True),
        # Below our server's Received, everything is the sender's.
        ([("received", OURS), ("authentication-results", PASS)], False),
        # The sender forged the Received as well: the topmost one of ours is the border.
        ([("received", OURS), ("authentication-results", PASS), ("received", OURS)], False),
        # No border at all.
        ([("authentication-results", PASS)], False),
        ([("authentication-results", PASS), ("received", INNER)], False),
        # Nearly our name.
        ([("authentication-results", PASS.replace(b"mx", b"MX")), ("received", OURS)], False),
        ([("authentication-results", PASS.replace(b".test;", b".test.evil;")), ("received", OURS)],
         False),
        ([("authentication-results", PASS.replace(b"mx.d", b"(mx.desk.test) x.d")),
          ("received", OURS)], False),
        # A border that only the peer's own greeting names.
        ([("authentication-results", PASS),
          ("received", b"from by.mx.desk.test (mx.desk.test [192.0.2.7]) by x.test; Mon")], False),
        ([("x-authentication-results", PASS), ("received", OURS)], False),
    ],
)  # fmt: skip
def test_only_our_own_servers_word_counts(
    fields: list[tuple[str, bytes]], is_believed: bool
) -> None:
    found, _ = spoken_by(fields, US, "MX.desk.test")

    assert (found is not None) is is_believed


def test_first_of_two_fields_of_ours_counts() -> None:
    fail = PASS.replace(b"pass", b"fail")
    fields = [("authentication-results", fail), ("authentication-results", PASS),
              ("received", OURS)]  # fmt: skip

    found, peer = spoken_by(fields, US, US)

    assert found is not None
    assert [result.outcome for result in found.of("dmarc")] == ["fail"]
    assert peer == "192.0.2.7"


@pytest.mark.parametrize(
    ("received", "peer"),
    [
        (OURS, "192.0.2.7"),
        (b"from [10.9.9.9] (out.test [IPv6:2001:DB8::1]) by mx.desk.test; Mon", "2001:db8::1"),
        (b"from [10.9.9.9] by mx.desk.test; Mon", ""),
        (b"by mx.desk.test (Postfix, from userid 0); Mon", ""),
    ],
)
def test_peer_is_what_the_server_saw(received: bytes, peer: str) -> None:
    assert peer_of(received) == peer
