"""What a mail says about where it belongs, strongest first (mail.md, principle 4). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.arrival import Envelope
from daemon.mail.address import Keys, Token, extension_of, token_of_message_id, verify
from daemon.mail.message import Message

_NUMBER: Final = re.compile(r"(?<![\w&#])#([1-9][0-9]{0,17})(?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The grounds for placing a mail. Only the tokens are signed; the rest is hearsay."""

    #: Of the addresses that it was sent to: the envelope's first, then To and Cc.
    tokens: tuple[Token, ...] = ()
    #: Messages of ours that it answers, nearest first, with what their signatures say.
    own_ids: tuple[tuple[str, Token], ...] = ()
    #: Messages of others that it answers, nearest first.
    foreign_ids: tuple[str, ...] = ()
    #: Outlook's name for the conversation; empty when it has none.
    conversation: str = ""
    #: Ticket numbers named in the subject: a hint without rights.
    subject_numbers: tuple[int, ...] = ()


def evidence(
    message: Message, envelope: Envelope, desk_addresses: Sequence[str], keys: Keys
) -> Evidence:
    """Collect what the addresses, the references and the subject say."""
    named = (address.address for address in (*message.to, *message.cc))
    nearest = (message.in_reply_to, *reversed(message.references))
    ids = tuple(dict.fromkeys(name for name in nearest if name))
    signed = {name: token_of_message_id(keys, name) for name in ids}
    return Evidence(
        tokens=_tokens((*envelope.recipients, *named), desk_addresses, keys),
        own_ids=tuple((name, token) for name, token in signed.items() if token),
        foreign_ids=tuple(name for name, token in signed.items() if not token),
        conversation=message.thread_index,
        subject_numbers=subject_numbers(message.subject),
    )


def subject_numbers(subject: str) -> tuple[int, ...]:
    """The ticket numbers that a subject names, as ``[#123]`` or ``#123``."""
    return tuple(dict.fromkeys(int(number) for number in _NUMBER.findall(subject)))


def _tokens(addresses: Sequence[str], ours: Sequence[str], keys: Keys) -> tuple[Token, ...]:
    extensions = (extension_of(ours, address) for address in addresses)
    found = (verify(keys, extension) for extension in extensions if extension)
    return tuple(dict.fromkeys(token for token in found if token))
