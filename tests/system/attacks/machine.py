"""Attacks on the machinery: 15 to 33 and 39."""

from __future__ import annotations

import csv
import io
import json
import pickle
import re
import smtplib
import socket
import ssl
import stat
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tests.servers import desk as desks
from tests.servers.desk import Desk, mail
from tests.servers.process import wait_until
from tests.system.attacks.scene import Attack, Scene


def _smuggling(scene: Scene) -> None:
    head = b"EHLO x\r\nMAIL FROM:<a15@acme.test>\r\nRCPT TO:<help@desk.test>\r\nDATA\r\n"
    inner = b"MAIL FROM:<ann@desk.test>\r\nRCPT TO:<help@desk.test>\r\nDATA\r\n"
    inner += b"From: ann@desk.test\r\nMessage-ID: <inner.a15@x>\r\n\r\nSmuggled.\r\n.\r\n"
    for number, end in enumerate((b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r")):
        body = b"From: a15@acme.test\r\nMessage-ID: <a15.%d@x>\r\n\r\nText" % number
        scene.talk(head + body + end + inner + b"QUIT\r\n")
        scene.desk.fate(f"a15.{number}@x")
    assert not [row for row in scene.desk.arrivals() if "inner.a15@x" in (row["message_id"] or "")]


def _tls_injection(scene: Scene) -> None:
    context = ssl.create_default_context(cafile=str(scene.folder / "cert.pem"))
    with socket.create_connection(("127.0.0.1", scene.desk.smtp_port), timeout=10) as plain:
        plain.recv(4096)
        plain.sendall(b"EHLO x\r\n")
        plain.recv(4096)
        plain.sendall(b"STARTTLS\r\nEHLO evil\r\nMAIL FROM:<a16@evil.test>\r\n")
        assert plain.recv(4096).startswith(b"220")
        with context.wrap_socket(plain, server_hostname="localhost") as wire:
            wire.sendall(b"RCPT TO:<help@desk.test>\r\n")
            assert wire.recv(4096).startswith(b"503")


def _open_relay(scene: Scene) -> None:
    lines = (
        b"someone@elsewhere.test",
        b"someone%elsewhere.test@desk.test",
        b"@desk.test:someone@elsewhere.test",
        b'"someone@elsewhere.test"@desk.test',
        b"help@desk.test@elsewhere.test",
        b"elsewhere.test!someone",
        b"help@desk.test.elsewhere.test",
    )
    asked = b"".join(b"RCPT TO:<" + line + b">\r\n" for line in lines)
    heard = scene.talk(b"EHLO x\r\nMAIL FROM:<a17@x.test>\r\n" + asked + b"QUIT\r\n")
    replies = heard.split(b"\r\n")[-len(lines) - 2 : -2]
    assert len(replies) == len(lines)
    assert all(reply.startswith(b"55") for reply in replies), replies


def _header_injection(scene: Scene) -> None:
    encoded = (
        "=?utf-8?q?x=0D=0ABcc=3A_spy=40evil=2Etest?=",
        "=?utf-8?q?y=0ABcc=3A_spy=40evil=2Etest?=",
        "=?utf-8?b?eg0KQmNjOiBzcHlAZXZpbC50ZXN0?=",
        "=?utf-8?q?w=1CBcc=3A_spy=40evil=2Etest?=",
        "=?utf-8?q?v=E2=80=A8Bcc=3A_spy=40evil=2Etest?=",
    )
    for number, subject in enumerate(encoded):
        who = f"a18.{number}@acme.test"
        raw = (
            f"From: {subject} <{who}>\r\nTo: help@desk.test\r\nSubject: {subject}\r\n"
            f"Message-ID: <{number}.a18@client.test>\r\n\r\nHi.\r\n"
        ).encode()
        scene.send(scene.proven(raw), sender=who)
        [ack] = scene.desk.notices(who)
        told = scene.desk.about("ann@desk.test", ack.number)[0]
        for notice in (ack, told):
            names = [name.lower() for name in notice.mail]
            assert "bcc" not in names
            assert len([name for name in names if name in {"to", "from", "subject"}]) == 3
            assert len(notice.received.recipients) == 1
    assert scene.count("spy@evil.test") == 0


def _control_headers(scene: Scene) -> None:
    made = mail("a19@acme.test", "Headers", "Hi.")
    for name, value in (
        ("X-Ticket-Status", "resolved"),
        ("X-RT-Command", "Owner: ann"),
        ("X-Zammad-Ticket-Priority", "3 high"),
        ("X-Postdesk-Via", "phone"),
        ("X-Postdesk-Authority", "agent"),
        ("X-Priority", "1"),
    ):
        made[name] = value
    scene.send(scene.proven(made), sender="a19@acme.test")

    ticket = scene.desk.ticket(scene.fate(made)["ticket"])
    assert (ticket["state"], ticket["owner"], ticket["via"]) == ("new", None, "mail")
    assert ticket["messages"][0]["authority"] != "agent"


def _template_text(scene: Scene) -> None:
    bait = "{{ 7*7 }} {% include '/etc/passwd' %} {{ ''.__class__.__mro__ }} ${7*7}"
    opened = scene.opened("a20@acme.test", subject=bait, text=bait)
    for notice in (opened.ack, opened.told):
        assert "{{ 7*7 }}" in notice["Subject"]
        assert "49" not in notice["Subject"]
    assert bait in opened.told.text


def _template_file(scene: Scene) -> None:
    folder = scene.folder / "templates"
    folder.mkdir()
    for name, text in {
        "note.txt.j2": "{% extends 'layout.txt.j2' %}{% block body %}"
        "{{ ''.__class__.__mro__[1].__subclasses__() }}{% endblock %}",
        "alarm.txt.j2": "{% extends 'layout.txt.j2' %}"
        "{% block body %}{{ 'x' * 10**9 }}{% endblock %}",
    }.items():
        (folder / name).write_text(text)
    environ = {**scene.desk.environ, "POSTDESK_TEMPLATES_DIR": str(folder)}
    verdicts = _check(scene, environ)
    faults = [each["message"] for each in verdicts if each["what"] == "templates"]
    assert any("note.txt.j2" in fault for fault in faults), faults
    assert any("alarm.txt.j2" in fault for fault in faults), faults


def _check(scene: Scene, environ: dict[str, str]) -> list[dict[str, str]]:
    before = scene.desk.environ
    scene.desk.environ = environ
    try:
        return [json.loads(line) for line in scene.desk.cli("check", "--json", code=1).splitlines()]
    finally:
        scene.desk.environ = before


def _costly_pattern(scene: Scene) -> None:
    """A rule of this desk has ``(a+)+$``."""
    opened = scene.opened("a22@acme.test", subject="a" * 400 + "!", text="a" * 60_000 + "!")
    assert opened.ticket["category"] != "costly"


def _yaml_bomb(scene: Scene) -> None:
    aliases = "\n".join(
        f"  {name}: &{name} [*{last}, *{last}, *{last}]"
        for last, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for text in (
        f"rules:\n  a: &a [x, x]\n{aliases}\n",
        "rules: !!python/object/apply:os.system [id]\n",
        "rules: " + "[" * 3000,
    ):
        folder = scene.folder / "rules"
        folder.mkdir(exist_ok=True)
        (folder / "routing.yaml").write_text(text)
        environ = {**scene.desk.environ, "POSTDESK_RULES_DIR": str(folder)}
        problems = [each for each in _check(scene, environ) if each["level"] == "problem"]
        assert any("routing.yaml" in each["message"] for each in problems)


def _mime_bomb(scene: Scene) -> None:
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(5000)
    )
    wide = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 20_000
    long = b"X-Long: " + b"a" * 2_000_000 + b"\r\nContent-Type: text/plain\r\n\r\nHi.\r\n"
    for number, rest in enumerate((deep, wide, long)):
        head = b"From: a24@acme.test\r\nMessage-ID: <a24.%d@x>\r\nMIME-Version: 1.0\r\n" % number
        scene.send(head + rest, sender="a24@acme.test")
    scene.opened("b24@acme.test")
    for number in range(3):
        assert scene.desk.fate(f"a24.{number}@x")["state"] in {"held", "done"}


def _archive_bomb(scene: Scene) -> None:
    bomb = scene.folder / "bomb.zip"
    with ZipFile(bomb, "w", ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50_000_000))
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    )
    made = mail("a25@acme.test", "Files", "See the files.")
    made.add_attachment(bomb.read_bytes(), maintype="application", subtype="zip", filename="b.zip")
    made.add_attachment(entity, maintype="text", subtype="xml", filename="x.xml")
    made.add_attachment(b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef",
                        filename="winmail.dat")  # fmt: skip
    scene.send(scene.proven(made), sender="a25@acme.test")

    [message] = scene.desk.ticket(scene.fate(made)["ticket"])["messages"]
    sizes = {each["filename"]: each["size"] for each in message["attachments"]}
    assert sizes["b.zip"] == bomb.stat().st_size
    assert "winmail.dat" in sizes
    assert "root:" not in message["text"]


