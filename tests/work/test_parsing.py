"""Reading in a process of its own: the same message, and no mail that costs more than it may."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.errors import Unparsable
from daemon.mail.parse import parse
from daemon.settings import Limits
from scripts.bench.desk import children
from tests.work.conftest import Work
from workers.parsing.frames import unpack
from workers.parsing.pool import Parsers

SAMPLES = sorted((Path(__file__).parents[2] / "scripts" / "samples").glob("*.eml"))
#: Reading it needs some times its size.
LARGE = b"From: eve@else.test\r\nSubject: Large\r\n\r\n" + b"All work and no play.\r\n" * 2_000_000
#: Much HTML in many parts takes seconds wherever this runs.
_HTML = b"--x\r\nContent-Type: text/html\r\n\r\n" + b"<p>a<b>b</b>&amp;</p>" * 9000 + b"\r\n"
LONG = (
    b"From: eve@else.test\r\nSubject: Long\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    + _HTML * 60
    + b"--x--\r\n"
)


@pytest.fixture
def parsers() -> Iterator[Parsers]:
    made = Parsers(Limits(), most=1)
    yield made
    made.close()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_message_is_what_a_call_would_give(path: Path, parsers_of_all: Parsers) -> None:
    raw = path.read_bytes()

    assert parsers_of_all.parse(raw) == parse(raw)


def test_any_text_comes_through(parsers_of_all: Parsers) -> None:
    raw = b"Subject: \xff\xed\xa0\x80 =?utf-8?q?=ED=A0=80?=\r\n\r\n" + bytes(range(256))

    assert parsers_of_all.parse(raw) == parse(raw)


def test_a_mail_that_needs_too_much_memory_has_none() -> None:
    tight = Parsers(Limits(parse_memory_bytes=128 * 1024 * 1024), most=1)

    with pytest.raises(Unparsable, match="memory"):
        tight.parse(LARGE)

    assert tight.parse(b"Subject: after it\r\n\r\n").subject == "after it"
    tight.close()


def test_a_mail_that_takes_too_long_is_ended() -> None:
    hasty = Parsers(Limits(parse_seconds=1, parse_memory_bytes=4 << 30), most=1)

    with pytest.raises(Unparsable, match="more than 1 s"):
        hasty.parse(LONG)

    assert hasty.parse(b"Subject: after it\r\n\r\n").subject == "after it"
    hasty.close()


def test_a_parser_that_was_killed_is_no_proof_against_the_mail(parsers: Parsers) -> None:
    parsers.parse(b"Subject: one\r\n\r\n")
    before = _parsers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    assert parsers.parse(b"Subject: two\r\n\r\n").subject == "two"
    assert not before & _parsers()


def test_one_parser_serves_many_mails_and_ends_with_the_desk(parsers: Parsers) -> None:
    others = _parsers()
    parsers.parse(b"Subject: one\r\n\r\n")
    mine = _parsers() - others
    parsers.parse(b"Subject: two\r\n\r\n")

    assert len(mine) == 1
    assert _parsers() - others == mine
    parsers.close()
    assert not _parsers() & mine


def test_a_parser_knows_no_secret(parsers: Parsers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTDESK_DELIVERY__PASSWORD", "hunter2")
    others = _parsers()
    parsers.parse(b"Subject: one\r\n\r\n")
    [mine] = _parsers() - others

    environ = Path(f"/proc/{mine}/environ").read_bytes()

    assert b"hunter2" not in environ


def test_an_answer_makes_nothing_but_the_values_of_a_mail() -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    for payload in (pickle.dumps(Evil()), pickle.dumps(parse), pickle.dumps("a text")):
        with pytest.raises(pickle.UnpicklingError):
            unpack(payload)


def test_a_mail_that_cannot_be_read_is_held_at_once_with_its_head(work: Work) -> None:
    work.limit(parse_memory_bytes=128 * 1024 * 1024)
    work.arrive(LARGE)
    work.arrive(b"From: carol@acme.test\r\nMessage-ID: <1@acme.test>\r\n\r\nHelp.")
    work.take_in()

    held, taken = work.fates()
    assert (held.state, held.attempts, held.subject) == ("held", 1, "Large")
    assert held.from_address == "eve@else.test"
    assert "memory" in held.error
    assert (taken.state, taken.fate) == ("done", "ticket")


def _parsers() -> set[int]:
    return {pid for pid in children(os.getpid()) if b"parsing.child" in _command(pid)}


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
