"""Subjects without their decoration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.subject import bare, is_another, is_forward


@pytest.mark.parametrize(
    "subject",
    [
        "Printer",
        "Re: Printer",
        "RE: AW: Printer",
        "Re[2]: Printer",
        "답장: Printer",
        "[EXT] Re: [#12] Printer",
        "[External] FW: Printer",
        "回复：Printer",
        "Fwd:Printer",
        "WG:  Printer ",
        "SV: VS: Printer",
    ],
)
def test_bare_subject_is_what_it_says(subject: str) -> None:
    assert bare(subject) == "Printer"


@pytest.mark.parametrize(
    "subject", ["Report: Q3", "Resolved", "[team] Printer", "Fwords", "i: x y"]
)
def test_words_of_the_subject_stay(subject: str) -> None:
    assert bare(subject).endswith(subject.rpartition(": ")[2])


@pytest.mark.parametrize(
    ("subject", "is_so"),
    [
        ("Fwd: Printer", True),
        ("FW: Printer", True),
        ("WG: Drucker", True),
        ("TR: Imprimante", True),
        ("전달: 프린터", True),
        ("[EXT] Fwd: Printer", True),
        ("Re: Fwd: Printer", False),
        ("Forward the printer", False),
    ],
)
def test_forward_by_its_prefix(subject: str, is_so: bool) -> None:
    assert is_forward(subject) is is_so


@pytest.mark.parametrize(
    ("subject", "thread", "is_so"),
    [
        ("Re: Printer", "Printer", False),
        ("[#12] Resolved: Printer", "Printer", False),
        ("Re: Printer is on fire and smo", "Printer is on fire and smokes", False),
        ("VPN is down", "Printer", True),
        ("", "Printer", False),
        ("Re: VPN", "", False),
    ],
)
def test_another_subject_in_a_thread(subject: str, thread: str, is_so: bool) -> None:
    assert is_another(subject, thread) is is_so


def test_endless_subject_costs_no_more_than_its_beginning() -> None:
    assert len(bare(" " * 200_000 + "[#1]" * 50_000)) <= 500


@given(st.text(max_size=200))
def test_any_subject_is_read(subject: str) -> None:
    assert isinstance(is_another(bare(subject), subject), bool)