def _file_names(scene: Scene) -> None:
    made = mail("a26@acme.test", "Names", "See.")
    for name in (
        "../../../etc/cron.d/x",
        "..\\..\\x.bat",
        "a\u202egpj.exe",
        "\u200b.htaccess",
        "b\x00.txt",
        "/abs",
    ):
        made.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="N")
        made.get_payload()[-1].replace_header(  # type: ignore[union-attr]
            "Content-Disposition", "attachment"
        )
        made.get_payload()[-1].set_param(  # type: ignore[union-attr]
            "filename", name.replace("\x00", "%00"), header="Content-Disposition"
        )
    scene.send(scene.proven(made), sender="a26@acme.test")

    [message] = scene.desk.ticket(scene.fate(made)["ticket"])["messages"]
    names = [each["filename"] for each in message["attachments"]]
    assert len(names) == 6
    for name in names:
        assert not re.search(r"[/\\\x00-\x1f\u200b\u202e]", name), name
        assert not name.startswith("."), name


_HTML = (
    "<p>Hello</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    "<img src='http://evil.test/pixel.gif'><svg onload=alert(1)></svg><a href='javascript:x'>y</a>"
)


def _hostile_html(scene: Scene) -> None:
    made = EmailMessage()
    made["From"], made["To"] = "a27@acme.test", "help@desk.test"
    made["Subject"], made["Message-ID"] = "<script>alert(1)</script>", "<a27@client.test>"
    made.set_content(_HTML, subtype="html")
    scene.send(scene.proven(made), sender="a27@acme.test")
    [ack] = scene.desk.notices("a27@acme.test")

    for notice in (ack, scene.desk.about("ann@desk.test", ack.number)[0]):
        html = str(notice.mail.get_body(("html",)).get_content())
        assert not re.search(
            r"<script|<img|<svg|onerror=|onload=|href=.javascript", html, re.IGNORECASE
        )
        assert "pixel.gif" not in html
    assert b"pixel" not in b"".join(each.raw for each in scene.desk.sink.to("a27@acme.test"))


