"""What a worker and its parser say to each other: a kind, a length, and so many bytes."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from socket import MSG_WAITALL, socket
from typing import Any, Final

from daemon.mail.message import Automatic, Kind, Message

#: A mail to read.
MAIL: Final = b"R"
#: The mail as read.
MESSAGE: Final = b"M"
#: Why it could not be.
ERROR: Final = b"E"

_HEAD: Final = struct.Struct(">cQ")
_TIMES: Final = {"datetime", "timedelta", "timezone"}


def send(channel: socket, kind: bytes, payload: bytes) -> None:
    """Say something. Raises OSError when nobody is there."""
    channel.sendall(_HEAD.pack(kind, len(payload)))
    channel.sendall(payload)


def receive(channel: socket, most: int) -> tuple[bytes, bytes]:
    """Hear something. Raises EOFError when the other side is gone or says more than ``most``."""
    kind, size = _HEAD.unpack(_exactly(channel, _HEAD.size))
    if size > most:
        raise EOFError(f"a frame of {size} bytes")
    return kind, _exactly(channel, size)


def _exactly(channel: socket, size: int) -> bytes:
    """One piece where the whole is waited for: a mail is not in memory twice."""
    pieces = []
    while size:
        piece = channel.recv(size, MSG_WAITALL)
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def pack(message: Message) -> bytes:
    """A message as bytes; exact, also where its text has characters that UTF-8 has not."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _TERMS
    pickler.dump(message)
    return out.getvalue()


def _by_value(term: Enum) -> tuple[type[Enum], tuple[Any, ...]]:
    """A term as its class called with its value: some Pythons (3.11.2) would call ``getattr``."""
    return type(term), (term.value,)


_TERMS: Final[Mapping[type, Callable[[Any], tuple[type[Enum], tuple[Any, ...]]]]] = {
    Automatic: _by_value,
    Kind: _by_value,
}


def unpack(payload: bytes) -> Message:
    """The message of these bytes. Raises pickle.UnpicklingError for anything but values."""
    message = _Values(io.BytesIO(payload)).load()
    if not isinstance(message, Message):
        raise pickle.UnpicklingError("no message")
    return message


class _Values(pickle.Unpickler):
    """Makes the frozen values of ``daemon.mail`` and instants, and calls nothing else.

    A mail that found a hole in a parser has that process, and must not get this one by its answer.
    """

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in _TIMES:
            return super().find_class(module, name)
        if module.startswith("daemon.mail."):
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of a mail")
