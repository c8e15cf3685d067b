"""An agent who is away: who hands over to him is told, and so is his team in his stead."""

from __future__ import annotations

from datetime import timedelta

from daemon.store.tables import outbox
from tests.servers.desk import ADDRESS, mail
from tests.work.conftest import Work

ANN, BO, CAROL = "ann@desk.test", "bo@desk.test", "carol@acme.test"


def _says(work: Work, who: str, text: str) -> None:
    """An agent answers what he was told first, or writes to the desk where he was told nothing."""
    told = [one for one in work.notices(who) if "+" in one.reply_to]
    work.clock.advance(timedelta(minutes=1))
    made = told[0].answer(text, From=who) if told else mail(who, "Me", text)
    to = told[0].reply_to if told else ADDRESS
    work.arrive(bytes(made), sender=who, recipients=(to,))
    work.take_in()


def _asks(work: Work, text: str) -> None:
    ack = work.notices(CAROL)[0]
    work.clock.advance(timedelta(minutes=1))
    made = ack.answer(text, From=CAROL)
    work.arrive(bytes(made), sender=CAROL, recipients=(ack.reply_to,))
    work.take_in()


def test_whoever_hands_over_to_somebody_away_is_warned_and_the_team_hears(work: Work) -> None:
    _says(work, BO, "/away until +3d\n")
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.")))
    work.take_in()

    _says(work, ANN, "/assign bo")
    assert "bo is away until 2026-03-05" in work.notices(ANN)[-1].text
    _says(work, ANN, "/queue all")
    assert "bo (away)" in work.notices(ANN)[-1].text
    before = len(work.notices(ANN)), len(work.notices(BO))
    _asks(work, "Is anybody there?")
    assert [len(work.notices(who)) - was for who, was in zip((ANN, BO), before, strict=True)] == [
        1,
        1,
    ]

    work.clock.advance(timedelta(days=4))
    before = len(work.notices(ANN)), len(work.notices(BO))
    _asks(work, "And now?")
    assert len(work.notices(ANN)) == before[0]
    assert len(work.notices(BO)) == before[1] + 1


def test_a_late_clock_is_told_to_the_team_too_while_its_owner_is_away(work: Work) -> None:
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.")))
    work.take_in()
    _says(work, BO, "/take\n/away until +9d")

    work.clock.advance(timedelta(hours=20))
    work.ring()

    warned = [row.recipient for row in work.rows(outbox) if row.kind == "sla_warning"]
    assert sorted(warned) == [ANN, BO]


def test_the_desk_is_nobodys_requester_and_no_watcher(work: Work) -> None:
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.")))
    work.take_in()

    for line in ("/for help@desk.test", "/cc +it@desk.test"):
        _says(work, ANN, line)
        work.clock.advance(timedelta(minutes=6))
        assert "is the desk itself" in work.notices(ANN)[-1].text