def _phishing_through_us(scene: Scene) -> None:
    opened = scene.opened("a28@acme.test")
    bait = mail(
        "x@evil.test", "Re: chair", "Log in at http://evil.test/ now", To=opened.told.reply_to
    )
    scene.send(scene.proven(bait, "evil.test"), opened.told.reply_to)
    scene.fate(bait)
    warned = scene.desk.about("ann@desk.test", opened.number, 2)[-1]
    assert "http://evil.test/" not in warned.text
    assert "evil.test" in warned.text
    assert scene.count("a28@acme.test") == 1


def _hostile_log(scene: Scene) -> None:
    subject = "=?utf-8?q?x=1B=5B2J=0A=7B=22event=22=3A=22forged=22=7D=E2=80=AE?="
    raw = (
        f"From: a29@acme.test\r\nSubject: {subject}\r\n"
        "Message-ID: <a29\x1b[2J@x>\r\n\r\n\x1b[2JHi\r\n"
    ).encode()
    scene.send(scene.proven(raw), sender="a29@acme.test")
    [ack] = scene.desk.notices("a29@acme.test")

    shown = scene.desk.look("ticket", "show", str(ack.number)) + scene.desk.look("ticket", "list")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", shown)
    assert "\x1b" not in scene.desk.log
    assert not [line for line in scene.desk.log_lines if line["event"] == "forged"]


def _formula(scene: Scene) -> None:
    baits = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", '=HYPERLINK("http://evil.test")')
    numbers = [
        scene.opened(f"a30.{at}@acme.test", subject=bait).number for at, bait in enumerate(baits)
    ]

    rows = list(csv.DictReader(io.StringIO(scene.desk.look("ticket", "list", "--csv"))))
    subjects = {int(row["number"]): row["subject"] for row in rows}
    assert [subjects[number] for number in numbers] == [f"'{bait}" for bait in baits]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]


def _mail_bomb(scene: Scene) -> None:
    more = {
        "POSTDESK_SMTP__TRUSTED": "false",
        "POSTDESK_LIMITS__MAILS_PER_SENDER_PER_MINUTE": "20",
        "POSTDESK_LIMITS__NEW_PEOPLE_PER_HOUR": "9",
    }
    with desks.running(scene.desk.sink, more=more) as desk:
        bombs = [mail(f"a31.{n}@evil.test", f"Bomb {n}", "Bang.") for n in range(45)]
        replies = [_reply_to(desk, bomb) for bomb in bombs]
        accepted = replies.count("")
        assert accepted < len(bombs)
        assert all(reply.startswith("450 4.7.1") for reply in replies if reply)

        calm = mail("b31@acme.test", "Printer", "It burns.")
        desk.send(calm)
        number = desk.fate(str(calm["Message-ID"]).strip("<>"))["ticket"]
        assert len(desk.arrivals()) == accepted + 1
        wait_until(lambda: len(desk.sink.to("ann@desk.test")) > accepted, what="all to be told")
        # The agents among the people whom the desk has met: so the bomb's first few are answered.
        answered = sum(bool(desk.sink.to(f"a31.{n}@evil.test")) for n in range(45))
        assert answered < 9
        assert "not-answered" in desk.ticket(number)["tags"]


