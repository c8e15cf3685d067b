"""Watchers: who becomes one, what they are told, and what their answers do."""

from __future__ import annotations

from typing import Any

from daemon.store import listing
from daemon.store.tables import inbox, messages, outbox, tickets
from tests.servers.desk import Notice, mail
from tests.work.conftest import Work


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
