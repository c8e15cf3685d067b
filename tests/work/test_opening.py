"""Commands in the mail that opens a ticket: each is done, or the whole mail is given back."""

from __future__ import annotations

import pytest

from daemon.store.tables import people, tickets
from tests.servers.desk import ADDRESS, PEOPLE
from tests.work.conftest import Work
from tests.work.test_commands import ANN, CAROL, Desk

DAN, BO = "dan@acme.test", "bo@desk.test"
CALL = "/for dan@acme.test\n{}\nHis phone is dead."


@pytest.fixture
def desk(work: Work) -> Desk:
    return Desk(work)


def _open(desk: Desk, *lines: str) -> str:
    return desk.write(ANN, CALL.format("\n".join(lines)), to=ADDRESS)


def test_help_from_above_is_called_for_at_once(work: Work) -> None:
    path = work.folder / "rules" / "people.yaml"
    path.write_text(PEOPLE.replace("lead: ann", "lead: bo"), encoding="utf-8")
    work.desk.reload()
    desk = Desk(work)

    assert _open(desk, "/escalate he is on stage") == "ticket"
    [told] = desk.mails("escalation", BO)
    assert b"he is on stage" in told.raw  # type: ignore[attr-defined]
    assert desk.kinds().count("escalated") == 1


def test_where_nobody_is_above_the_admins_are_told(desk: Desk) -> None:
    _open(desk, "/escalate he is on stage")

    [alarm] = desk.mails("alarm", "root@desk.test")
    assert b"he is on stage" in alarm.raw  # type: ignore[attr-defined]


def test_there_is_nothing_to_split_yet(desk: Desk) -> None:
    assert _open(desk, '/split "Chair"') == "command"

    assert len(desk.work.rows(tickets)) == 1
    given_back = desk.work.notices(ANN)[-1].text
    assert '/split "Chair": a mail that opens a ticket is one matter' in given_back
    assert "His phone is dead." in given_back


def test_a_new_ticket_goes_on_in_another(desk: Desk) -> None:
    _open(desk, "/merge #1")

    assert desk.work.rows(tickets)[1].merged_into == 1
    assert desk.kinds().count("merged") == 1
    desk.write(ANN, "A new one comes.")
    assert len(desk.mails("public_reply", DAN)) == 1


def test_another_ticket_becomes_its_part(desk: Desk) -> None:
    _open(desk, "/link child #1")

    assert desk.ticket.parent == 2  # type: ignore[attr-defined]
    assert desk.kinds().count("spread") == 1


def test_who_gets_a_task_is_told(desk: Desk) -> None:
    _open(desk, '/task "Bring a new one" @bo')

    [told] = desk.mails("assigned", BO)
    assert b"Bring a new one" in told.raw  # type: ignore[attr-defined]


def test_what_a_requester_wants_for_himself_is_kept(desk: Desk) -> None:
    desk.write(CAROL, "/lang de\nEs brennt wieder.", to=ADDRESS)

    [language] = [row.language for row in desk.work.rows(people) if row.address == CAROL]
    assert language == "de"
