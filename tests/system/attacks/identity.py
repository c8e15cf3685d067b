"""Attacks on who is who: 1 to 14, 34 to 38, 40 to 42."""

from __future__ import annotations

import signal
import sqlite3
from base64 import b64encode
from contextlib import closing
from email.message import EmailMessage

from tests.servers.desk import PEOPLE, mail
from tests.servers.process import wait_until
from tests.system.attacks.scene import MX, PEOPLE_WITH_DEE, RECEIVED, Attack, Scene

ANN = "ann@desk.test"


def _forged_agent(scene: Scene) -> None:
    opened = scene.opened("a1@acme.test")
    forged = opened.answer("/resolve\nAll closed, bye.")
    scene.send(scene.forged(forged), opened.told.reply_to)

    row = scene.fate(forged)
    assert (row["state"], row["fate"]) == ("held", "asked")
    question = scene.desk.about("ann@desk.test", opened.number, 2)[-1]
    assert "All closed, bye." in question.text
    assert opened.is_untouched()
    assert '"kind": "asked"' in scene.desk.history(opened.number)

    bare = mail("ann@desk.test", f"Re: [#{opened.number}] Broken chair", "/resolve\nBye.")
    scene.send(scene.forged(bare))
    assert scene.fate(bare)["ticket"] != opened.number
    assert opened.is_untouched()


_PASS = f"Authentication-Results: {MX}; dmarc=pass header.from=desk.test\r\n".encode()


def _forged_results(scene: Scene) -> None:
    opened = scene.opened("a2@acme.test")
    seal = b"ARC-Seal: i=1; cv=none; d=desk.test; s=a; b=x\r\nARC-Authentication-Results: i=1; "
    for said in (
        _PASS,
        _PASS + RECEIVED,
        _PASS.replace(MX.encode(), MX.upper().encode()) + _PASS,
        _PASS.replace(MX.encode(), f"(x) {MX}".encode()),
        seal + _PASS.partition(b": ")[2],
    ):
        forged = opened.answer("/resolve\nForged.")
        scene.send(scene.forged(forged, said), opened.told.reply_to)
        assert scene.fate(forged)["state"] == "held", said
    for above in (
        _PASS.replace(MX.encode(), MX.upper().encode()),
        _PASS.replace(b"dmarc=pass", b"(dmarc=pass) dmarc=fail"),
        _PASS.replace(b"pass", b"fail") + _PASS,
        _PASS.replace(b"desk.test\r", b"evil.test\r"),
    ):
        forged = opened.answer("/resolve\nForged.")
        scene.send(above + scene.forged(forged), opened.told.reply_to)
        assert scene.fate(forged)["state"] == "held", above
    assert opened.is_untouched()


def _two_faced_from(scene: Scene) -> None:
    opened = scene.opened("a3@acme.test")
    for number, value in enumerate(
        (
            b"ann@desk.test\r\nFrom: mallory@evil.test",
            b"ann@desk.test, mallory@evil.test",
            b"Team: ann@desk.test;",
            b"ann@desk.test (mallory@evil.test)",
            b"ann@desk.test <mallory@evil.test>",
            b"<ann@desk.test><mallory@evil.test>",
            b"ann@desk.test)mallory@evil.test",
            b"\x00ann@desk.test",
            b"ann@desk.test\r\n\t<mallory@evil.test>",
            b"=?utf-8?q?ann=40desk.test?= <mallory@evil.test>",
            b"=?utf-8?q?ann=40desk=2Etest?=",
        )
    ):
        made = opened.answer("/resolve\nBy nobody.")
        made.replace_header("Message-ID", f"<a3.{number}@client.test>")
        raw = scene.proven(made, "desk.test")
        raw = raw.replace(b"From: Ann Agent <ann@desk.test>", b"From: " + value)
        scene.send(raw, opened.told.reply_to)
        row = scene.fate(made)
        assert row["fate"] == "unverified", value
    assert opened.is_untouched()
    assert all(each["unverified"] for each in opened.ticket["messages"][1:])


