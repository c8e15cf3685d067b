"""Watchers: who becomes one, what they are told, and what their answers do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from daemon.store import listing
from daemon.store.tables import inbox, messages, outbox, tickets
from tests.servers.desk import PEOPLE, Notice, mail
from tests.work.conftest import Work

WITHOUT_BO = PEOPLE.replace(
    "  bo:\n    full_name: Bo Agent\n    addresses: [bo@desk.test]\n", ""
).replace("[ann, bo]", "[ann]")


def _opened(work: Work, cc: str, **envelope: Any) -> None:
    made = mail("carol@acme.test", "Printer", "It burns.", Cc=cc)
    work.arrive(bytes(made), **envelope)
    work.take_in()


def _listed(work: Work) -> tuple[tuple[str, ...], tuple[str, ...]]:
    with work.store.read() as tx:
        listed = listing.ticket(tx, 1)
    assert listed is not None
    return listed.watchers, listed.proposed


def _answer(work: Work, notice: Notice, text: str, sender: str, **fields: Any) -> Any:
    answer = notice.answer(text, From=sender, **fields)
    work.arrive(bytes(answer), sender=sender, recipients=(notice.reply_to,))
    work.take_in()
    return work.rows(inbox)[-1]


def _by_agent(work: Work, text: str) -> Any:
    return _answer(work, work.notices("ann@desk.test")[0], text, "ann@desk.test")


def test_colleague_in_cc_watches_and_a_stranger_is_proposed(work: Work) -> None:
    _opened(work, "dan@acme.test, mallory@evil.test, ann@desk.test, help@desk.test")

    assert _listed(work) == (("dan@acme.test",), ("mallory@evil.test",))


def test_unchecked_mail_brings_nobody_in(work: Work) -> None:
    _opened(work, "dan@acme.test, mallory@evil.test", trusted=False)

    assert _listed(work) == ((), ())


def test_public_answer_goes_to_each_in_a_mail_of_his_own(work: Work) -> None:
    _opened(work, "dan@acme.test, mallory@evil.test")
    _by_agent(work, "A new one is on its way.")

    told = {row.recipient: row.raw for row in work.rows(outbox) if row.kind == "public_reply"}
    assert set(told) == {"carol@acme.test", "dan@acme.test"}
    assert b"dan@acme.test" not in told["carol@acme.test"]
    assert b"carol@acme.test" not in told["dan@acme.test"]
    addresses = {one.reply_to for one in work.notices("dan@acme.test")}
    assert addresses.isdisjoint({one.reply_to for one in work.notices("carol@acme.test")})


def test_resolution_goes_to_watchers_and_only_the_requester_rates_it(work: Work) -> None:
    _opened(work, "dan@acme.test")
    _by_agent(work, "/resolve\nReplaced.")

    assert {row.recipient for row in work.rows(outbox) if row.kind == "resolution"} == {
        "carol@acme.test",
        "dan@acme.test",
    }


def test_note_goes_to_no_watcher(work: Work) -> None:
    _opened(work, "dan@acme.test")
    _by_agent(work, "/note\nHe always says that.")

    assert not work.notices("dan@acme.test")


def test_watchers_answer_lands_in_the_ticket_as_his(work: Work) -> None:
    _opened(work, "dan@acme.test")
    _by_agent(work, "A new one is on its way.")
    [told] = work.notices("dan@acme.test")

    row = _answer(work, told, "It is here now.", "dan@acme.test")

    assert (row.fate, row.ticket, row.authority) == ("reply", 1, "participant")
    last = work.rows(messages)[-1]
    assert (last.visibility, last.from_address, last.unverified) == (
        "public",
        "dan@acme.test",
        False,
    )


def test_watchers_address_in_other_hands_is_unverified(work: Work) -> None:
    _opened(work, "dan@acme.test")
    _by_agent(work, "A new one is on its way.")
    [told] = work.notices("dan@acme.test")

    assert _answer(work, told, "Ha.", "mallory@evil.test").fate == "unverified"


def test_newcomer_gets_nothing_of_what_was_before(work: Work) -> None:
    _opened(work, "")
    _by_agent(work, "The password is swordfish.")
    last = work.notices("carol@acme.test")[-1]
    _answer(work, last, "Dan helps me.", "carol@acme.test", Cc="dan@acme.test")
    assert _listed(work) == (("dan@acme.test",), ())
    _by_agent(work, "Fine.")

    [told] = work.notices("dan@acme.test")
    assert "Fine." in told.text
    assert "swordfish" not in told.received.raw.decode()


def test_watcher_brings_in_nobody_by_himself(work: Work) -> None:
    _opened(work, "dan@acme.test")
    _by_agent(work, "A new one is on its way.")
    [told] = work.notices("dan@acme.test")
    _answer(work, told, "Eve, too.", "dan@acme.test", Cc="eve@acme.test")

    assert _listed(work) == (("dan@acme.test",), ("eve@acme.test",))


def test_whoever_was_removed_has_no_part_in_it_any_more(work: Work) -> None:
    _opened(work, "dan@acme.test")
    _by_agent(work, "A new one is on its way.")
    [told] = work.notices("dan@acme.test")
    _by_agent(work, "/cc -dan@acme.test")
    _by_agent(work, "It is there.")

    assert _listed(work) == ((), ())
    assert len(work.notices("dan@acme.test")) == 1
    assert _answer(work, told, "And?", "dan@acme.test").fate == "unverified"


def test_agent_is_asked_about_who_was_proposed(work: Work) -> None:
    _opened(work, "dan@acme.test, mallory@evil.test")

    [told] = work.notices("ann@desk.test")
    assert "/cc +mallory@evil.test" in told.text
    assert "/cc +dan@acme.test" not in told.text
    _by_agent(work, "Who is Dan?")
    last = work.notices("carol@acme.test")[-1]
    _answer(work, last, "A colleague.", "carol@acme.test", Cc="eve@evil.test")
    assert "/cc +eve@evil.test" in work.notices("ann@desk.test")[-1].text


def test_agents_yes_to_somebody_of_no_known_house_is_asked_about_first(work: Work) -> None:
    _opened(work, "mallory@evil.test")
    _by_agent(work, "/cc +mallory@evil.test")

    assert _listed(work) == ((), ("mallory@evil.test",))
    assert [row.kind for row in work.rows(outbox) if row.kind == "confirm"] == ["confirm"]
    assert len(work.rows(tickets)) == 1


def _knows(work: Work, people: str) -> None:
    (work.folder / "rules" / "people.yaml").write_text(people, encoding="utf-8")
    work.desk.reload()


def test_agent_who_left_watches_nothing_unless_he_is_named_again(work: Work) -> None:
    _opened(work, "dan@acme.test")
    work.arrive(bytes(mail("bo@desk.test", "My chair", "It broke.")), sender="bo@desk.test")
    work.take_in()
    told = work.notices("bo@desk.test")[0]
    _answer(work, told, "/watch", "bo@desk.test")
    _by_agent(work, "We look at it.")
    before = len(work.notices("bo@desk.test"))
    assert set(_listed(work)[0]) == {"dan@acme.test", "bo@desk.test"}

    work.clock.advance(timedelta(minutes=1))
    _knows(work, WITHOUT_BO)
    _by_agent(work, "A new one is on its way.")
    assert len(work.notices("bo@desk.test")) == before
    assert _listed(work)[0] == ("dan@acme.test",)

    own = next(one for one in work.notices("ann@desk.test") if "[#2]" in one["Subject"])
    _answer(work, own, "What broke of it?", "ann@desk.test")
    assert "What broke" in work.notices("bo@desk.test")[-1].text

    work.clock.advance(timedelta(minutes=1))
    _by_agent(work, "/cc +bo@desk.test\nBo, too.")
    assert "Bo, too." in work.notices("bo@desk.test")[-1].text


def test_agent_who_comes_back_watches_what_he_watched(work: Work) -> None:
    _opened(work, "dan@acme.test")
    _answer(work, work.notices("bo@desk.test")[0], "/watch", "bo@desk.test")
    work.clock.advance(timedelta(minutes=1))
    _knows(work, WITHOUT_BO)
    _knows(work, PEOPLE)

    _by_agent(work, "A new one is on its way.")

    assert "on its way" in work.notices("bo@desk.test")[-1].text
