"""ClamAV: what it finds is marked, and while it is away mails wait or pass with a mark."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.clock import FixedClock
from daemon.errors import ScannerAway
from daemon.settings import Attachments
from daemon.store.tables import inbox, tickets
from tests.servers import clamd
from tests.servers.desk import mail
from tests.work.conftest import START, Work
from workers.scanner import Scan, Scanner

HARMFUL = b"Subject: x\r\n\r\n" + clamd.HARMFUL


def scanner(place: str, **settings: Any) -> Scanner:
    return Scanner(Attachments(clamav=place, clamav_seconds=5, **settings), FixedClock(START))


@pytest.mark.parametrize("is_unix", [False, True], ids=["tcp", "unix"])
def test_what_clamd_says(tmp_path: Path, is_unix: bool) -> None:
    with clamd.running(tmp_path / "clamd" if is_unix else None) as place:
        ask = scanner(place)

        assert ask.scan(b"Subject: x\r\n\r\nHello." * 10_000) == Scan()
        assert ask.scan(HARMFUL) == Scan(virus="Test.Harm-1")


def test_a_mail_too_large_for_clamd_passes_with_a_mark() -> None:
    with clamd.running() as place:
        found = scanner(place).scan(b"x" * (8 * 1024 * 1024))

    assert found == Scan(skipped="INSTREAM size limit exceeded. ERROR")


def test_without_clamd_nobody_is_asked() -> None:
    assert scanner("").scan(HARMFUL) == Scan()


def test_away_is_waited_for_or_passed_as_configured() -> None:
    place = clamd.nobody()

    with pytest.raises(ScannerAway, match="the virus scanner is away"):
        scanner(place).scan(HARMFUL)
    assert "refused" in scanner(place, clamav_away="pass").scan(HARMFUL).skipped


def test_harmful_mail_is_a_ticket_with_marks(work: Work) -> None:
    with clamd.running() as place:
        work.configure(attachments=Attachments(clamav=place))
        made = mail("carol@acme.test", "Bill", "See there.")
        made.add_attachment(clamd.HARMFUL, maintype="text", subtype="x", filename="bill.txt")
        work.arrive(bytes(made).replace(b"See there.", b"See there. " + clamd.HARMFUL))
        work.take_in()

    [ticket] = work.rows(tickets)
    assert ticket.tags == ["virus"]
    assert work.files()[0]["danger"] == "the mail has Test.Harm-1"


def test_mails_wait_for_a_scanner_that_is_away_and_no_try_is_counted(work: Work) -> None:
    work.configure(attachments=Attachments(clamav=clamd.nobody()))
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    for _ in range(20):
        work.take_in()
        work.clock.advance(timedelta(seconds=16))
    [row] = work.rows(inbox)
    assert (row.state, row.attempts) == ("received", 0)

    with clamd.running() as place:
        work.configure(attachments=Attachments(clamav=place))
        work.take_in()
    assert [row.fate for row in work.rows(inbox)] == ["ticket"]


def test_mails_pass_with_a_mark_where_the_admin_wants_it(work: Work) -> None:
    work.configure(attachments=Attachments(clamav=clamd.nobody(), clamav_away="pass"))
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()

    [ticket] = work.rows(tickets)
    assert ticket.tags == ["not-scanned"]
