"""Who is told of what, when, and how often: notices.yaml at work."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from sqlalchemy import update

from daemon import shipped
from daemon.desk.ticket import Ticket
from daemon.mail.address import Purpose, extension_of, verify
from daemon.store import tickets
from daemon.store.known import Known
from daemon.store.people import Stranger, meet
from daemon.store.tables import outbox, watchers
from daemon.store.writes import Writes
from scripts.desk import make_desk
from tests.servers.desk import ADDRESS, PEOPLE, mail
from tests.work.conftest import Work
from workers.notices.notice import Kind
from workers.returning import undelivered
from workers.tell import Teller

CAROL, ANN, BO, ROOT = "carol@acme.test", "ann@desk.test", "bo@desk.test", "root@desk.test"
Tell = Callable[[Callable[[Teller], Any]], None]


@pytest.fixture
def tell(work: Work) -> Tell:
    """Somebody decides to tell something, in a transaction of its own."""

    def decide(what: Callable[[Teller], Any]) -> None:
        work.desk.staff.introduce(work.desk.rules.current().directory, work.clock.now())
        with work.store.begin() as tx:
            writes = Writes(tx)
            what(Teller(writes, work.desk, work.clock.now()))
            writes.flush()

    return decide


def open_ticket(work: Work, subject: str = "Chair") -> Ticket:
    """Carol's; everything that it causes is sent."""
    work.arrive(bytes(mail(CAROL, subject, "Broken.")))
    work.take_in()
    work.deliver()
    with work.store.read() as tx:
        return tickets.listing(tx)[0]


def mails(work: Work, kind: Kind, to: str = "") -> list[Any]:
    """Those of a kind that were or will be sent."""
    return [
        row
        for row in work.rows(outbox)
        if row.kind == kind.value and to in {row.recipient, ""} and row.state != "dropped"
    ]


def read(row: Any) -> tuple[EmailMessage, str]:
    message = cast("EmailMessage", message_from_bytes(row.raw, policy=policy.default))
    body = message.get_body(("plain",))
    assert body is not None
    return message, body.get_content().replace("\r\n", "\n")


def note(work: Work, ticket: Ticket, text: str, unique: str) -> Callable[[Teller], Any]:
    return lambda teller: teller.to_handlers(
        ticket, Kind.NOTE, but="bo", unique=unique, author="Bo", text=text
    )


# ------------------------------------------------------------------ together