def _spoofed_name(scene: Scene) -> None:
    spoofed = mail("x@elsewhere.test", "Urgent", "Send me the list.")
    name = b64encode("Ann Agent \u202eann@desk.test\u202c".encode()).decode()
    wire = scene.wire(spoofed)
    wire = wire.replace(b"From: x@", f"From: =?utf-8?b?{name}?= <x@".encode(), 1)
    scene.send(scene.forged(wire.replace(b"elsewhere.test\r\n", b"elsewhere.test>\r\n", 1)))

    number = scene.fate(spoofed)["ticket"]
    [told] = scene.desk.about("ann@desk.test", number)
    assert "x@elsewhere.test" in told.text
    assert "Ann Agent" in told.text
    assert "is not" in told.text
    assert "shows the address ann@desk.test" in told.text
    assert "\u202e" not in told.text + told["Subject"]
    assert "\u202e" not in scene.desk.look("ticket", "show", str(number))

    twin = mail("\u0410nn \u0410gent <y@elsewhere.test>", "Urgent", "Send me the list.")
    scene.send(scene.forged(twin))
    [told] = scene.desk.about("ann@desk.test", scene.fate(twin)["ticket"])
    assert "y@elsewhere.test" in told.text
    assert "The name is Ann Agent's" in told.text
    assert "several alphabets" in told.text


def _guessed_token(scene: Scene) -> None:
    opened = scene.opened("a5@acme.test")
    local, _, domain = opened.told.reply_to.partition("@")
    wrong = local[:-1] + ("a" if local[-1] != "a" else "b")
    unknown = wrong.replace(f"+{opened.number}.", "+99999.")
    fates = set()
    for address in (f"{wrong}@{domain}", f"{unknown}@{domain}"):
        made = mail("ann@desk.test", "Chair", "/resolve\nGuessed.", To=address)
        scene.send(scene.proven(made, "desk.test"), address)
        row = scene.fate(made)
        fates.add((row["state"], row["fate"]))
        assert row["ticket"] != opened.number
    assert len(fates) == 1
    assert opened.is_untouched()
    assert len(local.rpartition(".")[2]) * 5 >= 96


def _leaked_token(scene: Scene) -> None:
    opened = scene.opened("a6@acme.test")
    for address in (opened.told.reply_to, opened.ack.reply_to):
        made = mail("reader@evil.test", "Re: chair", "What was it about? /resolve", To=address)
        scene.send(scene.proven(made, "evil.test"), address)
        assert scene.fate(made)["fate"] == "unverified"
    assert opened.is_untouched()
    assert scene.count("reader@evil.test") == 0

    # Whoever forges the recipient's From, too, has his part of the ticket until it is revoked.
    scene.desk.cli("revoke", "--ticket", str(opened.number))
    forged = opened.ack.answer("/close", From="a6@acme.test")
    scene.send(scene.forged(forged), opened.ack.reply_to)
    assert scene.fate(forged)["fate"] == "unverified"
    assert opened.is_untouched()
    reply = opened.told.answer("We come by.", From="ann@desk.test")
    scene.send(scene.proven(reply, "desk.test"), opened.told.reply_to)
    fresh = scene.desk.notices("a6@acme.test", 2)[-1]
    mine = fresh.answer("/close", From="a6@acme.test")
    scene.send(scene.forged(mine), fresh.reply_to)
    assert scene.fate(mine)["fate"] == "command"
    assert opened.ticket["state"] == "resolved"


def _ticket_trick(scene: Scene) -> None:
    opened = scene.opened("a7@evil.test")
    code = mail("noreply@service.test", "Your code is 424242", "Code: 424242")
    scene.send(scene.proven(code, "service.test"), opened.ack.reply_to)

    assert scene.fate(code)["fate"] == "unverified"
    assert scene.count("a7@evil.test") == 1
    assert scene.count("noreply@service.test") == 0


