"""Commands in the worker: what is held, when it is told, what stays unanswered and untouched."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import unquote

import pytest

from daemon.store.tables import events, inbox, messages, outbox, tickets
from tests.servers.desk import ADDRESS, PEOPLE, mail
from tests.work.conftest import Work

ANN, CAROL = "ann@desk.test", "carol@acme.test"
CONTROL = ADDRESS.replace("@", "+desk@")


class Desk:
    """One ticket of Carol's, with the addresses that she and Ann got for it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        work.arrive(bytes(mail(CAROL, "Printer", "It burns.")))
        work.take_in()
        self.anns, self.carols = self.reply_to(ANN), self.reply_to(CAROL)

    def reply_to(self, who: str) -> str:
        raw = [row.raw for row in self.work.rows(outbox) if row.recipient == who][-1]
        return str(
            message_from_bytes(raw, policy=policy.default)["Reply-To"].addresses[0].addr_spec
        )

    def write(self, who: str, text: str, to: str = "", **headers: str) -> str:
        """A mail that is taken in; what became of it."""
        to = to or (self.anns if who == ANN else self.carols)
        self.work.clock.advance(timedelta(seconds=1))
        raw = bytes(mail(who, "Re: Printer", text, To=to, **headers))
        row_id = self.work.arrive(raw, sender=who, recipients=(to,))
        self.work.take_in()
        [row] = [row for row in self.work.rows(inbox) if row.id == row_id]
        assert row.state == "done", row.error
        return str(row.fate)

    def mails(self, kind: str, who: str = "") -> list[object]:
        return [
            row
            for row in self.work.rows(outbox)
            if row.kind == kind and who in ("", row.recipient) and row.state == "queued"
        ]

    @property
    def ticket(self) -> object:
        return self.work.rows(tickets)[0]

    def kinds(self) -> list[str]:
        return [row.kind for row in self.work.rows(events)]


@pytest.fixture
def desk(work: Work) -> Desk:
    return Desk(work)


