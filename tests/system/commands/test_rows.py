"""The commands that look at rows and change their state."""

from __future__ import annotations

import hashlib
import mailbox
from pathlib import Path
from typing import Any

from daemon.store import listing
from daemon.store.engine import Store
from daemon.store.tables import inbox_raw
from tests.system.commands.conftest import Command
from tests.system.commands.rows import NASTY, RAW, many

#: Nothing of this may reach a terminal.
UNSAFE = ("\x1b", "\x07", "\u202e")


def is_harmless(text: str) -> bool:
    return not any(character in text for character in UNSAFE)


def test_ticket_list_prints_one_object_a_line(filled: Store, postdesk: Command) -> None:
    first, second = postdesk("ticket", "list", "--json").lines

    assert (first["number"], second["number"]) == (1, 2)
    assert first["subject"] == NASTY
    assert first["requester"] == "anna@example.org"
    assert first["watchers"] == ["boss@example.org"]
    assert (first["type"], first["state"]) == ("incident", "new")
    assert (first["priority"], first["team"], first["owner"]) == ("P2", "network", None)
    assert first["tags"] == ["vpn"]
    assert first["created_at"] == "2026-03-01T09:30:00+00:00"
    assert first["due"] == {
        "respond": "2026-03-01T10:30:00+00:00",
        "resolve": "2026-03-01T17:30:00+00:00",
    }
    assert "messages" not in first


def test_ticket_list_is_an_aligned_and_harmless_table(filled: Store, postdesk: Command) -> None:
    result = postdesk("ticket", "list")

    heading, first, second = result.out.splitlines()
    # Wide characters stand before the last column only when it is not a subject.
    assert heading.index("SUBJECT") == first.index("Printer") == second.index("VPN")
    assert "\\x1b[31m 프린터 \\u202egnp.exe" in first
    assert is_harmless(result.out)


def test_ticket_list_takes_states(filled: Store, postdesk: Command) -> None:
    assert len(postdesk("ticket", "list", "--json", "--state", "new").lines) == 2
    assert postdesk("ticket", "list", "--json", "--state", "closed").lines == []
    assert postdesk("ticket", "list", "--state", "nonsense").code == 2


def test_ticket_show_has_the_messages(filled: Store, postdesk: Command) -> None:
    (ticket,) = postdesk("ticket", "show", 1, "--json").lines

    first, second = ticket["messages"]
    assert first["text"] == "first \x1b[31m"
    assert (first["direction"], first["visibility"]) == ("in", "public")
    assert (first["from"], first["message_id"]) == ("anna@example.org", "one@example.org")
    assert first["at"] == "2026-03-01T09:30:00+00:00"
    assert (first["authority"], first["unverified"]) == ("sender-checked", False)
    assert first["attachments"][0]["content_type"] == "image/png"
    assert second["unverified"]


def test_ticket_show_is_harmless_on_a_terminal(filled: Store, postdesk: Command) -> None:
    result = postdesk("ticket", "show", 1)

    assert result.code == 0
    assert "first \\x1b[31m" in result.out
    assert "UNVERIFIED" in result.out
    assert is_harmless(result.out)


def test_ticket_that_is_not_there_is_an_error(store: Store, postdesk: Command) -> None:
    result = postdesk("ticket", "show", 99)

    assert result.code == 1
    assert result.err == "postdesk: there is no ticket #99\n"


def test_ticket_history_names_the_rule(filled: Store, postdesk: Command) -> None:
    created, changed = postdesk("ticket", "history", 1, "--json").lines
    readable = postdesk("ticket", "history", 1).out

    assert (created["seq"], created["kind"]) == (1, "created")
    assert changed["actor"] == "rule:routing.yaml:12"
    assert changed["data"]["why"] == "network things"
    assert "rule:routing.yaml:12" in readable
    assert is_harmless(readable)


def test_inbox_list_prints_every_arrival(filled: Store, postdesk: Command) -> None:
    rows = postdesk("inbox", "list", "--json").lines

    assert [row["state"] for row in rows] == ["done", "held", "received", "dropped", "done"]
    first = rows[0]
    assert first["sha256"] == hashlib.sha256(RAW).hexdigest()
    assert (first["size"], first["ticket"], first["fate"]) == (len(RAW), 1, "ticket")
    assert (first["source"], first["message_id"]) == ("smtp", "one@example.org")
    assert (first["from"], first["authority"]) == ("Anna@example.org", "sender-checked")
    assert (first["recipients"], first["subject"]) == (["help@localhost"], NASTY)
    assert rows[2]["ticket"] is None
    assert rows[2]["from"] == "anna@example.org"
    assert rows[4]["duplicate_of"] == 1


