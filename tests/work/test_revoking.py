"""Signed addresses that were taken back, seen by whom nobody but his address vouches for."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from scripts.postdesk import cli
from tests.servers.desk import PEOPLE, Notice, mail
from tests.work.conftest import Work

CAROL, DAN, ANN = "carol@acme.test", "dan@acme.test", "ann@desk.test"
WITHOUT_ANN = PEOPLE.replace(
    "  ann:\n    full_name: Ann Agent\n    addresses: [ann@desk.test]\n", ""
).replace("[ann, bo]\n    lead: ann", "[bo]")


@pytest.fixture(autouse=True)
def opened(work: Work) -> None:
    """A ticket of Carol's that Dan watches."""
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.", Cc=DAN)))
    work.take_in()
    _agent(work, "We look at it.")


def _agent(work: Work, text: str) -> None:
    told = work.notices(ANN)[0]
    work.arrive(bytes(told.answer(text, From=ANN)), sender=ANN, recipients=(told.reply_to,))
    work.take_in()


def _fate(work: Work, notice: Notice, who: str, text: str = "More of it.", **way: Any) -> str:
    """What becomes of an answer by a road that checks nobody."""
    values: dict[str, Any] = {"trusted": False, "peer": "192.0.2.9", **way}
    made = notice.answer(text, From=who)
    work.arrive(bytes(made), sender=who, recipients=(notice.reply_to,), **values)
    work.take_in()
    return str(work.fates()[-1].fate)


def _revoke(work: Work, *words: str) -> str:
    environ = {
        "POSTDESK_DATABASE_URL": work.store.url.render_as_string(hide_password=False),
        "POSTDESK_DATA_DIR": str(work.folder),
    }
    done = CliRunner(env=environ).invoke(cli, ["revoke", *words])
    return done.stdout if done.exit_code == 0 else f"{done.exit_code} {done.exception}"


def test_address_of_somebody_who_was_taken_off_is_worthless(work: Work) -> None:
    old = work.notices(DAN)[-1]
    assert _fate(work, old, DAN) == "reply"

    _agent(work, f"/cc -{DAN}")
    assert _fate(work, old, DAN) == "unverified"
    _agent(work, f"/cc +{DAN}\nWelcome back.")

    assert _fate(work, old, DAN) == "unverified"
    assert _fate(work, work.notices(DAN)[-1], DAN) == "reply"


def test_new_life_of_a_closed_ticket_has_new_addresses(work: Work) -> None:
    old = work.notices(CAROL)[-1]
    _agent(work, "/resolve\nDone.")
    _agent(work, "/close")
    assert _fate(work, old, CAROL, "It broke again.") == "reply"

    assert _fate(work, old, CAROL, "And again.") == "unverified"
    assert _fate(work, old, CAROL, "My server knows me.", trusted=True) == "reply"
    _agent(work, "I come by.")

    assert _fate(work, work.notices(CAROL)[-1], CAROL) == "reply"


def test_agent_who_left_and_came_back_has_new_addresses(work: Work) -> None:
    old = work.notices(ANN)[0]
    people = work.folder / "rules" / "people.yaml"
    people.write_text(WITHOUT_ANN, encoding="utf-8")
    work.desk.reload()
    assert _fate(work, old, ANN, "/resolve", trusted=True) == "unverified"

    people.write_text(PEOPLE, encoding="utf-8")
    work.desk.reload()
    work.arrive(bytes(mail("eve@acme.test", "Door", "It squeaks.")))
    work.take_in()

    new = work.notices(ANN)[-1].reply_to.split(".")
    assert (old.reply_to.split(".")[2], new[2]) == ("0", "1")
    assert _fate(work, old, ANN, "/take") == "unverified"


def test_leaked_addresses_of_a_ticket_or_of_a_person_are_revoked(work: Work) -> None:
    carols, dans = work.notices(CAROL)[-1], work.notices(DAN)[-1]

    assert "of #1" in _revoke(work, "--ticket", "1", "--person", CAROL)
    assert (_fate(work, carols, CAROL), _fate(work, dans, DAN)) == ("unverified", "reply")
    assert "everybody" in _revoke(work, "--ticket", "1")
    assert _fate(work, dans, DAN) == "unverified"
    _agent(work, "Here I am.")
    new = work.notices(DAN)[-1]
    assert _fate(work, new, DAN) == "reply"
    assert DAN in _revoke(work, "--person", DAN)

    assert _fate(work, new, DAN) == "unverified"
    assert "nobody is known" in _revoke(work, "--person", "nobody@acme.test")
    assert _revoke(work).startswith("2 ")
