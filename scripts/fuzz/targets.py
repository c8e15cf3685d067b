"""What is fuzzed, and what must be true of it whatever the bytes are.

The first byte of an input chooses the target, so that one corpus serves them all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from daemon.arrival import Envelope
from daemon.mail import mailbox
from daemon.mail.address import Purpose, Token, extension_of, sign, token_of_message_id, verify
from daemon.mail.attachments import open_attachment
from daemon.mail.head import peek
from daemon.mail.message import Message
from daemon.mail.parse import parse
from daemon.mail.reply import newly_written
from daemon.mail.skim import skim
from daemon.mail.thread import evidence

ADDRESSES: Final = ("help@desk.test", "it@desk.test")
KEYS: Final = (b"k" * 32,)
_TOKEN: Final = Token(Purpose.REPLY, 48213, 32)
_REPORT: Final = (
    b"From: MAILER-DAEMON@mx.test\r\nTo: help@desk.test\r\nSubject: Undelivered\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n%s\r\n--b--\r\n"
)
_ADDRESSED: Final = b"From: %s\r\nTo: %s\r\nReply-To: %s\r\n\r\nHello.\r\n"


def check(data: bytes) -> None:
    """Try an input; AssertionError where a promise is broken, anything else where code is."""
    if data:
        names = tuple(TARGETS)
        TARGETS[names[data[0] % len(names)]](data[1:])


def a_mail(data: bytes) -> None:
    """Reading is total, repeatable, and what it lists can be opened."""
    message = parse(data)
    assert message == parse(data)
    peek(data)
    skim(data)
    for attachment in message.attachments[:20]:
        assert len(open_attachment(data, attachment.part)) == attachment.size
        assert _is_plain(attachment.filename), ascii(attachment)
    _check_lines(message)
    evidence(message, Envelope(sender="", recipients=ADDRESSES), ADDRESSES, KEYS)


def _check_lines(message: Message) -> None:
    for line in (message.subject, message.message_id, message.in_reply_to, *message.references):
        assert _is_one_line(line), ascii(line)
    people = (message.from_, message.sender, *message.to, *message.cc, *message.reply_to)
    for person in people:
        if person:
            assert _is_one_line(person.address), ascii(person)
            assert _is_plain(person.name), ascii(person)
    assert "\0" not in message.text
    assert bool(message.reply.strip()) == bool(message.text.strip())


def a_reply(data: bytes) -> None:
    """What is newly written is found once; found again in itself it is the same."""
    text = data.decode("utf-8", "replace")
    found = newly_written(text)
    assert newly_written(found) == found
    assert bool(found) or not text.strip()


def a_bounce(data: bytes) -> None:
    """Whatever a report says of its recipients, it is read."""
    message = parse(_REPORT % data)
    for recipient in message.bounce.recipients if message.bounce else ():
        assert _is_one_line(recipient.address), ascii(recipient)


def an_address(data: bytes) -> None:
    """A strict address is exactly one mailbox, and no reader sees another in it."""
    value = data.decode("utf-8", "replace")
    found = mailbox.addresses(value)
    if mailbox.is_strict(value):
        assert len(found) == 1
        assert found[0].address.lower() in value.lower()
    for one in found:
        extension_of(ADDRESSES, one.address)
    a_mail(_ADDRESSED % (data, data, data))


def a_token(data: bytes) -> None:
    """Nothing but what we signed is a token; our Message-IDs are read back."""
    text = data.decode("utf-8", "replace")
    signed = sign(KEYS, _TOKEN)
    for forged in (text, signed + text, text + signed, signed[: len(text) % 40] + text):
        token = verify(KEYS, forged)
        assert token is None or sign(KEYS, token) == forged.lower()
    token = token_of_message_id(KEYS, text)
    assert token is None or sign(KEYS, token) in text.lower()


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "mail": a_mail,
    "reply": a_reply,
    "bounce": a_bounce,
    "address": an_address,
    "token": a_token,
}


def _is_one_line(value: str) -> bool:
    return not any(
        character < " " or unicodedata.category(character) in {"Cc", "Zl", "Zp"}
        for character in value
    )


def _is_plain(value: str) -> bool:
    return _is_one_line(value) and not any(
        unicodedata.bidirectional(character) in _BIDI for character in value
    )


_BIDI: Final = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