def test_inbox_list_is_harmless_and_takes_states(filled: Store, postdesk: Command) -> None:
    result = postdesk("inbox", "list", "--state", "held", "--state", "done")

    assert len(result.out.splitlines()) == 4
    assert "\\x1b]0;owned\\x07" in result.out
    assert is_harmless(result.out)


def test_inbox_show_gives_the_bytes_as_they_came(filled: Store, postdesk: Command) -> None:
    assert postdesk("inbox", "show", 1, "--raw").raw == RAW
    assert postdesk("inbox", "show", 2, "--json").lines[0]["state"] == "held"
    readable = postdesk("inbox", "show", 2)
    assert "postdesk inbox release 2" in readable.out
    assert is_harmless(readable.out)
    assert postdesk("inbox", "show", 77).code == 1


def test_inbox_release_makes_a_held_arrival_due(filled: Store, postdesk: Command) -> None:
    result = postdesk("inbox", "release", 2)

    assert (result.code, result.out) == (0, "arrival 2: released\n")
    with filled.read() as tx:
        arrived = listing.arrival(tx, 2)
    assert arrived is not None
    assert (arrived.state, arrived.attempts) == ("received", 0)
    assert arrived.due_at is not None


def test_inbox_release_of_what_is_done_is_an_error(filled: Store, postdesk: Command) -> None:
    result = postdesk("inbox", "release", 1, 2, 77)

    assert result.code == 1
    assert result.out == "arrival 2: released\n"
    assert "arrival 1 cannot be released: it became ticket #1" in result.err
    assert "there is no arrival 77" in result.err


def test_inbox_replay_takes_what_is_held_in_anew_and_reads_messages_again(
    filled: Store, postdesk: Command
) -> None:
    result = postdesk("inbox", "replay", 1, 3, 77, "--held")

    assert result.code == 1
    assert "arrival 1: read again, it says more now" in result.out
    assert "arrival 2: released, it is read anew" in result.out
    assert "arrival 3 waits to be taken in" in result.err
    assert "there is no arrival 77" in result.err
    assert postdesk("inbox", "replay", 1).out == "arrival 1: read again, it says the same\n"
    assert postdesk("inbox", "replay").code == 2


def test_ticket_export_has_every_mail(filled: Store, postdesk: Command, tmp_path: Path) -> None:
    box = tmp_path / "box"
    assert postdesk("ticket", "export", 1, "--to", box).code == 0

    subjects = [mail["Message-ID"] for mail in mailbox.mbox(box)]
    assert subjects[0] == "<one@example.org>"
    assert len(subjects) == 1 + sum(mail["ticket"] == 1 for mail in outbox_rows(postdesk))


def outbox_rows(postdesk: Command) -> list[dict[str, Any]]:
    return postdesk("outbox", "list", "--json").lines


def test_ticket_export_as_json_has_messages_and_events(filled: Store, postdesk: Command) -> None:
    [found] = postdesk("ticket", "export", 1, "--format", "json").lines

    assert found["number"] == 1
    assert found["events"][0]["kind"] == "created"
    assert found["messages"]
    assert {notice["state"] for notice in found["notices"]}


def test_ticket_export_as_folder_writes_harmless_files(
    filled: Store, postdesk: Command, tmp_path: Path
) -> None:
    raw = (
        b"From: anna@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b'--b\r\n\r\nHi\r\n--b\r\nContent-Type: application/pdf; name="../a.pdf"\r\n\r\n%PDF-\r\n'
        b"--b\r\nContent-Type: application/x; name=a.exe\r\n\r\nMZ\r\n--b--\r\n"
    )
    with filled.begin() as tx:
        tx.execute(inbox_raw.update().where(inbox_raw.c.inbox_id == 1).values(raw=raw))
    postdesk("inbox", "replay", 1)

    result = postdesk("ticket", "export", 1, "--format", "dir", "--to", tmp_path / "out")

    assert "left out a.exe: its name ends in .exe" in result.err
    [file] = (tmp_path / "out" / "files").iterdir()
    assert file.name.endswith("-a.pdf")
    assert file.read_bytes() == b"%PDF-"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "files",
        "ticket.json",
        "ticket.mbox",
    }