def _text(row: object) -> str:
    made = message_from_bytes(row.raw, policy=policy.default)  # type: ignore[attr-defined]
    return str(made.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_a_mistake_does_nothing_and_the_text_is_kept(desk: Desk) -> None:
    assert desk.write(ANN, "/resolve\n/frob\nA new one comes.") == "command"

    assert (desk.ticket.state, desk.mails("public_reply")) == ("new", [])  # type: ignore[attr-defined]
    assert desk.kinds()[-1] == "refused"
    kept = desk.work.rows(messages)[-1]
    assert (kept.visibility, kept.reply) == ("internal", "A new one comes.")


def test_a_command_below_a_quotation_is_no_answer_to_the_requester(desk: Desk) -> None:
    desk.write(ANN, "> It burns.\n\n/resolve\nA new one comes.")

    assert (desk.ticket.state, desk.mails("public_reply")) == ("new", [])  # type: ignore[attr-defined]
    told = " ".join(_text(desk.mails("command_error", ANN)[0]).split())
    assert "above what is quoted" in told
    desk.write(ANN, "/ok\n/resolve")
    [resolution] = desk.mails("resolution", CAROL)
    assert "A new one comes." in _text(resolution)


def test_mistakes_of_five_minutes_are_told_together_after_them(desk: Desk) -> None:
    desk.write(ANN, "/take one")
    for number in ("two", "three"):
        desk.work.clock.advance(timedelta(minutes=1))
        desk.write(ANN, f"/take {number}")

    first, later = desk.mails("command_error")
    assert later.due_at - first.due_at == timedelta(minutes=5)  # type: ignore[attr-defined]
    assert "/take two" in _text(later)
    assert "/take three" in _text(later)
    assert "/take one" not in _text(later)


def test_ok_does_what_stands_below_it(desk: Desk) -> None:
    desk.write(ANN, "/assign zz\nA new one comes.")

    assert desk.write(ANN, "/ok\n/resolve") == "reply"
    assert desk.ticket.state == "resolved"  # type: ignore[attr-defined]
    [told] = desk.mails("resolution", CAROL)
    assert "A new one comes." in _text(told)
    assert desk.write(ANN, "/ok") == "command"
    assert desk.kinds().count("refused") == 2


def test_ok_alone_needs_lines_that_were_offered(desk: Desk) -> None:
    desk.write(ANN, "/assign zz\nText")
    desk.work.clock.advance(timedelta(minutes=6))
    desk.write(ANN, "/ok")

    assert "write the lines below it" in _text(desk.mails("command_error")[-1])


def test_a_held_note_stays_a_note(desk: Desk) -> None:
    desk.write(ANN, "/note\nHe is odd.")
    desk.write(ANN, "/note\n/assign zz\nHello")

    desk.write(ANN, "/ok\n/note\n/tag +odd")

    assert desk.mails("public_reply") == []
    assert desk.ticket.tags == ["odd"]  # type: ignore[attr-defined]
    assert desk.work.rows(messages)[-1].visibility == "internal"


def test_machines_are_not_answered(desk: Desk) -> None:
    for header in ({"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}):
        desk.write(ANN, "/assign zz", **header)

    assert desk.mails("command_error") == []
    assert desk.ticket.state == "new"  # type: ignore[attr-defined]


def test_thanks_wakes_nobody_and_reopens_nothing(desk: Desk) -> None:
    desk.write(ANN, "/resolve\nA new one is there.")
    before = len(desk.work.rows(outbox))

    assert desk.write(CAROL, "Thank you so much, Ann!") == "reply"
    assert desk.ticket.state == "resolved"  # type: ignore[attr-defined]
    assert len(desk.work.rows(outbox)) == before
    assert desk.work.rows(messages)[-1].visibility == "public"


def test_a_question_with_thanks_reopens(desk: Desk) -> None:
    desk.write(ANN, "/resolve\nA new one is there.")
    desk.write(CAROL, "Thanks. Where is it?")

    assert desk.ticket.state == "open"  # type: ignore[attr-defined]
    assert desk.ticket.reopen_count == 1  # type: ignore[attr-defined]


def test_a_late_question_is_a_new_ticket_but_a_late_rating_is_not(desk: Desk) -> None:
    desk.write(ANN, "/resolve\nDone.")
    desk.work.clock.advance(timedelta(days=15))
    desk.write(CAROL, "/rate 5")
    assert len(desk.work.rows(tickets)) == 1
    assert "more than 14 days ago" in _text(desk.mails("answer", CAROL)[-1])
    desk.write(CAROL, "It burns again.")

    assert len(desk.work.rows(tickets)) == 2


def test_undo_takes_a_resolution_back(desk: Desk) -> None:
    desk.write(ANN, "/take\n/resolve\n/tag +x")
    desk.write(ANN, "/undo")

    ticket = desk.ticket
    assert (ticket.state, ticket.owner, ticket.tags) == ("new", "", [])  # type: ignore[attr-defined]
    assert "stay sent" in _text(desk.mails("answer", ANN)[-1])


def test_an_answer_to_what_the_desk_told_an_agent_stays_inside(desk: Desk) -> None:
    desk.write(ANN, "/show")
    desk.write(ANN, "I see.", to=desk.reply_to(ANN))

    assert desk.mails("public_reply") == []
    assert desk.work.rows(messages)[-1].visibility == "internal"


def test_a_text_that_stays_inside_beside_a_resolution_is_pointed_out(desk: Desk) -> None:
    desk.write(ANN, "/show")
    inside = desk.reply_to(ANN)
    desk.write(ANN, "/resolve\nA new one is in your room.", to=inside)

    [resolution] = desk.mails("resolution", CAROL)
    assert "in your room" not in _text(resolution)
    told = " ".join(_text(desk.mails("answer", ANN)[-1]).split())
    assert "Done, but your text stayed internal" in told
    assert "To send it, answer with /public above it." in told
    desk.write(ANN, "/public\nA new one is in your room.", to=desk.reply_to(ANN))
    assert "in your room" in _text(desk.mails("public_reply", CAROL)[-1])


@pytest.mark.parametrize(
    "text",
    ["/resolve", "/note\n/resolve\nHe is odd.", "/public\n/resolve\nA new one.", "/take\nMine."],
    ids=["no text", "said to be a note", "said to be public", "nothing told"],
)
def test_a_text_that_went_where_it_was_meant_for_is_not(desk: Desk, text: str) -> None:
    desk.write(ANN, "/show")
    before = len(desk.mails("answer", ANN))
    desk.write(ANN, text, to=desk.reply_to(ANN))

    assert len(desk.mails("answer", ANN)) == before


def test_control_takes_fifty_tickets_at_most(desk: Desk) -> None:
    many = " ".join(f"#{number}" for number in range(1, 52))
    desk.write(ANN, f"{many} /take", to=CONTROL)

    assert "at most 50 tickets" in _text(desk.mails("answer", ANN)[-1])
    assert desk.ticket.owner == ""  # type: ignore[attr-defined]


def test_control_does_nothing_for_a_requester_but_answer(desk: Desk) -> None:
    desk.write(CAROL, "#1 /close\n/mine", to=CONTROL)

    told = _text(desk.mails("answer", CAROL)[-1])
    assert "no command" in told or "only agents" in told or "/close" in told
    assert desk.ticket.state == "new"  # type: ignore[attr-defined]
    assert len(desk.work.rows(tickets)) == 1


def test_control_from_an_unchecked_road_commands_nothing(desk: Desk) -> None:
    raw = bytes(mail(ANN, "now", "#1 /cancel spam", To=CONTROL))
    desk.work.arrive(raw, sender=ANN, recipients=(CONTROL,), trusted=False)
    desk.work.take_in()

    assert desk.ticket.state == "new"  # type: ignore[attr-defined]


def test_a_new_mail_of_an_agent_with_a_mistake_opens_nothing(desk: Desk) -> None:
    desk.write(ANN, "/for nobody\n/via phone\nIt is dead.", to=ADDRESS)

    assert len(desk.work.rows(tickets)) == 1
    told = _text(desk.mails("answer", ANN)[-1])
    assert 'no team or agent "nobody"' in told
    assert "It is dead." in told


def test_a_watchers_colleague_cannot_close(desk: Desk) -> None:
    desk.work.arrive(
        bytes(mail("dan@acme.test", "Re: [#1] Printer", "/close\nplease", Cc=CAROL)),
        sender="dan@acme.test",
    )
    desk.work.take_in()

    assert desk.ticket.state == "new"  # type: ignore[attr-defined]


def test_a_macro_is_of_the_files_text_and_the_agents_rights(work: Work) -> None:
    path = work.folder / "rules" / "macros.yaml"
    path.write_text(
        "macros:\n  hold: {text: Which one?, commands: [/wait customer]}\n"
        "  away: {commands: [/cc +mallory@evil.test]}\n",
        encoding="utf-8",
    )
    work.desk.reload()
    desk = Desk(work)

    assert desk.write(ANN, "/macro hold\nThe big one?") == "reply"
    [reply] = desk.mails("public_reply", CAROL)
    assert b"Which one?" in reply.raw  # type: ignore[attr-defined]
    assert b"The big one?" in reply.raw  # type: ignore[attr-defined]
    assert desk.ticket.state == "waiting"  # type: ignore[attr-defined]

    control = "#1 /macro hold\n#1 /take"
    assert desk.write(ANN, control, to=CONTROL) == "command"
    assert desk.ticket.owner == ""  # type: ignore[attr-defined]
    work.arrive(bytes(mail(ANN, "Re: x", "/macro away", To=desk.anns)), recipients=(desk.anns,))
    work.take_in()
    assert work.rows(inbox)[-1].fate == "asked"


def test_a_new_mail_with_a_mistake_is_sent_again_by_one_touch(work: Work) -> None:
    text = "/for dan@acme.test\n/via phne\nHis phone is dead."
    work.arrive(bytes(mail(ANN, "Phone: dead?", text)), sender=ANN)
    work.take_in()
    assert work.rows(tickets) == []

    html = str(work.notices(ANN)[0].mail.get_body(("html",)).get_content())
    found = re.search(r'href="mailto:help@desk.test\?subject=([^&]*)&amp;body=([^"]*)"', html)
    assert found
    subject, body = (unquote(part) for part in found.groups())
    assert body.splitlines() == ["/for dan@acme.test", "/via phone", "", "His phone is dead."]
    work.arrive(bytes(mail(ANN, subject, body)), sender=ANN)
    work.take_in()

    [ticket] = work.rows(tickets)
    assert (ticket.subject, ticket.via) == ("Phone: dead?", "phone")


def test_an_agent_is_told_in_his_language(work: Work) -> None:
    cho = "cho@desk.test"
    work.arrive(bytes(mail(CAROL, "VPN", "It is down.")))
    work.take_in()
    [told] = work.notices(cho)
    for text in ("/resovle\n/task", "/help assign", "/assign bo\n/for dan@acme.test"):
        work.clock.advance(timedelta(minutes=6))
        work.arrive(bytes(told.answer(text, From=cho)), sender=cho, recipients=(told.reply_to,))
        work.take_in()

    refused, helped, done = (notice.text for notice in work.notices(cho)[1:])
    assert "/resovle: 그런 명령은 없습니다. /resolve을(를) 뜻하셨습니까?" in refused
    assert "/task에는 제목이 필요합니다" in refused
    assert "담당자나 팀에 넘기거나" in helped
    assert "처리했습니다" in done


def test_a_german_reads_german(work: Work) -> None:
    path = work.folder / "rules" / "people.yaml"
    path.write_text(PEOPLE.replace("[bo@desk.test]", "[bo@desk.test]\n    language: de"))
    work.desk.reload()
    work.arrive(bytes(mail(CAROL, "Chair", "It broke.")))
    work.take_in()
    told = work.notices("bo@desk.test")[0]
    made = told.answer("/resovle\nFertig.", From="bo@desk.test")
    work.arrive(bytes(made), sender="bo@desk.test", recipients=(told.reply_to,))
    work.take_in()

    refused = work.notices("bo@desk.test")[1]
    assert "Übernehmen" in str(told.mail.get_body(("html",)).get_content())
    assert refused["Subject"] == "[#1] NICHT AUSGEFÜHRT: Chair"
    assert "diesen Befehl gibt es nicht. Meinten Sie /resolve?" in refused.text


def test_a_macro_may_say_for_whom_a_new_ticket_is(work: Work) -> None:
    path = work.folder / "rules" / "macros.yaml"
    path.write_text(
        "macros:\n  call: {commands: ['/for {who}', /via phone], values: {who: }}\n",
        encoding="utf-8",
    )
    work.desk.reload()
    work.arrive(bytes(mail(ANN, "Phone", "/macro call who=dan@acme.test\nIt is dead.")), sender=ANN)
    work.take_in()

    [ticket] = work.rows(tickets)
    assert ticket.via == "phone"
    assert len(work.notices("dan@acme.test")) == 1