def test_what_comes_soon_after_is_told_in_the_same_mail(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    tell(lambda t: t.to_handlers(ticket, Kind.ASSIGNED, but="bo", unique="a", author="Bo"))
    decided = work.clock.now()
    work.clock.advance(timedelta(seconds=20))
    tell(note(work, ticket, "The spare is in room 12.", "b"))

    work.deliver()
    assert [row.state for row in mails(work, Kind.NEWS)] == ["queued"]
    work.clock.advance(timedelta(seconds=11))
    work.deliver()

    [row] = mails(work, Kind.NEWS)
    assert (row.state, row.recipient, row.gathers_until) == (
        "sent",
        ANN,
        decided + timedelta(seconds=30),
    )
    assert mails(work, Kind.ASSIGNED) == mails(work, Kind.NOTE) == []
    [first] = [row for row in work.rows(outbox) if row.kind == "assigned"]
    assert first.last_reply.startswith("told together with <")
    _, text = read(row)
    assert "2 pieces of news: Chair" in text
    assert text.index("Assigned · Bo") < text.index("INTERNAL note · Bo")
    assert "The spare is in room 12." in text


def test_mail_with_a_note_in_it_stays_inside(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    tell(lambda t: t.to_handlers(ticket, Kind.ASSIGNED, but="bo", unique="a"))
    tell(note(work, ticket, "Careful.", "b"))

    message, text = read(mails(work, Kind.NEWS)[0])

    assert "INTERNAL: Chair" in message["subject"]
    assert "Your answer to this mail is internal too" in text
    address = message["reply-to"].addresses[0].addr_spec
    token = verify(work.desk.ctx.keys, extension_of((ADDRESS,), address) or "")
    assert token is not None
    assert token.purpose is Purpose.NOTE


def test_mail_that_is_on_its_way_is_not_touched(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    tell(note(work, ticket, "One.", "a"))
    work.clock.advance(timedelta(seconds=31))
    work.deliver()
    tell(note(work, ticket, "Two.", "b"))

    assert [row.state for row in mails(work, Kind.NOTE)] == ["sent", "queued"]
    assert "One." not in read(mails(work, Kind.NOTE)[1])[1]


def test_notice_decided_twice_is_told_once(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    for text, unique in (("One.", "a"), ("Two.", "b"), ("One.", "a"), ("Two.", "b")):
        tell(note(work, ticket, text, unique))

    [row] = mails(work, Kind.NEWS)
    text = read(row)[1]
    assert text.count("One.") == text.count("Two.") == 1


def test_only_mails_of_the_same_ticket_and_person_are_joined(work: Work, tell: Tell) -> None:
    first, second = open_ticket(work), open_ticket(work, "Table")
    tell(note(work, first, "One.", "a"))
    tell(note(work, second, "Two.", "b"))

    assert [row.ticket for row in mails(work, Kind.NOTE)] == [first.number, second.number]


def test_what_a_requester_gets_waits_for_nothing(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    tell(lambda t: t.to_requester(ticket, Kind.PUBLIC_REPLY, unique="a", text="Soon."))
    tell(lambda t: t.to_handlers(ticket, Kind.UNVERIFIED, unique="b", text="x"))

    rows = [*mails(work, Kind.PUBLIC_REPLY), *mails(work, Kind.UNVERIFIED)]
    assert {row.due_at for row in rows} == {work.clock.now()}
    assert len(rows) == 3


# ------------------------------------------------------------------ whom


def test_nobody_is_told_of_what_he_did_himself(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    words = {"author": "Carol", "author_address": "Carol@ACME.test", "text": "Mine."}
    tell(lambda t: t.to_requester(ticket, Kind.PUBLIC_REPLY, unique="a", **words))
    tell(note(work, ticket, "Mine, too.", "b"))

    assert mails(work, Kind.PUBLIC_REPLY) == []
    assert {row.recipient for row in mails(work, Kind.NOTE)} == {ANN}


def test_watchers_get_what_is_public_and_say_how_to_stop_it(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    dave = watch(work, ticket, "dave@acme.test", "watching")
    watch(work, ticket, "eve@acme.test", "proposed")
    tell(lambda t: t.to_requester(ticket, Kind.PUBLIC_REPLY, unique="a", text="Soon."))

    rows = {row.recipient: row for row in mails(work, Kind.PUBLIC_REPLY)}
    assert set(rows) == {CAROL, "dave@acme.test"}
    message, text = read(rows["dave@acme.test"])
    foot = text.rpartition("\n-- \n")[2].replace("\n", " ")
    assert foot.startswith("You get this because you are kept informed about #1. ")
    assert "To hear no more of it, answer /mute." in foot
    address = message["reply-to"].addresses[0].addr_spec
    token = verify(work.desk.ctx.keys, extension_of((ADDRESS,), address) or "")
    assert token is not None
    assert token.person == dave


def test_agent_who_mutes_a_ticket_hears_no_more_and_one_who_watches_does(
    work: Work, tell: Tell
) -> None:
    ticket = open_ticket(work)
    watch(work, ticket, ANN, "removed")
    told = {"unique": "a", "author": "Carol", "text": "Any news?"}
    tell(lambda t: t.to_handlers(ticket, Kind.REQUESTER_REPLIED, **told))
    assert {row.recipient for row in mails(work, Kind.REQUESTER_REPLIED)} == {BO}

    tell(lambda t: t.to_handlers(ticket, Kind.ASSIGNED, unique="b"))
    assert ANN in {row.recipient for row in mails(work, Kind.ASSIGNED)}


def watch(work: Work, ticket: Ticket, address: str, state: str) -> int:
    work.desk.staff.introduce(work.desk.rules.current().directory, work.clock.now())
    with work.store.begin() as tx:
        writes = Writes(tx)
        person = meet(Known(writes), Stranger(address=address), now=work.clock.now())
        writes.flush()
        row = {"ticket": ticket.number, "person": person.id, "state": state}
        tx.execute(watchers.insert(), [{**row, "since": work.clock.now()}])
    return person.id


def test_agents_mail_says_who_the_requester_is(work: Work) -> None:
    open_ticket(work)
    open_ticket(work, "Table")

    text = read(mails(work, Kind.NEW_TICKET, ANN)[-1])[1]

    assert re.search(r"Requester +carol@acme\.test · acme · 2 open tickets\n", text)


def test_notice_that_the_file_does_not_name_is_not_written(work: Work, tell: Tell) -> None:
    notices = (shipped.folder("rules") / "notices.yaml").read_text(encoding="utf-8")
    own = work.folder / "rules" / "notices.yaml"
    own.write_text(re.sub(r"(?m)^  note: .*\n", "", notices), encoding="utf-8")
    work.desk.reload()
    ticket = open_ticket(work)
    tell(note(work, ticket, "Careful.", "a"))

    assert mails(work, Kind.NOTE) == []


# ------------------------------------------------------------------ how it was


def test_person_is_asked_once_a_week_and_once_a_ticket(work: Work, tell: Tell) -> None:
    asked = []
    for subject, days in (("Chair", 0), ("Table", 6), ("Lamp", 2)):
        work.clock.advance(timedelta(days=days))
        ticket = open_ticket(work, subject)
        tell(lambda t, ticket=ticket: t.to_requester(ticket, Kind.RESOLUTION, unique="r"))
        asked.append("/rate 5" in read(mails(work, Kind.RESOLUTION)[-1])[1])
    work.clock.advance(timedelta(days=30))
    tell(lambda t: t.to_requester(ticket, Kind.RESOLUTION, unique="again"))
    asked.append("/rate 5" in read(mails(work, Kind.RESOLUTION)[-1])[1])

    assert asked == [True, False, True, False]


# ------------------------------------------------------------------ bad news


def test_mail_that_does_not_arrive_is_told_once_a_day_and_not_to_its_recipient(
    work: Work, tell: Tell
) -> None:
    ticket = open_ticket(work)
    now = work.clock.now
    for address, days in ((CAROL, 0), (CAROL, 0), (ANN, 0), (CAROL, 1)):
        work.clock.advance(timedelta(days=days))
        with work.store.begin() as tx:
            writes = Writes(tx)
            undelivered(
                writes, work.desk, ticket=ticket.number, recipient=address, reply="550", now=now()
            )
            writes.flush()

    rows = mails(work, Kind.UNDELIVERABLE)
    lost = [(row.recipient, read(row)[1].split(" has NOT")[0].split("\n")[-1]) for row in rows]
    assert sorted(lost) == sorted([(ANN, CAROL), (BO, CAROL), (BO, ANN), (ANN, CAROL), (BO, CAROL)])
    assert {row.sender for row in rows} == {""}


def test_flood_of_alarms_is_few_mails(work: Work, tell: Tell) -> None:
    for number in range(9):
        work.clock.advance(timedelta(seconds=1))
        tell(lambda t, n=number: t.to_admins(f"k{n}", title=f"Held {n}", details=f"why {n}"))
    work.deliver()
    work.clock.advance(timedelta(minutes=10))
    work.deliver()

    *first, rest = mails(work, Kind.ALARM, ROOT)
    assert {row.state for row in (*first, rest)} == {"sent"}
    assert all(row.sent_at < rest.sent_at for row in first)
    assert ["Held" in read(row)[1] for row in first] == [True] * 5
    text = read(rest)[1]
    assert "4 alarms" in text
    assert all(f"Held {n}" in text and f"why {n}" in text for n in range(5, 9))


def test_fault_in_a_template_is_told_to_the_admins_once(work: Work, tell: Tell) -> None:
    templates = work.folder / "templates"
    templates.mkdir()
    (templates / "note.txt.j2").write_text(
        '{% extends "shipped/note.txt.j2" %}{% block body %}{{ oops }}{% endblock %}'
    )
    settings = work.desk.ctx.settings.model_copy(update={"templates_dir": templates})
    ctx = replace(work.desk.ctx, settings=settings)
    work.desk = make_desk(ctx, work.desk.parsers)
    ticket = open_ticket(work)
    for text, unique in (("One.", "a"), ("Two.", "b")):
        tell(note(work, ticket, text, unique))
        work.clock.advance(timedelta(minutes=1))
        work.deliver()
        work.desk.reload()

    [alarm] = mails(work, Kind.ALARM)
    assert "'oops' is undefined" in read(alarm)[1]
    assert "note.txt.j2" in read(alarm)[1]
    assert [row.state for row in (*mails(work, Kind.NOTE), alarm)] == ["sent"] * 3


def test_the_desks_own_address_in_peoples_place_stops_no_mail(work: Work) -> None:
    path = work.folder / "rules" / "people.yaml"
    path.write_text(PEOPLE.replace(BO, "it@desk.test"), encoding="utf-8")
    work.desk.reload()
    work.configure(admins=(ADDRESS, ROOT))
    work.arrive(bytes(mail(CAROL, "Chair", "Broken.")))
    work.arrive(b"\n\nnobody wrote this", sender="")
    work.take_in()

    assert sorted(row.state for row in work.fates()) == ["done", "held"]
    told = sorted(row.recipient for row in work.rows(outbox))
    assert told == [ANN, CAROL, ROOT]


def test_news_that_cannot_be_read_wait_beside_those_that_can(work: Work, tell: Tell) -> None:
    ticket = open_ticket(work)
    tell(note(work, ticket, "One.", "a"))
    with work.store.begin() as tx:
        tx.execute(update(outbox).where(outbox.c.kind == "note").values(notice="{}"))
    tell(note(work, ticket, "Two.", "b"))

    rows = [row for row in work.rows(outbox, written=False) if row.kind == "note"]
    assert [row.state for row in rows] == ["queued", "queued"]