def _reply_to(desk: Desk, bomb: EmailMessage) -> str:
    """The refusal of a mail whose envelope names one sender; empty when it was taken."""
    try:
        desk.send(bomb, sender="a31@evil.test")
    except smtplib.SMTPSenderRefused as err:
        return f"{err.smtp_code} {bytes(err.smtp_error).decode()}"
    return ""


def _slow_and_many(scene: Scene) -> None:
    place = ("127.0.0.1", scene.desk.smtp_port)
    held = [socket.create_connection(place, timeout=10) for _ in range(30)]
    try:
        for wire in held[:5]:
            wire.sendall(b"x" * 200_000)
        said = []
        for wire in held[:5]:
            heard = b""
            while more := wire.recv(4096):
                heard += more
            said.append(heard)
        assert all(b"500 5.5.2" in heard for heard in said)
        scene.opened("a32@acme.test")
    finally:
        for wire in held:
            wire.close()
    empty = b"From: b32@acme.test\r\nMessage-ID: <b32@x>\r\n\r\n" + b"\r\n" * 2_000_000
    scene.send(scene.proven(empty), sender="b32@acme.test")
    assert scene.desk.fate("b32@x")["state"] in {"held", "done"}


def _sql(scene: Scene) -> None:
    bait = "x'); DROP TABLE tickets; -- OR 1=1"
    opened = scene.opened("a33'--@acme.test", subject=bait, text=bait)
    assert opened.ticket["subject"] == bait
    assert opened.ticket["messages"][0]["text"].strip() == bait
    assert opened.ticket["requester"] == "a33'--@acme.test"


def _local(scene: Scene) -> None:
    data = scene.desk.home / "data"
    assert stat.S_IMODE(data.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600
    key = (data / "secret.key").read_text().strip()
    assert key not in scene.desk.log
    for process in scene.desk.processes.values():
        assert key not in Path(f"/proc/{process.pid}/cmdline").read_text()
        assert key not in Path(f"/proc/{process.pid}/environ").read_text()

    # The doors beside the mail's: they take a job's name and a row's id, and nothing else.
    poison = pickle.dumps(Path("/etc/passwd"))
    words = (b"deliver 999999", b"take_in 0; DROP", b"shutdown 1", poison, b"", b"\xff" * 9)
    for name in ("in.sock", "out.sock", "call.sock"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knocker:
            for word in words:
                knocker.sendto(word, str(data / name))
    opened = scene.opened("a39@acme.test")
    assert opened.is_untouched()
    assert not [line for line in scene.desk.log_lines if line.get("level") == "critical"]


ATTACKS = (
    Attack(number=15, title="SMTP smuggling", play=_smuggling),
    Attack(number=16, title="STARTTLS injection", play=_tls_injection),
    Attack(number=17, title="open relay", play=_open_relay),
    Attack(number=18, title="header injection", play=_header_injection),
    Attack(number=19, title="control headers", play=_control_headers),
    Attack(number=20, title="template code in a ticket", play=_template_text),
    Attack(number=21, title="template code in a template", play=_template_file),
    Attack(number=22, title="costly pattern", play=_costly_pattern),
    Attack(number=23, title="YAML bomb", play=_yaml_bomb),
    Attack(number=24, title="MIME bomb", play=_mime_bomb),
    Attack(number=25, title="archive bomb", play=_archive_bomb),
    Attack(number=26, title="file names", play=_file_names),
    Attack(number=27, title="hostile HTML", play=_hostile_html),
    Attack(number=28, title="phishing through the desk", play=_phishing_through_us),
    Attack(number=29, title="hostile log and terminal", play=_hostile_log),
    Attack(number=30, title="formula in an export", play=_formula),
    Attack(number=31, title="mail bomb", play=_mail_bomb),
    Attack(number=32, title="slow and many connections", play=_slow_and_many),
    Attack(number=33, title="SQL injection", play=_sql),
    Attack(number=39, title="local user", play=_local),
)
