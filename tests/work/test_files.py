"""Files of mails: which count, which are marked, and which go to the requester with an answer."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from daemon.mail.attachments import open_attachment
from daemon.mail.parse import parse
from daemon.store.tables import messages, outbox, tickets
from tests.servers.desk import mail
from tests.unit.mail.test_danger import GIF, PNG
from tests.work.conftest import Work
from workers.rereading import reread

PDF = b"%PDF-1.7 " + b"x" * 2000


def with_files(made: EmailMessage, *files: tuple[str, bytes]) -> bytes:
    """A mail with files."""
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(made)


def with_picture(made: EmailMessage, picture: bytes) -> bytes:
    """A mail that shows a picture in its text."""
    made.add_alternative('<p>Hello</p><img src="cid:1">', subtype="html")
    body = made.get_payload()[1]  # type: ignore[index]
    body.add_related(picture, "image", "png", cid="<1>", disposition="inline", filename="i.png")  # type: ignore[union-attr]
    return bytes(made)


def kept(work: Work) -> list[list[dict[str, Any]]]:
    """The files of every message."""
    return [row.attachments for row in work.rows(messages)]


def test_dangerous_files_are_marked_with_the_reason(work: Work) -> None:
    made = mail("carol@acme.test", "Files", "See there.")
    work.arrive(with_files(made, ("bill.pdf", PDF), ("bill.pdf.exe", b"MZ"), ("a.txt", b"#!/x")))
    work.take_in()

    [files] = kept(work)
    assert [each.get("danger") for each in files] == [
        None,
        "its name ends in .exe",
        "it is a script",
    ]


def test_the_same_file_twice_in_a_mail_is_one(work: Work) -> None:
    made = mail("carol@acme.test", "Files", "See there.")
    work.arrive(with_files(made, ("a.pdf", PDF), ("a.pdf", PDF), ("b.pdf", PDF)))
    work.take_in()

    assert [[each["filename"] for each in files] for files in kept(work)] == [["a.pdf", "b.pdf"]]


def test_picture_that_comes_with_every_mail_is_no_file(work: Work) -> None:
    for number in range(3):
        made = mail("carol@acme.test", f"Word {number}", f"It is {'x' * number}.")
        work.arrive(with_picture(made, PNG))
        work.take_in()
    work.arrive(with_picture(mail("dan@acme.test", "Mine", "I show it, too."), PNG))
    work.arrive(with_picture(mail("dan@acme.test", "Logo", "A small one."), GIF))
    work.take_in()

    found = [[bool(each.get("decoration")) for each in files] for files in kept(work)]
    assert found == [[False], [True], [True], [False], [True]]


def test_files_are_decoded_from_the_mail_as_it_came(work: Work) -> None:
    raw = with_files(mail("carol@acme.test", "Files", "See there."), ("bill.pdf", PDF))
    work.arrive(raw)
    work.take_in()

    [[file]] = kept(work)
    assert open_attachment(raw, file["part"]) == PDF
    assert file["sniffed"] == "application/pdf"


def answered(work: Work, *files: tuple[str, bytes], text: str = "Here it is.") -> EmailMessage:
    """What the requester gets when Ann answers with files."""
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()
    [told] = [row for row in work.rows(outbox) if row.recipient == "ann@desk.test"]
    notice = message_from_bytes(told.raw, policy=policy.default)
    answer = mail(
        "ann@desk.test", f"Re: {notice['Subject']}", text, In_Reply_To=notice["Message-ID"]
    )
    to = str(notice["Reply-To"].addresses[0].addr_spec)
    work.arrive(with_files(answer, *files), sender="ann@desk.test", recipients=(to,))
    work.take_in()
    [sent] = [row for row in work.rows(outbox) if row.kind in {"public_reply", "resolution"}]
    made = message_from_bytes(sent.raw, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


def test_agents_files_go_to_the_requester_byte_for_byte(work: Work) -> None:
    data = bytes(range(256)) * 40
    got = answered(work, ("설명서 1.pdf", PDF), ("data.bin", data))

    files = list(got.iter_attachments())
    assert [(file.get_filename(), file.get_content()) for file in files] == [
        ("설명서 1.pdf", PDF),
        ("data.bin", data),
    ]
    assert files[0].get_content_type() == "application/pdf"
    assert "Here it is." in got.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert got.get_content_type() == "multipart/mixed"


def test_dangerous_and_large_files_stay_here_and_it_is_said(work: Work) -> None:
    settings = work.desk.ctx.settings
    room = settings.attachments.model_copy(update={"send_bytes": 3000})
    work.configure(attachments=room)
    got = answered(work, ("run.exe", b"MZ"), ("a.pdf", PDF), ("b.pdf", PDF + b"y"))

    text = got.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [file.get_filename() for file in got.iter_attachments()] == ["a.pdf"]
    assert "Attachment removed, ask us for it: run.exe, b.pdf" in text


def test_files_of_a_mail_that_was_put_right_go_along(work: Work) -> None:
    work.arrive(bytes(mail("carol@acme.test", "Chair", "Broken.")))
    work.take_in()
    told = work.notices("ann@desk.test")[0]
    wrong = told.answer("/resovle\nHere it is.", From="ann@desk.test")
    put_right = told.answer("/ok\n/resolve\n", From="ann@desk.test")
    for raw in (with_files(wrong, ("a.pdf", PDF)), with_files(put_right, ("b.pdf", PDF + b"y"))):
        work.arrive(raw, sender="ann@desk.test", recipients=(told.reply_to,))
        work.take_in()

    [sent] = [row for row in work.rows(outbox) if row.kind == "resolution"]
    got = message_from_bytes(sent.raw, policy=policy.default)
    assert isinstance(got, EmailMessage)
    files = {each.get_filename(): each.get_content() for each in got.iter_attachments()}
    assert files == {"b.pdf": PDF + b"y", "a.pdf": PDF}
    assert "Here it is." in got.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_requesters_files_are_sent_on_to_nobody(work: Work) -> None:
    work.arrive(with_files(mail("carol@acme.test", "Files", "See there."), ("bill.pdf", PDF)))
    work.take_in()

    assert all(b"bill.pdf" not in row.raw and b"multipart/mixed" not in row.raw
               for row in work.rows(outbox))  # fmt: skip


def test_reading_again_brings_a_message_up_to_date_and_doubles_nothing(work: Work) -> None:
    raw = with_files(mail("carol@acme.test", "Files", "See there."), ("bill.pdf", PDF))
    row_id = work.arrive(raw)
    work.take_in()
    older = {"text": "", "reply": "", "attachments": []}
    with work.store.begin() as tx:
        tx.execute(messages.update().values(older))
    before = (len(work.rows(tickets)), len(work.rows(outbox)))

    settings = work.desk.ctx.settings
    assert reread(work.store, settings, row_id, parse(raw)) is True
    assert reread(work.store, settings, row_id, parse(raw)) is False

    [row] = work.rows(messages)
    assert (row.text.strip(), row.reply) == ("See there.", "See there.")
    assert [each["filename"] for each in row.attachments] == ["bill.pdf"]
    assert (len(work.rows(tickets)), len(work.rows(outbox))) == before
