"""Recipients and return path from a mail's head."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daemon.imap_head import recipients, return_path

OURS = ("help@desk.test", "it@desk.test")


def test_recipients_are_ours_once_with_the_mtas_fields_first() -> None:
    raw = (
        b"To: Help <help@desk.test>, x@y.test,\r\n =?utf-8?q?IT?= <it+r7@desk.test>\r\n"
        b"Cc: HELP@DESK.TEST, nothelp@desk.test, help@desk.test.evil.test\r\n"
        b"Delivered-To: it@desk.test\r\n\r\nTo: it+body@desk.test\r\n"
    )

    assert recipients(raw, OURS) == ("it@desk.test", "help@desk.test", "it+r7@desk.test")


def test_return_path_is_the_first_one() -> None:
    assert return_path(b"Return-Path: <a@b.test>\nReturn-Path: <c@d.test>\n\n") == "a@b.test"
    assert return_path(b"Return-Path: <>\r\nReturn-Path: <c@d.test>\r\n\r\n") == ""
    assert return_path(b"Subject: x\r\n\r\nReturn-Path: <a@b.test>") == ""


@given(st.binary(max_size=500), st.lists(st.sampled_from([b"To: ", b"help@desk.test", b"\r\n "])))
def test_any_bytes_are_read_without_an_error(noise: bytes, parts: list[bytes]) -> None:
    raw = b"".join(parts) + noise

    assert set(map(str.lower, recipients(raw, OURS))) <= {"help@desk.test", "it@desk.test"} | {
        address for address in map(str.lower, recipients(raw, OURS)) if "+" in address
    }
    return_path(raw)