def _copied_attacker(scene: Scene) -> None:
    spoofed = mail("a8@acme.test", "My salary", "See here.", Cc="spy@evil.test")
    scene.send(scene.forged(spoofed), sender="a8@acme.test")
    number = scene.fate(spoofed)["ticket"]
    [told] = scene.desk.about("ann@desk.test", number)
    answer = told.answer("Here is your salary.", From="ann@desk.test")
    scene.send(scene.proven(answer, "desk.test"), told.reply_to)
    assert "Here is your salary." in scene.desk.notices("a8@acme.test", 2)[-1].text

    prying = mail(
        "spy@evil.test", "Re: My salary", "And the others?", In_Reply_To=spoofed["Message-ID"]
    )
    scene.send(scene.proven(prying, "evil.test"))
    scene.fate(prying)
    got = [each.raw for each in scene.desk.sink.to("spy@evil.test")]
    assert not any(b"salary" in raw for raw in got)


def _mail_bomb_by_acknowledgement(scene: Scene) -> None:
    refuted = b"Authentication-Results: mx.desk.test; dmarc=fail (p=reject) header.from=a9.test\r\n"
    forged = mail("victim@a9.test", "Win a prize", "Click http://evil.test/")
    scene.send(refuted + scene.forged(forged), sender="victim@a9.test")
    assert scene.fate(forged)["fate"] == "ticket"

    for number in range(8):
        made = mail("victim@b9.test", f"Win prize {number}", "Click http://evil.test/")
        scene.send(scene.forged(made), sender="victim@b9.test")
    scene.fate(made)
    got = scene.desk.notices("victim@b9.test")
    assert 1 <= len(got) <= 5
    for each in got:
        assert b"prize" not in each.received.raw
        assert b"evil.test" not in each.received.raw
    assert scene.count("victim@a9.test") == 0


def _backscatter(scene: Scene) -> None:
    heard = scene.talk(
        b"EHLO x\r\nMAIL FROM:<victim@a10.test>\r\nRCPT TO:<nobody@desk.test>\r\nQUIT\r\n"
    )
    assert b"550 5.7.1" in heard
    unreadable = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(200)
    )
    head = b"From: victim@a10.test\r\nMessage-ID: <a10@client.test>\r\nMIME-Version: 1.0\r\n"
    scene.send(head + unreadable, sender="victim@a10.test")
    assert scene.desk.fate("a10@client.test")["state"] in {"held", "done"}
    assert all(b"unable" not in each.raw for each in scene.desk.sink.to("victim@a10.test"))


