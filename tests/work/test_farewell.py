"""The end of a ticket: told and asked about where notices.yaml names it, and else silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon import shipped
from daemon.store.tables import outbox, tickets
from tests.servers.desk import mail
from tests.work.conftest import Work

ANN, CAROL = "ann@desk.test", "carol@acme.test"


def _ended(work: Work, names: str) -> list[str]:
    """What Carol gets until her ticket has closed by itself."""
    text = (shipped.folder("rules") / "notices.yaml").read_text(encoding="utf-8")
    text = text.replace("  # closed: requester", f"{names}  # closed: requester")
    (work.folder / "rules" / "notices.yaml").write_text(text, encoding="utf-8")
    work.desk.reload()
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.")))
    work.take_in()
    told = work.notices(ANN)[0]
    work.arrive(bytes(told.answer("/resolve\nDone.", From=ANN)), recipients=(told.reply_to,))
    work.take_in()
    work.clock.advance(timedelta(days=9))
    work.ring()
    assert [row.state for row in work.rows(tickets)] == ["closed"]
    return [row.kind for row in work.rows(outbox) if row.recipient == CAROL]


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        ("", []),
        ("  closed: requester\n", ["closed"]),
        ("  survey: requester\n", ["survey"]),
        ("  closed: requester\n  survey: requester\n", ["closed", "survey"]),
    ],
)
def test_the_end_is_told_as_the_admin_wants(work: Work, names: str, kinds: list[str]) -> None:
    assert _ended(work, names) == ["acknowledgement", "resolution", *kinds]

    resolution = work.notices(CAROL)[1].text
    assert ("/rate" in resolution) is ("survey" not in kinds)
    if "survey" in kinds:
        assert "/rate 5" in work.notices(CAROL)[-1].text


def test_a_close_by_hand_is_told_too(work: Work) -> None:
    assert "closed" in _ended(work, "  closed: requester\n")
    told = work.notices(ANN)[0]
    work.arrive(bytes(mail(CAROL, "Table", "It broke.")))
    work.take_in()
    told = work.notices(ANN)[-1]
    for text in ("/resolve\nDone.", "/close"):
        work.arrive(bytes(told.answer(text, From=ANN)), recipients=(told.reply_to,))
        work.take_in()

    mails = [row for row in work.rows(outbox) if row.recipient == CAROL and row.ticket == 2]
    assert [row.kind for row in mails] == ["acknowledgement", "resolution", "closed"]