def test_inbox_drop_keeps_the_reason(filled: Store, postdesk: Command) -> None:
    assert postdesk("inbox", "drop", 3, "--reason", "spam").code == 0
    refused = postdesk("inbox", "drop", 1)

    assert postdesk("inbox", "show", 3, "--json").lines[0]["error"] == "spam"
    assert refused.code == 1
    assert "cannot be dropped" in refused.err


def test_inbox_where_tells_each_arrival(filled: Store, postdesk: Command) -> None:
    result = postdesk("inbox", "where", "<one@example.org>")

    assert result.code == 0
    first, copy = result.out.splitlines()
    assert first == "Arrival 1 (smtp, 2026-03-01 09:31:00Z) became ticket #1."
    assert "is a copy of arrival 1 and belongs to ticket #1" in copy
    by_program = postdesk("inbox", "where", "one@example.org", "--json").lines
    assert [row["id"] for row in by_program] == [1, 5]
    assert by_program[0]["sentence"].endswith("became ticket #1")


def test_inbox_where_tells_every_other_fate(filled: Store, postdesk: Command) -> None:
    told = {
        "mail2@example.org": "is held after 0 tries: RuntimeError: \\x1b]0;owned\\x07;",
        "mail3@example.org": "waits to be taken in",
        "mail4@example.org": "was dropped: test mail",
        "new_ticket@localhost": "could not be delivered to anna@example.org about ticket #1",
    }

    for message_id, sentence in told.items():
        assert sentence in postdesk("inbox", "where", message_id).out
    unknown = postdesk("inbox", "where", "nobody@example.org")
    assert (unknown.code, unknown.out) == (1, "")
    assert "no mail with the Message-ID nobody@example.org has arrived" in unknown.err


def test_inbox_reconcile_without_mailboxes_has_no_gap(store: Store, postdesk: Command) -> None:
    result = postdesk("inbox", "reconcile")

    assert (result.code, result.out) == (0, "0 mailboxes compared: no gap\n")


def test_inbox_reconcile_tells_of_a_mailbox_that_nobody_reads(
    store: Store, postdesk: Command
) -> None:
    mailbox = {"NAME": "office", "HOST": "imap.example.org", "USER": "help", "PASSWORD": "x"}
    environ = {f"POSTDESK_MAILBOXES__0__{key}": value for key, value in mailbox.items()}

    result = postdesk("inbox", "reconcile", "--json", **environ)

    assert result.code == 1
    assert result.lines[0]["mailbox"] == "office/INBOX"


def test_outbox_list_prints_every_mail(filled: Store, postdesk: Command) -> None:
    rows = postdesk("outbox", "list", "--json").lines

    assert [row["state"] for row in rows] == ["sent", "failed", "queued", "dropped"]
    assert rows[0]["kind"] == "acknowledgement"
    assert (rows[0]["ticket"], rows[0]["to"]) == (1, ["anna@example.org"])
    assert (rows[0]["attempts"], rows[0]["last_reply"]) == (1, "250 2.0.0 ok")
    assert rows[0]["next_attempt_at"] is None
    assert rows[2]["next_attempt_at"] == "2026-03-01T09:30:00+00:00"
    assert rows[0]["message_id"] == "acknowledgement@localhost"


def test_outbox_show_gives_the_final_bytes(filled: Store, postdesk: Command) -> None:
    assert postdesk("outbox", "show", 1, "--raw").raw.startswith(b"Subject: acknowledgement\r\n")
    assert "was sent to anna@example.org" in postdesk("outbox", "show", 1).out
    assert postdesk("outbox", "show", 77).code == 1
    assert len(postdesk("outbox", "list", "--state", "failed").out.splitlines()) == 2


def test_outbox_retry_and_drop_do_what_can_be_done(filled: Store, postdesk: Command) -> None:
    retried = postdesk("outbox", "retry", 2, 1, 77)
    dropped = postdesk("outbox", "drop", 3, 1)

    assert (retried.code, retried.out) == (1, "mail 2: queued\n")
    assert "mail 1 cannot be sent again: it was sent to anna@example.org" in retried.err
    assert "there is no mail 77 of ours" in retried.err
    assert (dropped.code, dropped.out) == (1, "mail 3: dropped\n")
    assert "mail 1 cannot be dropped" in dropped.err
    states = [row["state"] for row in postdesk("outbox", "list", "--json").lines]
    assert states == ["sent", "queued", "dropped", "dropped"]


def test_lists_are_whole_however_long(store: Store, postdesk: Command) -> None:
    many(store, 1203)

    rows = postdesk("inbox", "list", "--json").lines

    assert [row["id"] for row in rows] == list(range(1, 1204))