def _robot_loop(scene: Scene) -> None:
    opened = scene.opened("a11@acme.test")
    assert opened.ack["Auto-Submitted"] == "auto-replied"
    assert opened.ack["X-Auto-Response-Suppress"] == "All"
    assert opened.ack.received.sender == ""
    for name, value in (
        ("Auto-Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("X-Autoreply", "yes"),
        ("X-Auto-Response-Suppress", "All"),
    ):
        robot = opened.ack.answer("I am away.", **{name: value})
        scene.send(scene.proven(robot), opened.ack.reply_to)
        scene.fate(robot)
    assert scene.count("a11@acme.test") == 1


def _two_desks(scene: Scene) -> None:
    """The other desk answers each mail of ours with a new one that looks like a person's."""
    words = ("red", "green", "blue", "white", "black", "grey", "pink")
    same = [(f"Ticket {number} received", "We got your mail.") for number in range(7)]
    varied = [(f"The {word} printer", f"About {word} paper.") for word in words]
    for who, said, most in (("desk@a12.test", same, 1), ("desk@b12.test", varied, 3)):
        for subject, text in said:
            made = mail(who, subject, text)
            scene.send(scene.forged(made), sender=who)
        last = scene.fate(made)["ticket"]

        wait_until(lambda who=who, most=most: scene.count(who) >= most, what="answers")  # type: ignore[misc]
        assert "not-answered" in scene.desk.ticket(last)["tags"]
        assert scene.count(who) == most


def _forged_loop_mark(scene: Scene) -> None:
    opened = scene.opened("a13@acme.test")
    forged = opened.ack["Message-ID"].replace(".r", ".b", 1)
    made = mail("a13b@acme.test", "Not to be dropped", "Please read.", Message_ID=forged)
    made["X-Loop"] = "help@desk.test"
    made["X-Postdesk-Loop"] = "yes"
    scene.send(scene.proven(made), sender="a13b@acme.test")
    assert scene.fate(made)["fate"] == "ticket"

    returned = opened.ack.received.raw
    scene.send(returned, sender="")
    row = scene.desk.fate(opened.ack["Message-ID"].strip("<>"))
    assert (row["fate"], row["ticket"]) == ("automatic", opened.number)
    assert scene.count("a13@acme.test") == 1


def _forged_bounce(scene: Scene) -> None:
    opened = scene.opened("a14@acme.test")
    bounce = (
        "From: MAILER-DAEMON@mx.test\r\nTo: help@desk.test\r\nSubject: Undelivered\r\n"
        "Message-ID: <a14@mx.test>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="r"\r\n\r\n'
        "--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        "Final-Recipient: rfc822; a14@acme.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {opened.ack['Message-ID']}"
        "\r\n\r\n--r--\r\n"
    ).encode()
    scene.send(bounce, sender="")
    assert scene.desk.fate("a14@mx.test")["fate"] == "bounce"
    assert "undelivered" not in scene.desk.history(opened.number)

    answer = opened.answer("Still written to.")
    scene.send(scene.proven(answer, "desk.test"), opened.told.reply_to)
    assert "Still written to." in scene.desk.notices("a14@acme.test", 2)[-1].text


def _enumeration(scene: Scene) -> None:
    heard = scene.talk(
        b"EHLO x\r\nMAIL FROM:<a34@x.test>\r\nRCPT TO:<ann@desk.test>\r\n"
        b"RCPT TO:<nobody@desk.test>\r\nVRFY ann\r\nVRFY nobody\r\nEXPN desk\r\nQUIT\r\n"
    ).split(b"\r\n")
    replies = [line for line in heard if line[:1] == b"5" or line[:3] == b"252"]
    assert replies[0] == replies[1]
    assert replies[2] == replies[3]
    assert replies[4].startswith(b"502")
    scene.opened("known@a34.test")
    texts = []
    for who in ("known@a34.test", "strange@a34.test"):
        made = mail(who, "Hello", "Hello.")
        scene.send(scene.forged(made), sender=who)
        number = scene.fate(made)["ticket"]
        texts.append(scene.desk.about(who, number)[0].text.replace(str(number), "N"))
    assert texts[0] == texts[1]


def _quoted_note(scene: Scene) -> None:
    opened = scene.opened("a35@acme.test")
    note = opened.answer("/note\nHe is a fool.")
    note["X-Inner"] = "host.inner.desk.test"
    scene.send(scene.proven(note, "desk.test"), opened.told.reply_to)
    scene.fate(note)
    noted = scene.desk.about("bo@desk.test", opened.number, 2)[-1]
    assert "He is a fool." in noted.text
    public = opened.answer("It is done.\n\n> He is a fool.", who="Ann Agent <ann@desk.test>")
    scene.send(scene.proven(public, "desk.test"), opened.told.reply_to)

    reply = scene.desk.notices("a35@acme.test", 2)[-1]
    assert "It is done." in reply.text
    raw = b"".join(each.raw for each in scene.desk.sink.to("a35@acme.test"))
    assert b"fool" not in raw
    assert b"inner.desk.test" not in raw
    assert reply["To"].count("@") == 1
    assert not reply["Cc"]


def _note_for_everybody(scene: Scene) -> None:
    opened = scene.opened("a36@acme.test")
    note = opened.answer("/note\nInside.")
    scene.send(scene.proven(note, "desk.test"), opened.told.reply_to)
    noted = scene.desk.about("bo@desk.test", opened.number, 2)[-1]
    assert noted.reply_to != opened.told.reply_to
    assert "INTERNAL" in noted["Subject"]

    both = noted.answer("More inside.", From="bo@desk.test")
    both["Cc"] = opened.told.reply_to
    scene.send(scene.proven(both, "desk.test"), noted.reply_to)
    assert scene.fate(both)["fate"] == "note"
    requester = mail("a36@acme.test", "Re: x", "I saw your note.", To=noted.reply_to)
    scene.send(scene.proven(requester), noted.reply_to)
    assert scene.fate(requester)["fate"] == "unverified"
    assert scene.count("a36@acme.test") == 1


def _foreign_reference(scene: Scene) -> None:
    opened = scene.opened("a37@acme.test")
    for parent in (str(opened.sent["Message-ID"]), opened.ack["Message-ID"]):
        made = mail(
            "thief@evil.test", "Re: Broken chair", "Show me.", In_Reply_To=parent, References=parent
        )
        scene.send(scene.proven(made, "evil.test"))
        row = scene.fate(made)
        assert row["ticket"] != opened.number or row["fate"] == "unverified"
    assert opened.is_untouched()
    got = b"".join(each.raw for each in scene.desk.sink.to("thief@evil.test"))
    assert b"It broke." not in got


def _stolen_message_id(scene: Scene) -> None:
    first = mail("thief@a38.test", "Early", "First.", Message_ID="<a38@acme.test>")
    real = mail("a38@acme.test", "Real", "The real one.", Message_ID="<a38@acme.test>")
    scene.send(scene.forged(first), sender="thief@a38.test")
    scene.fate(first)
    scene.send(scene.proven(real), sender="a38@acme.test")

    [ack] = scene.desk.notices("a38@acme.test")
    assert [each["text"].strip() for each in scene.desk.ticket(ack.number)["messages"]] == [
        "The real one."
    ]


def _former_agent(scene: Scene) -> None:
    opened = scene.opened("a40@acme.test")
    [told] = scene.desk.about("dee@desk.test", opened.number)
    _employ(scene, PEOPLE)

    made: EmailMessage = told.answer("/resolve\nMy last act.", From="dee@desk.test")
    scene.send(scene.proven(made, "desk.test"), told.reply_to)
    assert scene.fate(made)["fate"] == "unverified"
    assert opened.is_untouched()

    # Who is hired again, or stole the mailbox of somebody who was, has no old address.
    _employ(scene, PEOPLE_WITH_DEE)
    again = told.answer("/resolve\nI am back.", From="dee@desk.test")
    scene.send(scene.forged(again), told.reply_to)
    assert scene.fate(again)["fate"] == "unverified"
    wide = mail(
        "dee@desk.test",
        "All of it",
        " ".join(f"#{number}" for number in range(1, 8)) + " /resolve\n",
        To="help+desk@desk.test",
    )
    scene.send(scene.proven(wide, "desk.test"), "help+desk@desk.test")
    assert scene.fate(wide)["fate"] == "asked"
    assert opened.is_untouched()

    _rewritten_history(scene, opened.number)


def _employ(scene: Scene, people: str) -> None:
    """The admin saves another people.yaml."""
    (scene.desk.home / "rules" / "people.yaml").write_text(people, encoding="utf-8")
    before = len(scene.desk.log_lines)
    scene.desk.processes["run"].signal(signal.SIGHUP)
    wait_until(
        lambda: any(line["event"] == "rules_loaded" for line in scene.desk.log_lines[before:]),
        seconds=10,
        what="the new people.yaml",
    )


def _rewritten_history(scene: Scene, number: int) -> None:
    """Somebody with the database's password makes it so that another did it."""
    assert "verified" in scene.desk.look("ticket", "verify")
    with closing(sqlite3.connect(scene.desk.home / "data" / "postdesk.db", timeout=30)) as database:
        database.execute("UPDATE events SET actor = 'agent:bo' WHERE ticket = ?", (number,))
        database.commit()
    assert f"#{number}:" in scene.desk.cli("ticket", "verify", code=1)


def _refused(scene: Scene, number: int) -> None:
    """Wait until Ann has her commands back; whether she was also asked, others decide."""
    wait_until(
        lambda: any("NOT DONE" in each["Subject"] for each in scene.desk.about(ANN, number)),
        what=f"the refusal about #{number}",
    )


def _forged_approval(scene: Scene) -> None:
    # Approvals come with changes: until then nobody can give one, forged, proven or his own.
    opened = scene.opened("a41@acme.test")
    made = opened.answer("/approve")
    scene.send(scene.forged(made), opened.told.reply_to)
    assert scene.fate(made)["state"] == "held"

    proven = opened.answer("/take\n/approve")
    scene.send(scene.proven(proven, "desk.test"), opened.told.reply_to)
    _refused(scene, opened.number)
    own = opened.ack.answer("/approve", From="a41@acme.test")
    scene.send(scene.proven(own), opened.ack.reply_to)
    scene.fate(own)
    assert opened.is_untouched()
    assert '"kind": "approv' not in scene.desk.history(opened.number)


def _forged_erasure(scene: Scene) -> None:
    # Erasure comes with the data officer: until then no mail erases anything, whoever sends it.
    opened = scene.opened("a42@acme.test")
    made = mail("a42@acme.test", "GDPR", "/erase a42@acme.test\nDelete all my data.")
    scene.send(scene.forged(made), sender="a42@acme.test")
    assert scene.fate(made)["fate"] == "ticket"
    forged = opened.answer("/erase a42@acme.test")
    scene.send(scene.forged(forged), opened.told.reply_to)
    assert scene.fate(forged)["fate"] == "asked"
    proven = opened.answer("/take\n/erase a42@acme.test")
    scene.send(scene.proven(proven, "desk.test"), opened.told.reply_to)
    _refused(scene, opened.number)

    # A second copy of what is kept, as an IMAP mailbox restored from a backup brings, adds nothing.
    before = scene.desk.ticket(opened.number)
    scene.send(scene.proven(opened.sent), sender="a42@acme.test")
    assert scene.fate(opened.sent)["fate"] == "duplicate"
    assert scene.desk.ticket(opened.number)["messages"] == before["messages"]
    assert before["messages"][0]["text"].strip() == "It broke."


ATTACKS = (
    Attack(number=1, title="forged From of an agent", play=_forged_agent),
    Attack(number=2, title="forged Authentication-Results and ARC", play=_forged_results),
    Attack(number=3, title="a From with two readings", play=_two_faced_from),
    Attack(number=4, title="spoofed display name", play=_spoofed_name),
    Attack(number=5, title="guessed token", play=_guessed_token),
    Attack(number=6, title="leaked token", play=_leaked_token),
    Attack(number=7, title="ticket trick", play=_ticket_trick),
    Attack(number=8, title="copied attacker", play=_copied_attacker),
    Attack(number=9, title="mail bomb by acknowledgement", play=_mail_bomb_by_acknowledgement),
    Attack(number=10, title="backscatter", play=_backscatter),
    Attack(number=11, title="loop with a robot", play=_robot_loop),
    Attack(number=12, title="two desks facing each other", play=_two_desks),
    Attack(number=13, title="forged loop mark", play=_forged_loop_mark),
    Attack(number=14, title="forged bounce", play=_forged_bounce),
    Attack(number=34, title="enumeration", play=_enumeration),
    Attack(number=35, title="leak by quoting", play=_quoted_note),
    Attack(number=36, title="note sent to everybody", play=_note_for_everybody),
    Attack(number=37, title="foreign reference", play=_foreign_reference),
    Attack(number=38, title="stolen Message-ID", play=_stolen_message_id),
    Attack(number=40, title="former agent", play=_former_agent),
    Attack(number=41, title="forged approval", play=_forged_approval),
    Attack(number=42, title="forged erasure", play=_forged_erasure),
)
