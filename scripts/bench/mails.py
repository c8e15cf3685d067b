"""Mails of the size of ordinary mails, each from a sender of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LINES = (
    "Good morning, the printer on our floor has been out of order since yesterday.",
    "It takes the job, blinks for a while and then says that the tray is empty.",
    "We have filled it twice, taken it off the mains and tried another cable.",
    "Could somebody have a look at it before the meeting at eleven? Thank you very much.",
    "",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail with its envelope."""

    sender: str
    message_id: str
    raw: bytes


def mail(
    run: str, number: int, *, size: int = 3000, answers: Sequence[str] = (), sender: str = ""
) -> Mail:
    """The mail of that number; ``answers`` are the Message-IDs of its thread, the parent last."""
    sender = sender or f"user-{run}-{number}@client.test"
    message_id = f"{run}-{number}@client.test"
    thread = ""
    if answers:
        references = " ".join(f"<{each}>" for each in dict.fromkeys(answers))
        thread = f"In-Reply-To: <{answers[-1]}>\r\nReferences: {references}\r\n"
    head = (
        f"Message-ID: <{message_id}>\r\nDate: Mon, 06 May 2024 08:00:00 +0000\r\n"
        f"From: User {number} <{sender}>\r\nTo: help@desk.test\r\n"
        f"Subject: Out of paper in room {number}\r\n{thread}MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"Room {number}, {run}.\r\n"
    )
    block = "\r\n".join(_LINES) + "\r\n"
    body = (block * (size // len(block) + 1))[: max(0, size - len(head) - 2)].rstrip()
    return Mail(sender=sender, message_id=message_id, raw=f"{head}{body}\r\n".encode())
