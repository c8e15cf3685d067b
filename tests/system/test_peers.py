"""The whole way through the programs that people really use: Postfix, Dovecot, swaks, mutt."""

from __future__ import annotations

import os
import shutil
import smtplib
import subprocess
from collections.abc import Iterator
from email import policy

import pytest

from tests.servers import desk as desks
from tests.servers import dovecot as dovecots
from tests.servers import postfix as postfixes
from tests.servers import sink as sinks
from tests.servers.desk import DOMAIN, Desk, mail
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.process import wait_until


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with dovecots.running() as server:
        yield server


@pytest.fixture(scope="module")
def desk(dovecot: Dovecot) -> Iterator[Desk]:
    """A desk that also reads a mailbox whose server is trusted to check senders."""
    mailbox = {
        "NAME": "main",
        "HOST": "127.0.0.1",
        "PORT": str(dovecot.port),
        "SECURITY": "none",
        "USER": "help",
        "PASSWORD": PASSWORD,
        "TRUSTED": "true",
    }
    more = {f"POSTDESK_MAILBOXES__0__{key}": value for key, value in mailbox.items()}
    with sinks.running() as sink, desks.running(sink, more=more) as running:
        yield running


def _put(dovecot: Dovecot, raw: bytes, name: str) -> None:
    """A mail in the mailbox, as a local delivery leaves it."""
    folder = dovecot.maildir("help")
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    path = folder / "tmp" / name
    path.write_bytes(raw)
    for each in (folder, *folder.glob("*"), path):
        if os.geteuid() == 0:
            shutil.chown(each, "nobody", "nogroup")
    path.rename(folder / "new" / name)


def test_mail_in_a_mailbox_becomes_a_ticket_and_is_moved(desk: Desk, dovecot: Dovecot) -> None:
    sent = mail("imap1@acme.test", "From the mailbox", "Hello.")
    _put(dovecot, sent.as_bytes(), "one")

    [ack] = desk.notices("imap1@acme.test")

    assert desk.ticket(ack.number)["subject"] == "From the mailbox"
    moved = dovecot.maildir("help") / ".Postdesk"
    wait_until(lambda: any(moved.glob("cur/*")) or any(moved.glob("new/*")), what="the move")
    assert "no gap" in desk.cli("inbox", "reconcile").lower()


def test_same_mail_by_smtp_and_imap_is_one_ticket(desk: Desk, dovecot: Dovecot) -> None:
    sent = mail("imap2@acme.test", "By two roads", "Hello.")
    desk.send(sent)
    _put(dovecot, b"Delivered-To: help@desk.test\n" + sent.as_bytes(), "two")

    def rows() -> list[str]:
        wanted = str(sent["Message-ID"]).strip("<>")
        return [row["state"] for row in desk.arrivals() if row["message_id"] == wanted]

    wait_until(lambda: rows() == ["done", "done"], what="both arrivals settled")
    assert len(desk.notices("imap2@acme.test")) == 1
    found = [row for row in desk.arrivals() if row["from"] == "imap2@acme.test"]
    assert {row["fate"] for row in found} == {"ticket", "duplicate"}


def test_postfix_delivers_by_lmtp(desk: Desk) -> None:
    with postfixes.running(lmtp_port=desk.lmtp_port, domain=DOMAIN) as postfix:
        sent = mail(
            "lmtp@acme.test", "Through Postfix", "Hello.", To="help@desk.test, it@desk.test"
        )
        with smtplib.SMTP("127.0.0.1", postfix.port) as client:
            client.sendmail(
                "lmtp@acme.test",
                ["help@desk.test", "it@desk.test"],
                sent.as_bytes(policy=policy.SMTP),
            )

        [ack] = desk.notices("lmtp@acme.test")
        assert desk.ticket(ack.number)["messages"][0]["text"].strip() == "Hello."
        wait_until(lambda: postfix.log.count("status=sent") >= 2, what="both recipients delivered")


def test_answer_by_swaks_lands_in_its_ticket(desk: Desk) -> None:
    desk.send(mail("swaks@acme.test", "Need help", "Please."))
    [ack] = desk.notices("swaks@acme.test")

    subprocess.run(
        [
            "swaks", "--server", f"127.0.0.1:{desk.smtp_port}",
            "--from", "swaks@acme.test", "--to", ack.reply_to,
            "--header", f"Subject: Re: {ack['Subject']}",
            "--add-header", f"In-Reply-To: {ack['Message-ID']}",
            "--body", "And it is urgent.",
        ],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip

    wait_until(lambda: len(desk.ticket(ack.number)["messages"]) == 2, what="the answer")
    assert desk.ticket(ack.number)["messages"][1]["text"].strip() == "And it is urgent."


def test_answer_by_mutt_lands_in_its_ticket(desk: Desk) -> None:
    desk.send(mail("mutt@acme.test", "Need mutt", "Please."))
    [ack] = desk.notices("mutt@acme.test")
    home = desk.home / "mutt"
    home.mkdir()
    draft, muttrc = home / "draft", home / "muttrc"
    quoted = "".join(f"> {line}\n" for line in ack.text.splitlines())
    draft.write_text(
        f"To: {ack.reply_to}\nSubject: Re: {ack['Subject']}\n"
        f"In-Reply-To: {ack['Message-ID']}\n\n"
        f"Mutt says hello.\n\nOn Mon, Nov 23, 2026, Help Desk wrote:\n{quoted}"
    )
    muttrc.write_text(
        f"set smtp_url=smtp://127.0.0.1:{desk.smtp_port} ssl_starttls=no ssl_force_tls=no\n"
        "set from=mutt@acme.test realname=Mutt use_envelope_from=yes record=''\n"
    )
    sent = subprocess.run(
        ["mutt", "-F", str(muttrc), "-H", str(draft)],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(home)},
    )
    assert sent.returncode == 0, sent.stderr + sent.stdout

    wait_until(lambda: len(desk.ticket(ack.number)["messages"]) == 2, what="mutt's answer")
    text = desk.ticket(ack.number)["messages"][1]["text"]
    assert "Mutt says hello." in text
    assert ">" not in text
