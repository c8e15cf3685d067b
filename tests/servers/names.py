"""A real DNS server on loopback: answers TXT questions from a table, by UDP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

#: A TXT record is made of strings of at most so many bytes (RFC 1035 §3.3.14).
_STRING = 255


class Names:
    """Texts by name; both may change at any time."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.asked: list[str] = []
        #: True: answers SERVFAIL to every question.
        self.is_failing = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))

    @property
    def address(self) -> str:
        """As a setting names it."""
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def serve(self) -> None:
        """Answer until the socket is closed."""
        while True:
            try:
                data, client = self.socket.recvfrom(4096)
            except OSError:
                return
            if not data:
                return
            self.socket.sendto(self.answer(dns.message.from_wire(data)).to_wire(), client)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """What the server says to a question."""
        [question] = query.question
        name = question.name.to_text().rstrip(".").lower()
        self.asked.append(name)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        text = self.texts.get(name)
        if self.is_failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif text is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            pieces = (text[at : at + _STRING] for at in range(0, len(text), _STRING))
            record = " ".join(f'"{piece}"' for piece in pieces)
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", record))
        return answer


@contextmanager
def running() -> Iterator[Names]:
    """A server, until the end of the block."""
    names = Names()
    thread = threading.Thread(target=names.serve, daemon=True)
    thread.start()
    try:
        yield names
    finally:
        # An empty datagram wakes the thread.
        names.socket.sendto(b"", names.socket.getsockname())
        thread.join(5)
        names.socket.close()
