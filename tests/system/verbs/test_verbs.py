"""Every verb as people use it: a mail by SMTP, and what the desk answers and does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from daemon.desk.verbs import every
from tests.servers import sink as sinks
from tests.servers.desk import ADDRESS, Desk, Notice, mail, running
from tests.servers.process import wait_until

ANN, BO, CHO = "ann@desk.test", "bo@desk.test", "cho@desk.test"
CONTROL = ADDRESS.replace("@", "+desk@")
MACROS = """\
macros:
  drum:
    says: ask for the drum's number
    text:
      en: Which number is on the drum of {what}?
      ko: "{what}의 드럼 번호가 무엇입니까?"
    commands: [/wait customer, /tag +drum]
    values: {what: }
"""


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """One desk for all; its tests tell their mails apart by their people."""
    with sinks.running() as sink, running(sink, rules={"macros.yaml": MACROS}) as found:
        yield found
        print(found.log)  # shown by pytest only beside a failure


class Thread:
    """A ticket, and both sides of it at their mail programs."""

    def __init__(self, desk: Desk, who: str, subject: str = "Printer") -> None:
        self.desk, self.who = desk, who
        desk.send(mail(f"Pat <{who}>", subject, "It does not print."))
        self.ack = desk.notices(who)[-1]
        self.number = self.ack.number
        self.told = desk.about(ANN, self.number)[0]

    def say(self, text: str, to: Notice | None = None) -> str:
        """Ann answers her notice, or another one; what became of it."""
        return self._send((to or self.told).answer(text), to or self.told)

    def ask(self, text: str) -> str:
        """The requester answers his acknowledgement."""
        return self._send(self.ack.answer(text), self.ack)

    def _send(self, answer: object, notice: Notice) -> str:
        self.desk.send(answer, to=[notice.reply_to])  # type: ignore[arg-type]
        return str(self.desk.fate(answer["Message-ID"].strip("<>"))["fate"])  # type: ignore[index]

    @property
    def state(self) -> str:
        return str(self.desk.ticket(self.number)["state"])

    def mails(self, who: str, count: int = 1) -> list[Notice]:
        """What somebody got about it, once it is so many mails."""
        return self.desk.about(who, self.number, count)

    def newest(self, who: str, words: str) -> Notice:
        """The newest mail about it whose subject or text has these words."""

        def found() -> list[Notice]:
            return [one for one in self.mails(who) if words in one["Subject"] + one.text]

        wait_until(lambda: bool(found()), seconds=60, what=f"{words!r} to {who}")
        return found()[-1]

    def history(self) -> str:
        return self.desk.history(self.number)


def _sent_to(desk: Desk, who: str) -> int:
    return len(desk.sink.to(who))


def test_fields_and_flow_of_a_ticket(desk: Desk) -> None:
    it = Thread(desk, "flow@acme.test")

    it.say(
        "/take\n/type request\n/impact team\n/urgency high\n/pri P2\n/service mail\n"
        "/category quota\n/title Mailbox is full\n/tag +mail +vip\n/due +3d\n/lang en\n"
        "/spent 20m\n/wait customer until +2d\nWhich mailbox is it?"
    )
    waits = desk.ticket(it.number)
    reply = it.mails(it.who, 2)[1]

    assert (waits["state"], waits["owner"], waits["type"]) == ("waiting", "ann", "request")
    assert (waits["priority"], waits["impact"], waits["urgency"]) == ("P2", "team", "high")
    assert (waits["subject"], waits["tags"]) == ("Mailbox is full", ["mail", "vip"])
    assert "Which mailbox is it?" in reply.text
    assert "/take" not in reply.text

    assert it.say("/open") == "command"
    assert it.state == "open"
    it.say("/해결 fixed\nIt has room again.")
    assert it.state == "resolved"
    assert "It has room again." in it.mails(it.who, 3)[2].text

    before = _sent_to(desk, ANN)
    it.ask("Thank you very much!\n")
    assert (it.state, _sent_to(desk, ANN)) == ("resolved", before)
    assert it.ask("/rate 5 quick") == "command"
    it.say("/close")
    assert it.state == "closed"
    it.ask("/reopen")
    assert it.state == "open"
    assert '"csat": 5' in it.history()


def test_a_text_on_a_resolved_ticket_opens_it(desk: Desk) -> None:
    it = Thread(desk, "again@acme.test")

    it.say("/resolve\nDone.")
    it.ask("Thanks, but it is broken again?")

    assert it.state == "open"


def test_a_mistake_holds_everything_and_one_tap_does_it_put_right(desk: Desk) -> None:
    it = Thread(desk, "wrong@acme.test")

    it.say("/resovle fixed\n/assign netwrok\nHere is a new cable.")
    refused = it.newest(ANN, "NOT DONE")
    href = re.search(r'href="mailto:([^"?]+)\?[^"]*body=(%2Fok[^"&]*)"', _html(refused))

    assert (it.state, len(desk.sink.to(it.who))) == ("new", 1)
    assert "Did you mean /resolve" in refused.text
    assert "/assign network" in refused.text
    assert href
    address, body = unquote(href[1]), unquote(href[2])
    assert body.split() == ["/ok", "/resolve", "fixed", "/assign", "network"]

    desk.send(mail(ANN, "Re: x", body, To=address), to=[address])
    done = it.mails(it.who, 2)[1]

    assert "Here is a new cable." in done.text
    assert desk.ticket(it.number)["team"] == "network"


def _html(notice: Notice) -> str:
    part = notice.mail.get_body(("html",))
    assert part
    return str(part.get_content())


def test_two_mistakes_within_a_moment_are_one_mail(desk: Desk) -> None:
    it = Thread(desk, "twice@acme.test")

    it.say("/frobnicate now\n/take")
    it.say("/take now")
    it.newest(ANN, "NOT DONE")

    assert len([one for one in it.mails(ANN) if "NOT DONE" in one["Subject"]]) == 1


def test_notes_stay_inside_and_public_goes_out(desk: Desk) -> None:
    it = Thread(desk, "talk@acme.test")

    assert it.say("/note He is the boss.\n") == "note"
    note = it.newest(BO, "He is the boss.")
    desk.send(note.answer("I know."), to=[note.reply_to])
    desk.send(note.answer("/public\nWe are on it."), to=[note.reply_to])
    reply = it.mails(it.who, 2)[1]

    assert "We are on it." in reply.text
    assert "INTERNAL" in note["Subject"]
    assert "boss" not in "".join(one.text for one in it.mails(it.who))


def test_a_canned_answer_goes_out_in_the_requesters_language(desk: Desk) -> None:
    it = Thread(desk, "macro@acme.test")

    assert "Did you mean /macro" in _refusal(it, "/macrro drum")
    assert "no macro" in _refusal(Thread(desk, "macro2@acme.test"), "/macro dram")
    it.say("/lang ko\n/macro drum what=HP-4")
    reply = it.mails(it.who, 2)[1]
    it.say("/help macro")

    assert "HP-4의 드럼 번호가 무엇입니까?" in reply.text
    assert (it.state, desk.ticket(it.number)["tags"]) == ("waiting", ["drum"])
    assert "ask for the drum's number" in it.newest(ANN, "/macro drum what=…").text


def test_watchers_come_and_go(desk: Desk) -> None:
    it = Thread(desk, "cc@acme.test")

    it.say("/cc +colleague@acme.test\n/watch")
    it.ask("/cc +boss@acme.test")
    it.say("/mute\n/cc -colleague@acme.test")

    told = it.history()
    assert told.count('"what": "added"') == 3
    assert told.count('"what": "removed"') == 2


def test_parts_duplicates_and_merges(desk: Desk) -> None:
    main, part, twin, gone = (
        Thread(desk, f"{name}@acme.test") for name in ("main", "part", "twin", "gone")
    )

    part.say(f"/parent #{main.number}")
    twin.say(f"/dup #{main.number}")
    gone.say(f"/merge #{main.number}")
    assert twin.state == "waiting"
    assert gone.state == "cancelled"
    assert "cannot be its parent" in _refusal(main, f"/parent #{part.number}")

    main.say("/resolve\nAll printers work.")

    assert [one.state for one in (part, twin)] == ["resolved", "resolved"]
    assert "All printers work." in part.mails(part.who, 2)[1].text
    assert "All printers work." in twin.mails(twin.who, 2)[1].text
    gone.ask("Mine is still broken.")
    assert main.state == "open"


def _refusal(thread: Thread, text: str) -> str:
    thread.say(text)
    return thread.newest(ANN, "NOT DONE").text


def test_links_and_splits(desk: Desk) -> None:
    one, two = Thread(desk, "one@acme.test"), Thread(desk, "two@acme.test")

    one.say(f"/link blocks #{two.number}")
    two.say(f"/unlink #{one.number}")
    one.say('/split "The other matter"')
    new = desk.notices("one@acme.test", 2)[1].number

    assert '"blocks"' in one.history()
    assert '"unlinked"' in two.history()
    assert desk.ticket(new)["subject"] == "The other matter"
    assert "It does not print." in desk.ticket(new)["messages"][0]["text"]


def test_tasks_are_given_done_and_skipped(desk: Desk) -> None:
    it = Thread(desk, "tasks@acme.test")

    it.say('/task "order a drum" @bo due +3d\n/task call back')
    it.say("/done 1\n/skip 2 he came by\n/show")
    shown = it.newest(ANN, "1. order a drum · done")

    assert "2. call back · skipped" in shown.text
    assert "order a drum" in it.newest(BO, "order a drum").text


def test_a_lead_is_asked_and_commands_are_taken_back(desk: Desk) -> None:
    it = Thread(desk, "esc@acme.test")

    it.say("/assign bo\n/ack 2h\n/why the part was late")
    at_bo = it.newest(BO, "Printer")
    it.say("/escalate it is on fire\n/major", to=at_bo)
    assert "it is on fire" in it.newest(ANN, "it is on fire").text
    assert desk.ticket(it.number)["priority"] == "P1"
    it.say("/undo", to=at_bo)
    assert desk.ticket(it.number)["priority"] != "P1"
    assert "stay sent" in it.newest(BO, "taken back").text
    it.say("/cancel withdrawn\n/history")
    history = it.newest(ANN, "state open → cancelled")

    assert "(/cancel)" in history.text
    assert '"undone"' in it.history()


def test_a_requester_helps_himself(desk: Desk) -> None:
    it = Thread(desk, "self@acme.test")

    it.ask("/urgency high\n/status")
    status = it.mails(it.who, 2)[1]
    count = len(desk.arrivals())
    desk.send(mail(it.who, "my tickets", "/mine\n/away until +3d\n/lang en\n"))
    mine = desk.notices(it.who, 3)[2]
    it.ask("/resolve\nplease")
    it.ask("/close")

    assert f"#{it.number}" in status.text
    assert desk.ticket(it.number)["urgency"] == "high"
    assert f"#{it.number}" in mine.text
    assert desk.arrivals()[count]["ticket"] is None
    assert it.state == "resolved"
    assert "/resolve" in it.mails(ANN, 2)[1].text


def test_many_tickets_by_one_mail_with_a_transcript(desk: Desk) -> None:
    one, two = Thread(desk, "many1@acme.test"), Thread(desk, "many2@acme.test")
    both = f"#{one.number} #{two.number}"

    bad = mail(ANN, "night shift", f"{both} /assign bo\n{both} /frob\n")
    desk.send(bad, to=[CONTROL])
    desk.fate(bad["Message-ID"].strip("<>"))
    assert not desk.ticket(one.number)["owner"]
    lines = (
        f"{both} /assign bo\n#{one.number} /pri P1\n/queue all\n/find state:new Printer\n/help\n"
    )
    good = mail(ANN, "night shift", lines)
    desk.send(good, to=[CONTROL])
    desk.fate(good["Message-ID"].strip("<>"))
    [refused] = _told(desk, "Nothing was changed: ✗")
    [done] = _told(desk, "Transcript: ✓")

    assert "no such command" in refused.text
    assert f"✓ #{two.number} /assign bo" in done.text
    assert "/resolve [CODE]" in done.text
    assert [desk.ticket(each.number)["owner"] for each in (one, two)] == ["bo", "bo"]


def _told(desk: Desk, words: str) -> list[Notice]:
    """What Ann was told by return, found by the first words of it."""
    title, _, mark = words.partition(": ")

    def found() -> list[Notice]:
        notices = [Notice(raw) for raw in desk.sink.to(ANN)]
        return [one for one in notices if title in one["Subject"] and mark in one.text]

    wait_until(lambda: bool(found()), seconds=90, what=f"{title} to Ann")
    return found()


def test_a_caller_gets_a_ticket_of_his_own(desk: Desk) -> None:
    called = "/for caller@acme.test\n/via phone\n/at 00:00\n/spent 5m\n/digest on\n"
    desk.send(mail(ANN, "Phone is dead", f"{called}He cannot call anybody."))

    [ack] = desk.notices("caller@acme.test")
    ticket = desk.ticket(ack.number)

    assert ticket["requester"] == "caller@acme.test"
    assert "He cannot call anybody." in ticket["messages"][0]["text"]
    assert '"via": "phone"' in desk.history(ack.number)
    [receipt] = _told(desk, "Done: /for caller@acme.test")
    assert f"#{ack.number}" in receipt["Subject"]


def test_every_verb_is_used_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8").replace("/해결", "/resolve")

    for verb in every.VERBS:
        assert f"/{verb.name}" in source, verb.name
