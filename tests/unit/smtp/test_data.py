"""Cutting a stream into mails."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.errors import TooLarge
from daemon.smtp_data import REACH_BYTES, Endless, Mail

# Mostly the bytes that decide.
_bytes = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"a", b"\x00"])).map(b"".join)


def _stuff(content: bytes) -> bytes:
    """What a client sends for a content that ends in CRLF: RFC 5321 §4.5.2."""
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def _feed(mail: Mail, sent: bytes, cuts: list[int]) -> bytes:
    """Feed in pieces; return what was left behind the end."""
    places = sorted({0, len(sent), *(cut % (len(sent) + 1) for cut in cuts)})
    for start, stop in itertools.pairwise(places):
        if (rest := mail.feed(sent[start:stop])) is not None:
            return rest + sent[stop:]
    raise AssertionError("no end")


@given(content=_bytes, behind=_bytes, cuts=st.lists(st.integers(min_value=0), max_size=8))
def test_mail_is_what_was_sent_however_it_is_cut(
    content: bytes, behind: bytes, cuts: list[int]
) -> None:
    content += b"\r\n"
    mail = Mail(10_000)

    assert _feed(mail, _stuff(content) + behind, cuts) == behind
    assert mail.content() == content


@given(content=_bytes)
def test_only_crlf_dot_crlf_ends_a_mail(content: bytes) -> None:
    mail = Mail(10_000)
    rest = mail.feed(content)

    if b"\r\n.\r\n" in b"\r\n" + content:
        assert rest == (b"\r\n" + content).split(b"\r\n.\r\n", 1)[1]
    else:
        assert rest is None


@pytest.mark.parametrize("extra", [0, 1, REACH_BYTES - 10])
def test_mail_over_the_limit_is_refused_at_its_end(extra: int) -> None:
    mail = Mail(100)
    assert mail.feed(b"x" * (98 + extra) + b"\r\n.\r\nNOOP\r\n") == b"NOOP\r\n"

    if extra:
        with pytest.raises(TooLarge):
            mail.content()
    else:
        assert len(mail.content()) == 100


def test_mail_without_an_end_is_given_up() -> None:
    mail = Mail(100)
    for _ in range(REACH_BYTES // 1000):  # and the limit itself: 100
        assert mail.feed(b"x" * 1000) is None

    with pytest.raises(Endless):
        mail.feed(b"x" * 1000)
