"""A small post office: mail for a desk is carried to it, other addresses may be robots."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from tests.servers import sink as sinks
from tests.servers.sink import Received, Sink

#: Answers to one mail: (sender, recipient, raw).
Robot = Callable[[Received], list[tuple[str, str, bytes]]]


class PostOffice:
    """Takes what desks send, carries it to where it is for, and lets robots answer."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        #: The port of the desk at an address.
        self.desks: dict[str, int] = {}
        #: What happens at an address.
        self.robots: dict[str, Robot] = {}
        #: Done to every mail between desks: its sender and its bytes.
        self.carry: Callable[[Received], tuple[str, bytes]] = lambda mail: (mail.sender, mail.raw)
        self._queue: SimpleQueue[Received] = SimpleQueue()
        self._stop = threading.Event()
        sink.keep = self._take  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._run, name="post office")
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _take(self, mail: Received) -> None:
        Sink.keep(self.sink, mail)
        self._queue.put(mail)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                mail = self._queue.get(timeout=0.1)
            except Empty:
                continue
            for recipient in mail.recipients:
                self._carry(mail, recipient)

    def _carry(self, mail: Received, recipient: str) -> None:
        if _desk_address(recipient) in self.desks:
            sender, raw = self.carry(mail)
            self.hand(sender, recipient, raw)
        for sender, to, raw in self.robots.get(recipient, lambda _: [])(mail):
            self.hand(sender, to, raw)

    def hand(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hand a mail to the desk that it is for."""
        port = self.desks[_desk_address(recipient)]
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            client.sendmail(sender, [recipient], raw)


def _desk_address(recipient: str) -> str:
    """The address without what our mails add to it."""
    local, _, domain = recipient.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


@contextmanager
def running() -> Iterator[PostOffice]:
    """A post office of one's own."""
    with sinks.running() as sink:
        office = PostOffice(sink)
        try:
            yield office
        finally:
            office.close()
